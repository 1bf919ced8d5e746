import type { Readable } from "node:stream";
import { afterEach, beforeEach, expect } from "vitest";
import { createHttpClient } from "../../../lib/http/client.js";
import type { Sleep } from "../../../lib/http/sleep.js";
import type { HttpClient, HttpRequest } from "../../../lib/http/types.js";
import { nodeFileSystem } from "../../../lib/local/file-system.js";
import type { RemoteEntry, RemoteFile, RemoteFolder } from "../../../lib/model/entry.js";
import { ProviderError } from "../../../lib/model/errors.js";
import { toSyncPath } from "../../../lib/model/path.js";
import type { ProviderContext, SecretStore } from "../../../providers/context.js";
import type { Attempt, Provider, RemoteChange, Upload } from "../../../providers/provider.js";
import { openYandex } from "../../../providers/yandex/yandex.js";
import {
  startYandexEmulator,
  type YandexEmulator,
  type YandexEmulatorOptions,
} from "../../emulators/yandex/emulator.js";
import { uploadOf } from "../../support/builders.js";

export const signal = new AbortController().signal;

/** An emulator for each test of a file; one whose client misused the service fails the test. */
export function useEmulator(options: YandexEmulatorOptions = {}): () => YandexEmulator {
  let emulator: YandexEmulator | undefined;
  beforeEach(async () => {
    emulator = await startYandexEmulator(options);
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
  /** Added to the addresses; by default a token that is good. */
  readonly settings?: Readonly<Record<string, string>>;
  readonly mayWrite?: boolean;
  readonly times?: "keep" | "ignore";
  /** Requests a second, and no other clock than the real one. */
  readonly realTime?: boolean;
  /** Called before a request goes out: for what happens on this side of the connection. */
  readonly beforeSending?: (request: HttpRequest) => Promise<void>;
}

/** Waiting costs next to no time: both clocks, the client's and the service's, are set forward instead. */
function virtualSleep(emulator: YandexEmulator): { readonly sleep: Sleep; readonly now: () => number } {
  let aheadMs = 0;
  const sleep: Sleep = async (ms, aborted) => {
    aborted.throwIfAborted();
    aheadMs += ms;
    emulator.advanceClock(ms);
    await new Promise((resolve) => setTimeout(resolve, Math.min(ms, 5)));
    aborted.throwIfAborted();
  };
  return { sleep, now: () => Date.now() + aheadMs };
}

const realSleep: Sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

export function contextFor(emulator: YandexEmulator, options: TestContext = {}): ProviderContext & { sleep: Sleep } {
  const isReal = options.realTime === true;
  const { sleep, now } = isReal ? { sleep: realSleep, now: Date.now } : virtualSleep(emulator);
  const settings: Record<string, string> = {
    YANDEX_API_URL: emulator.apiUrl,
    YANDEX_AUTH_URL: emulator.authUrl,
    ...(options.settings ?? { YANDEX_TOKEN: emulator.tokens.issue().accessToken }),
  };
  return {
    target: options.target ?? "/Docs",
    settings: { get: (name) => Promise.resolve(settings[name]) },
    memory: options.memory ?? createMemory(),
    known: { find: () => undefined },
    secrets: options.secrets ?? createSecrets(),
    createHttp: ({ requestsPerSecond, ...http }) => {
      const client = createHttpClient({
        ...http,
        userAgent: "trisync/test",
        sleep,
        now,
        ...(isReal ? { requestsPerSecond } : {}),
      });
      return watched(client, options.beforeSending);
    },
    files: nodeFileSystem,
    now,
    runId: "20260301T093000Z-test",
    trashDays: 30,
    times: options.times ?? "keep",
    mayWrite: options.mayWrite ?? true,
    sleep,
  };
}

function watched(http: HttpClient, beforeSending: TestContext["beforeSending"]): HttpClient {
  if (beforeSending === undefined) return http;
  return {
    send: async (request, aborted) => {
      await beforeSending(request);
      return await http.send(request, aborted);
    },
    open: (request, aborted) => http.open(request, aborted),
    get requests() {
      return http.requests;
    },
    close: () => http.close(),
  };
}

export async function openProvider(emulator: YandexEmulator, options: TestContext = {}): Promise<Provider> {
  const context = contextFor(emulator, options);
  return await openYandex(context, context.sleep);
}

export interface Listed {
  readonly changes: readonly RemoteChange[];
  readonly entries: readonly RemoteEntry[];
  /** Sorted; folders end in "/". */
  readonly names: readonly string[];
}

export async function listAll(provider: Provider): Promise<Listed> {
  const changes: RemoteChange[] = [];
  for await (const page of provider.list(undefined, signal)) changes.push(...page.changes);
  const entries = changes.flatMap((change) => (change.kind === "entry" ? [change.entry] : []));
  const names = entries.map((entry) => (entry.kind === "folder" ? `${entry.path}/` : entry.path)).sort();
  return { changes, entries, names };
}

export async function put(
  provider: Provider,
  path: string,
  content: string | Buffer,
  replaces?: RemoteFile,
): Promise<RemoteFile> {
  return (await provider.upload(uploadOf(path, content, replaces === undefined ? {} : { replaces }), signal)).entry;
}

/** Many small files in a few folders. */
export function smallUploads(count: number, folders = 1): readonly Upload[] {
  return Array.from({ length: count }, (_, i) => uploadOf(`d${i % folders}/f${i}.txt`, `content ${i}`));
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
