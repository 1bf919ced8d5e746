import { Readable } from "node:stream";
import { afterEach, beforeEach } from "vitest";
import { createHttpClient } from "../../../lib/http/client.js";
import type { Sleep } from "../../../lib/http/sleep.js";
import { nodeFileSystem } from "../../../lib/local/file-system.js";
import { LocalError, ProviderError } from "../../../lib/model/errors.js";
import type { RemoteEntry, RemoteFile, RemoteFolder } from "../../../lib/model/entry.js";
import { toSyncPath } from "../../../lib/model/path.js";
import type { ProviderContext, SecretStore } from "../../../providers/context.js";
import { openDropbox } from "../../../providers/dropbox/dropbox.js";
import type {
  Attempt,
  ListingPage,
  Provider,
  RemoteChange,
  Upload,
  UploadContent,
} from "../../../providers/provider.js";
import {
  startDropboxEmulator,
  type DropboxEmulator,
  type DropboxEmulatorOptions,
} from "../../emulators/dropbox/emulator.js";

export const signal = new AbortController().signal;

/** An emulator for each test of a file. */
export function useEmulator(options: DropboxEmulatorOptions = {}): () => DropboxEmulator {
  let emulator: DropboxEmulator | undefined;
  beforeEach(async () => {
    emulator = await startDropboxEmulator({ jobRunsAfterMs: 20, ...options });
  });
  afterEach(async () => {
    await emulator?.close();
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
  /** Added to the addresses; by default an access token that is good. */
  readonly settings?: Readonly<Record<string, string>>;
  readonly mayWrite?: boolean;
}

/** Waiting costs next to no time: both clocks, the client's and the service's, are set forward instead. */
function virtualSleep(emulator: DropboxEmulator): { readonly sleep: Sleep; readonly now: () => number } {
  let aheadMs = 0;
  const sleep: Sleep = async (ms, aborted) => {
    aborted.throwIfAborted();
    aheadMs += ms;
    emulator.advanceClock(ms);
    await new Promise((resolve) => setTimeout(resolve, Math.min(ms, 10)));
    aborted.throwIfAborted();
  };
  return { sleep, now: () => Date.now() + aheadMs };
}

export function contextFor(emulator: DropboxEmulator, options: TestContext = {}): ProviderContext & { sleep: Sleep } {
  const { sleep, now } = virtualSleep(emulator);
  const settings: Record<string, string> = {
    DROPBOX_API_URL: emulator.apiUrl,
    DROPBOX_CONTENT_URL: emulator.contentUrl,
    DROPBOX_AUTH_URL: emulator.authUrl,
    ...(options.settings ?? { DROPBOX_ACCESS_TOKEN: emulator.tokens.issue().accessToken }),
  };
  return {
    target: options.target ?? "/Docs",
    settings: { get: (name) => Promise.resolve(settings[name]) },
    memory: options.memory ?? createMemory(),
    known: { find: () => undefined },
    secrets: options.secrets ?? createSecrets(),
    createHttp: ({ scheme, tokens }) => createHttpClient({ scheme, tokens, userAgent: "trisync/test", sleep, now }),
    files: nodeFileSystem,
    now,
    runId: "20260301T093000Z-test",
    trashDays: 30,
    times: "keep",
    mayWrite: options.mayWrite ?? true,
    sleep,
  };
}

export async function openProvider(emulator: DropboxEmulator, options: TestContext = {}): Promise<Provider> {
  const context = contextFor(emulator, options);
  return await openDropbox(context, context.sleep);
}

export interface Listed {
  readonly pages: readonly ListingPage[];
  readonly changes: readonly RemoteChange[];
  readonly entries: readonly RemoteEntry[];
  readonly cursor: string | undefined;
}

export async function listAll(provider: Provider, cursor?: string): Promise<Listed> {
  const pages: ListingPage[] = [];
  for await (const page of provider.list(cursor, signal)) pages.push(page);
  const changes = pages.flatMap((page) => page.changes);
  const entries = changes.flatMap((change) => (change.kind === "entry" ? [change.entry] : []));
  return { pages, changes, entries, cursor: pages.at(-1)?.cursor };
}

export function contentOf(bytes: Buffer | string): UploadContent {
  const all = Buffer.from(bytes);
  return {
    sizeBytes: all.length,
    open: (start, end) => Readable.from([all.subarray(start, end)]),
    read: (start, end) => Promise.resolve(all.subarray(start, end)),
  };
}

/** Content that was changed after it was looked at. */
export function changedContent(sizeBytes: number): UploadContent {
  const fail = (): never => {
    throw new LocalError("changed", "the file was changed while it was read");
  };
  return { sizeBytes, open: fail, read: async () => fail() };
}

export function uploadOf(path: string, content: Buffer | string | UploadContent, replaces?: RemoteFile): Upload {
  return {
    path: toSyncPath(path),
    content: typeof content === "string" || Buffer.isBuffer(content) ? contentOf(content) : content,
    modifiedMs: Date.UTC(2026, 2, 1, 9, 30, 0, 123),
    replaces,
    resumeKey: `key of ${path}`,
  };
}

/** Bytes that differ everywhere and are the same every time. */
export function bytesOf(sizeBytes: number, seed = 1): Buffer {
  const bytes = Buffer.alloc(sizeBytes);
  let state = seed;
  for (let at = 0; at < sizeBytes; at++) {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    bytes[at] = state >>> 16;
  }
  return bytes;
}

export async function fileAt(provider: Provider, path: string): Promise<RemoteFile> {
  const entry = await provider.stat(toSyncPath(path), signal);
  if (entry?.kind !== "file") throw new Error(`no file at ${path}`);
  return entry;
}

export async function folderAt(provider: Provider, path: string): Promise<RemoteFolder> {
  const entry = await provider.stat(toSyncPath(path), signal);
  if (entry?.kind !== "folder") throw new Error(`no folder at ${path}`);
  return entry;
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

export async function readAll(stream: Readable): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(Buffer.from(chunk as Buffer));
  return Buffer.concat(chunks);
}
