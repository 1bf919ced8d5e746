import pLimit from "p-limit";
import { sleep, type Sleep } from "../../lib/http/sleep.js";
import type { RemoteEntry, RemoteFile } from "../../lib/model/entry.js";
import { ProviderError } from "../../lib/model/errors.js";
import type { ContentHash } from "../../lib/model/hash.js";
import type { SyncPath } from "../../lib/model/path.js";
import type { ProviderContext, ProviderModule } from "../context.js";
import type { Capabilities, ListingPage, Provider } from "../provider.js";
import { cancelAbandoned } from "./abandoned-sessions.js";
import { createGraphApi } from "./api.js";
import { fingerprintOf, parseTarget, readAddresses, readDriveChoice, readFullListingMs, readSignIn } from "./config.js";
import type { Connection } from "./connection.js";
import { deleteEntries } from "./deletes.js";
import { download, lookAtListed } from "./downloads.js";
import { createDrive } from "./drive.js";
import { hashOf, toEntry } from "./entries.js";
import { createFolders } from "./folders.js";
import { list } from "./listing.js";
import { lookUp } from "./lookup.js";
import { moveEntries } from "./moves.js";
import { refusalOf } from "./names.js";
import { pathAddress, withName } from "./paths.js";
import { completeRenames } from "./pending-renames.js";
import { mayBeRewritten } from "./rewritten.js";
import { createRoot } from "./root.js";
import { createSavedSessions } from "./saved-sessions.js";
import { createSignedInHttp } from "./sign-in.js";
import { createUnheard } from "./unheard.js";
import { SMALL_BYTES, upload, uploadBatch } from "./uploads.js";

export const onedriveModule: ProviderModule = {
  parseTarget,
  open: (context) => openOneDrive(context),
  login: async (context, dialog, signal) => (await import("./login.js")).login(context, dialog, signal),
  logout: async (context) => (await import("./login.js")).logout(context),
};

const CAPABILITIES: Capabilities = {
  hash: "quickxor",
  // Old files, empty ones, and documents that the service rewrites have none.
  listsHash: false,
  ignoresCase: true,
  canDownload: true,
  canReplace: true,
  canDelete: true,
  canMove: true,
  hasFolders: true,
  hasCursor: true,
  keepsModified: true,
  trash: "service",
  concurrency: 8,
  // As many as one request creates upload sessions for: what was stored is settled soon after.
  batch: { files: 20, fileBytes: SMALL_BYTES, totalBytes: 20 * SMALL_BYTES },
};

/** Ranges of small files at once. More, and services begin to turn requests away. */
const TRANSFERS = 10;

/** `sleepFor` replaces the clock in tests. */
export async function openOneDrive(context: ProviderContext, sleepFor: Sleep = sleep): Promise<Provider> {
  const { settings, secrets, memory, known, now, target } = context;
  const addresses = await readAddresses(settings);
  const signIn = await readSignIn(settings, secrets);
  const choice = await readDriveChoice(settings, signIn);
  const fullListingMs = await readFullListingMs(settings);
  const api = createGraphApi(createSignedInHttp(context, addresses, signIn), addresses);
  const drive = createDrive({ memory, choice, fingerprint: fingerprintOf(signIn, choice, addresses), api });
  const root = createRoot({ path: parseTarget(target), drive, api, memory, now });
  const limits = { transfers: pLimit(TRANSFERS), groups: pLimit(1) };
  const connection: Connection = { api, drive, root, known, memory, ...limits, now, sleep: sleepFor };
  return createProvider(connection, { mayWrite: context.mayWrite, fullListingMs });
}

interface Options {
  readonly mayWrite: boolean;
  readonly fullListingMs: number;
}

function createProvider(connection: Connection, options: Options): Provider {
  const { api, drive, root, memory, now } = connection;
  const unheard = createUnheard(memory);
  return {
    capabilities: CAPABILITIES,
    identify: async (signal, isAfresh) => {
      signal.throwIfAborted();
      return await root.identify(signal, isAfresh);
    },
    list: (cursor, signal) => listAll(connection, options, cursor, signal),
    stat: (path, signal) => stat(connection, path, signal),
    hash: (file, signal) => hash(connection, file, signal),
    download: (file, start, signal) => download(connection, file, start, signal),
    upload: async (file, signal) => {
      const stored = await upload(connection, file, signal);
      unheard.add(stored.entry.id);
      return stored;
    },
    uploadBatch: async (files, signal) => {
      const outcomes = await uploadBatch(connection, files, signal);
      for (const outcome of outcomes) if (outcome.ok) unheard.add(outcome.value.entry.id);
      return outcomes;
    },
    createFolders: async (paths, signal) => {
      const outcomes = await createFolders(connection, paths, signal);
      for (const outcome of outcomes) if (outcome.ok) unheard.add(outcome.value.id);
      return outcomes;
    },
    move: (moves, signal) => moveEntries(connection, moves, signal),
    delete: async (entries, signal) => {
      const outcomes = await deleteEntries(connection, entries, signal);
      for (const [at, { id }] of entries.entries()) if (outcomes[at]?.ok === true) unheard.heard(id);
      return outcomes;
    },
    refusal: (path, sizeBytes) => {
      return refusalOf(path, sizeBytes, { target: root.path, isPersonal: drive.known?.isPersonal });
    },
    requests: () => api.requests,
    close: async (signal, ending) => {
      try {
        if (!options.mayWrite) return;
        createSavedSessions(memory, now).tidy();
        if (ending?.isAllUploaded === true && !signal.aborted) await cancelAbandoned(connection, signal);
      } finally {
        api.close();
      }
    },
  };
}

async function* listAll(
  connection: Connection,
  { mayWrite, fullListingMs }: Options,
  cursor: string | undefined,
  signal: AbortSignal,
): AsyncGenerator<ListingPage> {
  signal.throwIfAborted();
  const found = mayWrite ? await connection.root.find(signal) : undefined;
  if (found !== undefined) await completeRenames(connection, found, signal);
  yield* list(connection, { cursor, fullListingMs }, signal);
}

async function stat({ api, root }: Connection, path: SyncPath, signal: AbortSignal): Promise<RemoteEntry | undefined> {
  signal.throwIfAborted();
  const found = await root.find(signal);
  if (found === undefined) return undefined;
  const item = await lookUp(api, pathAddress(found.drive.id, found.id, path), { subject: path }, signal);
  return item === undefined ? undefined : toEntry(item, withName(path, item.name), found.drive);
}

/** Documents that the service rewrites have no hash that would hold; neither have files that it has not hashed. */
async function hash(connection: Connection, file: RemoteFile, signal: AbortSignal): Promise<ContentHash | undefined> {
  signal.throwIfAborted();
  if (file.hash !== undefined) return file.hash;
  if (mayBeRewritten(file.path, connection.drive.known?.isPersonal ?? false)) return undefined;
  try {
    return hashOf(await lookAtListed(connection, file, signal));
  } catch (error) {
    if (!(error instanceof ProviderError) || error.code !== "not-found") throw error;
    throw new ProviderError("changed", error.message, { cause: error });
  }
}
