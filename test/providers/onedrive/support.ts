import { afterEach, beforeEach, expect } from "vitest";
import { createHttpClient } from "../../../lib/http/client.js";
import type { Sleep } from "../../../lib/http/sleep.js";
import type { HttpAnswer, HttpClient, HttpRequest } from "../../../lib/http/types.js";
import { nodeFileSystem } from "../../../lib/local/file-system.js";
import { ProviderError } from "../../../lib/model/errors.js";
import type { RemoteEntry, RemoteFile, RemoteFolder } from "../../../lib/model/entry.js";
import { toSyncPath } from "../../../lib/model/path.js";
import type { ProviderContext, SecretStore } from "../../../providers/context.js";
import { openOneDrive } from "../../../providers/onedrive/onedrive.js";
import type { Attempt, ListingPage, Provider, RemoteChange } from "../../../providers/provider.js";
import {
  startOneDriveEmulator,
  type OneDriveEmulator,
  type OneDriveEmulatorOptions,
} from "../../emulators/onedrive/emulator.js";
import { createKnownMirror, type KnownMirror } from "./known-mirror.js";

export const signal = new AbortController().signal;

/** An emulator for each test of a file, with the folder /Docs. A client that misuses the service fails the test. */
export function useEmulator(options: OneDriveEmulatorOptions = {}): () => OneDriveEmulator {
  let emulator: OneDriveEmulator | undefined;
  beforeEach(async () => {
    emulator = await startOneDriveEmulator(options);
    emulator.remote.mkdir("/Docs");
  });
  afterEach(async () => {
    const misuse = emulator?.misuse;
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
  readonly mirror?: KnownMirror;
  /** Added to the addresses; by default a refresh token that is good. */
  readonly settings?: Readonly<Record<string, string>>;
  readonly mayWrite?: boolean;
  /** Changes what the provider gets to see: answers that the service is not known to give, and might. */
  readonly alter?: (request: HttpRequest, answer: HttpAnswer) => HttpAnswer;
}

/** Waiting costs next to no time: both clocks, the client's and the service's, are set forward instead. */
function virtualSleep(emulator: OneDriveEmulator): { readonly sleep: Sleep; readonly now: () => number } {
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

/** What a person's sign-in leaves behind, as environment variables. */
export function personsEnv(emulator: OneDriveEmulator): Record<string, string> {
  const { ONEDRIVE_TENANT_ID: _, ...env } = emulator.env;
  return { ...env, ONEDRIVE_REFRESH_TOKEN: emulator.tokens.issue().refreshToken };
}

export type OpenContext = ProviderContext & { readonly sleep: Sleep; readonly mirror: KnownMirror };

export function contextFor(emulator: OneDriveEmulator, options: TestContext = {}): OpenContext {
  const { sleep, now } = virtualSleep(emulator);
  const settings: Record<string, string> = {
    ONEDRIVE_API_URL: emulator.graphUrl,
    ONEDRIVE_AUTH_URL: emulator.loginUrl,
    ...(options.settings ?? personsEnv(emulator)),
  };
  const mirror = options.mirror ?? createKnownMirror();
  return {
    target: options.target ?? "/Docs",
    settings: { get: (name) => Promise.resolve(settings[name]) },
    memory: options.memory ?? createMemory(),
    known: mirror.known,
    mirror,
    secrets: options.secrets ?? createSecrets(),
    createHttp: ({ scheme, tokens }) => {
      return altered(createHttpClient({ scheme, tokens, userAgent: "trisync/test", sleep, now }), options.alter);
    },
    files: nodeFileSystem,
    now,
    runId: "20260301T093000Z-test",
    trashDays: 30,
    times: "keep",
    mayWrite: options.mayWrite ?? true,
    sleep,
  };
}

function altered(http: HttpClient, alter: TestContext["alter"]): HttpClient {
  if (alter === undefined) return http;
  return {
    send: async (request, aborted) => alter(request, await http.send(request, aborted)),
    open: (request, aborted) => http.open(request, aborted),
    get requests() {
      return http.requests;
    },
    close: () => http.close(),
  };
}

export async function openProvider(emulator: OneDriveEmulator, options: TestContext = {}): Promise<Provider> {
  const context = contextFor(emulator, options);
  return context.mirror.follow(await openOneDrive(context, context.sleep));
}

export interface Listed {
  readonly pages: readonly ListingPage[];
  readonly changes: readonly RemoteChange[];
  readonly entries: readonly RemoteEntry[];
  readonly cursor: string | undefined;
  readonly scope: ListingPage["scope"] | undefined;
}

export async function listAll(provider: Provider, cursor?: string): Promise<Listed> {
  const pages: ListingPage[] = [];
  for await (const page of provider.list(cursor, signal)) pages.push(page);
  const changes = pages.flatMap((page) => page.changes);
  const entries = changes.flatMap((change) => (change.kind === "entry" ? [change.entry] : []));
  const last = pages.at(-1);
  return { pages, changes, entries, cursor: last?.cursor, scope: last?.scope };
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
