import { afterEach, beforeEach, expect } from "vitest";
import { createHttpClient } from "../../../lib/http/client.js";
import type { Sleep } from "../../../lib/http/sleep.js";
import { nodeFileSystem } from "../../../lib/local/file-system.js";
import type { RemoteEntry, RemoteFile } from "../../../lib/model/entry.js";
import { ProviderError } from "../../../lib/model/errors.js";
import type { ProviderContext, SecretStore } from "../../../providers/context.js";
import { openGooglePhotos } from "../../../providers/gphotos/gphotos.js";
import type { Attempt, Provider, RemoteChange, Upload } from "../../../providers/provider.js";
import {
  startGooglePhotosEmulator,
  type GooglePhotosEmulator,
  type GooglePhotosEmulatorOptions,
} from "../../emulators/gphotos/emulator.js";
import { sampleJpeg } from "../../emulators/gphotos/samples.js";
import { uploadOf, type UploadParts } from "../../support/builders.js";

export const signal = new AbortController().signal;

/** An emulator for each test of a file; one whose client misused the service fails the test. */
export function useEmulator(options: GooglePhotosEmulatorOptions = {}): () => GooglePhotosEmulator {
  let emulator: GooglePhotosEmulator | undefined;
  beforeEach(async () => {
    emulator = await startGooglePhotosEmulator({ quotaWaitMs: 0, ...options });
  });
  afterEach(async () => {
    const misuse = emulator?.misuse ?? [];
    await emulator?.close();
    expect(misuse).toEqual([]);
  });
  return () => emulator!;
}

export type Memory = ProviderContext["memory"];

export function createMemory(): Memory & { readonly values: Map<string, string> } {
  const values = new Map<string, string>();
  return {
    values,
    get: (name) => values.get(name),
    set: (name, value) => {
      if (value === undefined) values.delete(name);
      else values.set(name, value);
    },
    entries: (prefix) => [...values].filter(([name]) => name.startsWith(prefix)),
  };
}

export function createSecrets(stored: Readonly<Record<string, string>> = {}): SecretStore {
  let values = stored;
  return {
    read: () => Promise.resolve(values),
    update: async (change) => (values = (await change(values)) ?? {}),
  };
}

export interface TestContext {
  readonly target?: string;
  readonly memory?: Memory;
  readonly secrets?: SecretStore;
  /** Added to the addresses and the client; by default a refresh token that is good. */
  readonly settings?: Readonly<Record<string, string>>;
  readonly albums?: "flat" | "nested";
  /** How far its clock is ahead of the real one. */
  readonly aheadMs?: number;
  /** Told of every wait. */
  readonly waits?: number[];
}

/** Waiting costs next to no time: both clocks, the client's and the service's, are set forward instead. */
export function contextFor(
  emulator: GooglePhotosEmulator,
  options: TestContext = {},
): ProviderContext & { readonly sleep: Sleep } {
  let aheadMs = options.aheadMs ?? 0;
  const sleep: Sleep = async (ms, aborted) => {
    aborted.throwIfAborted();
    options.waits?.push(ms);
    aheadMs += ms;
    emulator.advanceClock(ms);
    await new Promise((resolve) => setTimeout(resolve, Math.min(ms, 5)));
    aborted.throwIfAborted();
  };
  const now = (): number => Date.now() + aheadMs;
  const settings: Record<string, string> = {
    ...emulator.env,
    ...(options.settings ?? { GOOGLE_REFRESH_TOKEN: emulator.tokens.issue().refreshToken }),
  };
  return {
    target: options.target ?? "",
    settings: { get: (name) => Promise.resolve(settings[name] === "" ? undefined : settings[name]) },
    memory: options.memory ?? createMemory(),
    known: { find: () => undefined },
    secrets: options.secrets ?? createSecrets(),
    createHttp: (http) => createHttpClient({ ...http, userAgent: "trisync/test", sleep, now }),
    files: nodeFileSystem,
    now,
    runId: "20260301T093000Z-test",
    trashDays: 30,
    times: "keep",
    albums: options.albums ?? "flat",
    mayWrite: true,
    sleep,
  };
}

export async function openProvider(emulator: GooglePhotosEmulator, options: TestContext = {}): Promise<Provider> {
  const context = contextFor(emulator, options);
  return await openGooglePhotos(context, context.sleep);
}

export interface Listed {
  readonly changes: readonly RemoteChange[];
  readonly entries: readonly RemoteEntry[];
  /** Sorted; folders end in "/". */
  readonly names: readonly string[];
  readonly scope: "full" | "changes" | undefined;
  readonly cursor: string | undefined;
}

export async function listAll(provider: Provider, from?: string): Promise<Listed> {
  const changes: RemoteChange[] = [];
  let scope: Listed["scope"];
  let cursor: string | undefined;
  for await (const page of provider.list(from, signal)) {
    changes.push(...page.changes);
    ({ scope, cursor } = page);
  }
  const entries = changes.flatMap((change) => (change.kind === "entry" ? [change.entry] : []));
  const names = entries.map((entry) => (entry.kind === "folder" ? `${entry.path}/` : entry.path)).sort();
  return { changes, entries, names, scope, cursor };
}

/** Different for each name. */
export function photo(name: string, paddingBytes = 0): Buffer {
  return sampleJpeg(name, { paddingBytes });
}

export function photoUpload(path: string, content = photo(path), parts: UploadParts = {}): Upload {
  return { ...uploadOf(path, content, parts), resumeKey: `key of ${path}` };
}

export async function put(
  provider: Provider,
  path: string,
  content?: Buffer,
  parts?: UploadParts,
): Promise<RemoteFile> {
  return (await provider.upload(photoUpload(path, content, parts), signal)).entry;
}

/** Many small photos in a few albums. */
export function photoUploads(count: number, albums = 1): readonly Upload[] {
  const perAlbum = Math.ceil(count / albums);
  return Array.from({ length: count }, (_, i) => photoUpload(`album ${Math.floor(i / perAlbum)}/photo ${i}.jpg`));
}

/** What became of each: "ok", or the code of the error. */
export function codesOf(attempts: readonly Attempt<unknown>[]): readonly string[] {
  return attempts.map((attempt) => (attempt.ok ? "ok" : attempt.error.code));
}

export async function errorOf(work: Promise<unknown>): Promise<ProviderError> {
  const outcome = await work.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (!(outcome instanceof ProviderError)) throw new Error(`expected a ProviderError, got ${String(outcome)}`);
  return outcome;
}

/** File names by album, in its order. */
export function albumsOf(emulator: GooglePhotosEmulator): Readonly<Record<string, readonly string[]>> {
  const albums = emulator.remote.albums();
  return Object.fromEntries(albums.map(({ title, items }) => [title, items.map(({ filename }) => filename)] as const));
}
