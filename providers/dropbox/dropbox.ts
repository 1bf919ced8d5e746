import pLimit from "p-limit";
import { sleep, type Sleep } from "../../lib/http/sleep.js";
import type { RemoteEntry, RemoteFile } from "../../lib/model/entry.js";
import { ProviderError } from "../../lib/model/errors.js";
import type { ContentHash } from "../../lib/model/hash.js";
import type { SyncPath } from "../../lib/model/path.js";
import type { ProviderContext, ProviderModule } from "../context.js";
import type { Capabilities, Provider } from "../provider.js";
import { createAccount, fetchAccount } from "./account.js";
import { createDropboxApi } from "./api.js";
import { uploadBatch } from "./batch-uploads.js";
import { createCommitQueue } from "./commit-queue.js";
import { fingerprintOf, parseTarget, readAddresses, readSignIn } from "./config.js";
import type { Connection } from "./connection.js";
import { deleteEntries } from "./deletes.js";
import { download } from "./downloads.js";
import { hashOf, toEntry } from "./entries.js";
import { createFolders } from "./folders.js";
import { list } from "./listing.js";
import { lookUp } from "./lookup.js";
import { moveEntries } from "./moves.js";
import { refusalOf } from "./names.js";
import { remotePath, withName } from "./paths.js";
import { createPendingRenames } from "./pending-renames.js";
import { createPartMemory } from "./part-memory.js";
import { createRoot } from "./root.js";
import { createSavedSessions } from "./saved-sessions.js";
import { createSignedInHttp } from "./sign-in.js";
import { upload } from "./uploads.js";

export const dropboxModule: ProviderModule = {
  parseTarget,
  open: (context) => openDropbox(context),
  login: async (context, dialog, signal) => (await import("./login.js")).login(context, dialog, signal),
  logout: async (context, signal) => (await import("./login.js")).logout(context, signal),
};

const MIB = 1024 * 1024;

const CAPABILITIES: Capabilities = {
  hash: "dropbox",
  listsHash: true,
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
  // A batch is committed with one call. Several of this size overlap: while one is committed, others send their bytes.
  batch: { files: 500, fileBytes: 1 * MIB, totalBytes: 64 * MIB },
};

/** Requests with content at once. Each has at most 8 MiB in memory, or 16 for parts of files above 64 GiB. */
const TRANSFERS = 4;

/** `sleepFor` replaces the clock in tests. */
export async function openDropbox(context: ProviderContext, sleepFor: Sleep = sleep): Promise<Provider> {
  const addresses = await readAddresses(context.settings);
  const signIn = await readSignIn(context.settings, context.secrets);
  const { memory, now, target } = context;
  const http = createSignedInHttp(context, addresses, signIn);
  const account = createAccount({
    memory,
    fingerprint: fingerprintOf(signIn, addresses),
    ask: async (signal) => await fetchAccount(api, signal),
  });
  const api = createDropboxApi(http, addresses, account);
  const appKey = signIn.kind === "access-token" ? undefined : signIn.appKey;
  const root = createRoot({ path: target === "/" ? "" : target, account, api, memory, appKey });
  const commits = createCommitQueue(api, sleepFor);
  const transfers = pLimit(TRANSFERS);
  const partMemory = createPartMemory();
  const shared = { api, account, root, commits, transfers, partMemory, memory, now, sleep: sleepFor };
  return createProvider(shared, context.mayWrite);
}

function createProvider(connection: Connection, mayWrite: boolean): Provider {
  const { api, root, memory, now } = connection;
  return {
    capabilities: CAPABILITIES,
    identify: (signal, isAfresh) => root.identify(signal, isAfresh),
    async *list(cursor, signal) {
      if (mayWrite) await createPendingRenames(connection).complete(signal);
      yield* list(api, root, cursor, signal);
    },
    stat: (path, signal) => stat(connection, path, signal),
    hash: (file, signal) => hash(connection, file, signal),
    download: (file, start, signal) => download(connection, file, start, signal),
    upload: (file, signal) => upload(connection, file, signal),
    uploadBatch: (files, signal) => uploadBatch(connection, files, signal),
    createFolders: (paths, signal) => createFolders(connection, paths, signal),
    move: (moves, signal) => moveEntries(connection, moves, signal),
    delete: (entries, signal) => deleteEntries(connection, entries, signal),
    refusal: refusalOf,
    requests: () => api.requests,
    close: () => {
      if (mayWrite) createSavedSessions(memory, now).tidy();
      api.close();
      return Promise.resolve();
    },
  };
}

async function stat({ api, root }: Connection, path: SyncPath, signal: AbortSignal): Promise<RemoteEntry | undefined> {
  const found = await lookUp(api, remotePath(root.path, path), signal);
  if (found === undefined) return undefined;
  const entry = toEntry(found, withName(path, found.name ?? ""));
  return entry !== undefined && "side" in entry ? { kind: "special", path, type: "folder without access" } : entry;
}

/** Listings always have the hash; this serves entries that came from elsewhere. */
async function hash(
  { api, root }: Connection,
  file: RemoteFile,
  signal: AbortSignal,
): Promise<ContentHash | undefined> {
  if (file.hash !== undefined) return file.hash;
  const found = await lookUp(api, remotePath(root.path, file.path), signal);
  if (found?.[".tag"] === "file" && found.rev === file.version) return hashOf(found);
  throw new ProviderError("changed", `look at ${file.path}: the file has been changed on Dropbox since it was listed`);
}
