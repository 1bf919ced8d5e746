import { buffer } from "node:stream/consumers";
import { expect } from "vitest";
import { createHasher } from "../../lib/hash/hasher.js";
import type { RemoteEntry, RemoteFile, RemoteFolder } from "../../lib/model/entry.js";
import { algorithmsOf, type ContentHash } from "../../lib/model/hash.js";
import { toSyncPath } from "../../lib/model/path.js";
import type { SyncPath } from "../../lib/model/path.js";
import type { Provider } from "../../providers/provider.js";
import { uploadOf } from "../support/builders.js";
import type { UploadParts } from "../support/builders.js";
import { namesOf, pagesOf } from "./support/listings.js";
import { codesOf } from "./support/outcomes.js";
import { signal } from "./support/signal.js";

/** What one test of the contract works on: an empty remote folder of its own. */
export interface Bed {
  readonly provider: Provider;
  /** The same remote folder as another machine of the same account has it. Closed together with the bed. */
  readonly openAnother: () => Promise<Provider>;
  /** Contents of what the trash or the version history could bring back for the path. Not asked where there is none. */
  readonly trashed: (path: SyncPath) => Promise<readonly string[]>;
  readonly close: () => Promise<void>;
}

export async function put(
  provider: Provider,
  path: string,
  content: string | Buffer,
  parts?: UploadParts,
): Promise<RemoteFile> {
  return (await provider.upload(uploadOf(path, content, parts), signal)).entry;
}

export async function pull(provider: Provider, file: RemoteFile, start = 0): Promise<Buffer> {
  return buffer(await provider.download(file, start, signal));
}

export async function pullText(provider: Provider, file: RemoteFile): Promise<string> {
  return (await pull(provider, file)).toString();
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

/** Expects the hash in the provider's algorithm, and maybe in others besides, all of them right. */
export function expectHashOf(provider: Provider, content: string | Buffer, hash: ContentHash | undefined): void {
  const own = provider.capabilities.hash;
  const [first = own, ...others] = algorithmsOf(hash);
  expect([first, ...others]).toContain(own);
  const hasher = createHasher(first, ...others);
  hasher.update(Buffer.from(content));
  expect(hash).toBe(hasher.digest());
}

export async function createFolders(provider: Provider, ...paths: readonly string[]): Promise<void> {
  const attempts = await provider.createFolders(paths.map(toSyncPath), signal);
  expect(codesOf(attempts)).toEqual(paths.map(() => "ok"));
}
