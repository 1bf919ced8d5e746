import { buffer } from "node:stream/consumers";
import { expect } from "vitest";
import { createHasher } from "../../lib/hash/hasher.js";
import type { RemoteEntry, RemoteFile, RemoteFolder } from "../../lib/model/entry.js";
import { ProviderError } from "../../lib/model/errors.js";
import type { ContentHash } from "../../lib/model/hash.js";
import { toSyncPath } from "../../lib/model/path.js";
import type { SyncPath } from "../../lib/model/path.js";
import type { Attempt, ListingPage, Provider } from "../../providers/provider.js";
import { uploadOf } from "../support/builders.js";
import type { UploadParts } from "../support/builders.js";

/** What one test of the contract works on: an empty remote folder of its own. */
export interface Bed {
  readonly provider: Provider;
  /** The same remote folder as another machine of the same account has it. Closed together with the bed. */
  readonly openAnother: () => Promise<Provider>;
  /** Contents of what the trash or the version history could bring back for the path. Not asked where there is none. */
  readonly trashed: (path: SyncPath) => Promise<readonly string[]>;
  readonly close: () => Promise<void>;
}

export const calm = new AbortController().signal;

export async function put(
  provider: Provider,
  path: string,
  content: string | Buffer,
  parts?: UploadParts,
): Promise<RemoteFile> {
  return (await provider.upload(uploadOf(path, content, parts), calm)).entry;
}

export async function pull(provider: Provider, file: RemoteFile, start = 0): Promise<Buffer> {
  return buffer(await provider.download(file, start, calm));
}

export async function pullText(provider: Provider, file: RemoteFile): Promise<string> {
  return (await pull(provider, file)).toString();
}

export async function pagesOf(provider: Provider, cursor?: string): Promise<readonly ListingPage[]> {
  const pages: ListingPage[] = [];
  for await (const page of provider.list(cursor, calm)) pages.push(page);
  return pages;
}

/** Everything a full listing shows, by path. A path that is listed twice fails the test. */
export async function listed(provider: Provider): Promise<ReadonlyMap<string, RemoteEntry>> {
  const entries = new Map<string, RemoteEntry>();
  for (const page of await pagesOf(provider)) {
    expect(page.scope).toBe("full");
    for (const change of page.changes) {
      if (change.kind !== "entry")
        throw new Error(`a full listing of a healthy folder holds only entries, not ${change.kind}`);
      expect(entries.has(change.entry.path)).toBe(false);
      entries.set(change.entry.path, change.entry);
    }
  }
  return entries;
}

/** Sorted paths of all that is listed; folders end in "/". */
export async function listedPaths(provider: Provider): Promise<readonly string[]> {
  return namesOf((await listed(provider)).values());
}

export function namesOf(entries: Iterable<RemoteEntry>): readonly string[] {
  return Array.from(entries, (entry) => (entry.kind === "folder" ? `${entry.path}/` : entry.path)).sort();
}

export async function listedFile(provider: Provider, path: string): Promise<RemoteFile> {
  const entry = (await listed(provider)).get(path);
  if (entry?.kind !== "file") throw new Error(`${path} is not listed as a file`);
  return entry;
}

export async function listedFolder(provider: Provider, path: string): Promise<RemoteFolder> {
  const entry = (await listed(provider)).get(path);
  if (entry?.kind !== "folder") throw new Error(`${path} is not listed as a folder`);
  return entry;
}

/** Files with their contents, as a full listing and downloads show them. */
export async function contents(provider: Provider): Promise<Readonly<Record<string, string>>> {
  const files: Record<string, string> = {};
  for (const entry of (await listed(provider)).values()) {
    if (entry.kind === "file") files[entry.path] = await pullText(provider, entry);
  }
  return files;
}

export function hashWith(provider: Provider, content: string | Buffer): ContentHash {
  const hasher = createHasher(provider.capabilities.hash);
  hasher.update(Buffer.from(content));
  return hasher.digest();
}

/** The code of the `ProviderError` that the work rejects with. */
export async function codeOf(work: Promise<unknown>): Promise<string> {
  try {
    await work;
  } catch (error) {
    if (error instanceof ProviderError) return error.code;
    throw error;
  }
  return "no error";
}

/** "ok" or the error's code, one per attempt. */
export function codesOf(attempts: readonly Attempt<unknown>[]): readonly string[] {
  return attempts.map((attempt) => (attempt.ok ? "ok" : attempt.error.code));
}

export function valueOf<T>(attempts: readonly Attempt<T>[]): T {
  const [attempt] = attempts;
  if (attempt === undefined) throw new Error("no attempt");
  if (!attempt.ok) throw attempt.error;
  return attempt.value;
}

export async function createFolders(provider: Provider, ...paths: readonly string[]): Promise<void> {
  const attempts = await provider.createFolders(paths.map(toSyncPath), calm);
  expect(codesOf(attempts)).toEqual(paths.map(() => "ok"));
}
