import { createHash } from "node:crypto";
import type { Readable } from "node:stream";
import { afterEach, beforeEach, expect } from "vitest";
import { createHttpClient } from "../../../lib/http/client.js";
import type { Sleep } from "../../../lib/http/sleep.js";
import { nodeFileSystem } from "../../../lib/local/file-system.js";
import type { Problem, RemoteEntry, RemoteFile, RemoteFolder } from "../../../lib/model/entry.js";
import { ProviderError } from "../../../lib/model/errors.js";
import { toSyncPath } from "../../../lib/model/path.js";
import type { ProviderContext, SecretStore } from "../../../providers/context.js";
import { openFlickr } from "../../../providers/flickr/flickr.js";
import type { Attempt, Provider } from "../../../providers/provider.js";
import {
  startFlickrEmulator,
  type FlickrEmulator,
  type FlickrEmulatorOptions,
} from "../../emulators/flickr/emulator.js";
import { sampleJpeg } from "../../emulators/gphotos/samples.js";
import { uploadOf, type UploadParts } from "../../support/builders.js";

export const signal = new AbortController().signal;

/** An emulator for each test of a file; one whose client misused the service fails the test. */
export function useEmulator(options: FlickrEmulatorOptions = {}): () => FlickrEmulator {
  let emulator: FlickrEmulator | undefined;
  beforeEach(async () => {
    emulator = await startFlickrEmulator(options);
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
  readonly memory?: Memory;
  readonly secrets?: SecretStore;
  /** Takes the place of the credentials; the addresses stay. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Added to all others. */
  readonly more?: Readonly<Record<string, string>>;
  readonly albums?: "flat" | "nested";
  readonly known?: ProviderContext["known"];
}

/** Waiting costs next to no time: both clocks, the client's and the service's, are set forward instead. */
function virtualSleep(emulator: FlickrEmulator): { readonly sleep: Sleep; readonly now: () => number } {
  const sleep: Sleep = async (ms, aborted) => {
    aborted.throwIfAborted();
    aheadMs.set(emulator, (aheadMs.get(emulator) ?? 0) + ms);
    emulator.advanceClock(ms);
    await new Promise((resolve) => setTimeout(resolve, 0));
    aborted.throwIfAborted();
  };
  return { sleep, now: () => Date.now() + (aheadMs.get(emulator) ?? 0) };
}

/** All clients of one emulator share its time. */
const aheadMs = new WeakMap<FlickrEmulator, number>();

/** How long the clients of the emulator have waited, in its time. */
export function waitedMs(emulator: FlickrEmulator): number {
  return aheadMs.get(emulator) ?? 0;
}

export function contextFor(emulator: FlickrEmulator, options: TestContext = {}): ProviderContext & { sleep: Sleep } {
  const { sleep, now } = virtualSleep(emulator);
  const { FLICKR_API_URL, FLICKR_UPLOAD_URL, FLICKR_AUTH_URL, ...credentials } = emulator.env;
  const settings: Record<string, string | undefined> = {
    ...{ FLICKR_API_URL, FLICKR_UPLOAD_URL, FLICKR_AUTH_URL },
    ...(options.settings ?? credentials),
    ...options.more,
  };
  return {
    target: "",
    settings: { get: (name) => Promise.resolve(settings[name]) },
    memory: options.memory ?? createMemory(),
    known: options.known ?? { find: () => undefined },
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

export async function openProvider(emulator: FlickrEmulator, options: TestContext = {}): Promise<Provider> {
  const context = contextFor(emulator, options);
  return await openFlickr(context, context.sleep);
}

export interface Listed {
  readonly entries: readonly RemoteEntry[];
  readonly problems: readonly Problem[];
  /** Sorted; folders end in "/". */
  readonly names: readonly string[];
}

export async function listAll(provider: Provider): Promise<Listed> {
  const entries: RemoteEntry[] = [];
  const problems: Problem[] = [];
  for await (const { changes } of provider.list(undefined, signal)) {
    for (const change of changes) {
      if (change.kind === "entry") entries.push(change.entry);
      else if (change.kind === "problem") problems.push(change.problem);
      else throw new Error(`a full listing holds no ${change.kind}`);
    }
  }
  const names = entries.map((entry) => (entry.kind === "folder" ? `${entry.path}/` : entry.path)).sort();
  return { entries, problems, names };
}

/** A picture that is another one for each text. */
export function picture(text: string): Buffer {
  return sampleJpeg(text);
}

export function hashOf(content: Buffer): string {
  return `md5:${createHash("md5").update(content).digest("hex")}`;
}

export async function put(
  provider: Provider,
  path: string,
  content: Buffer = picture(path),
  parts: UploadParts = {},
): Promise<RemoteFile> {
  return (await provider.upload(uploadOf(path, content, parts), signal)).entry;
}

export async function listedFile(provider: Provider, path: string): Promise<RemoteFile> {
  const entry = (await listAll(provider)).entries.find((one) => one.path === path);
  if (entry?.kind !== "file") throw new Error(`no file at ${path}`);
  return entry;
}

export async function listedFolder(provider: Provider, path: string): Promise<RemoteFolder> {
  const entry = (await listAll(provider)).entries.find((one) => one.path === path);
  if (entry?.kind !== "folder") throw new Error(`no folder at ${path}`);
  return entry;
}

export async function move(provider: Provider, entry: RemoteFile | RemoteFolder, to: string): Promise<string> {
  return codesOf(await provider.move([{ entry, to: toSyncPath(to) }], signal)).join();
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
