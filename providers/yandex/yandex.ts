import pLimit from "p-limit";
import { sleep, type Sleep } from "../../lib/http/sleep.js";
import type { RemoteEntry, RemoteFile } from "../../lib/model/entry.js";
import { ProviderError } from "../../lib/model/errors.js";
import type { ContentHash } from "../../lib/model/hash.js";
import type { SyncPath } from "../../lib/model/path.js";
import type { ProviderContext, ProviderModule } from "../context.js";
import type { Capabilities, ListingPage, Provider } from "../provider.js";
import { createAccount } from "./account.js";
import { createYandexApi } from "./api.js";
import { fingerprintOf, parseTarget, readAddresses, readNeutralNames, readSignIn } from "./config.js";
import type { Connection } from "./connection.js";
import { deleteEntries } from "./deletes.js";
import { createDownloadLinks } from "./download-links.js";
import { download } from "./downloads.js";
import { hashOf, isVersion, toEntry } from "./entries.js";
import { createFolderBook } from "./folder-book.js";
import { createFolders } from "./folders.js";
import { createKeptVersions } from "./kept-versions.js";
import { createLeftovers } from "./leftovers.js";
import { list } from "./listing.js";
import { lookUp } from "./look.js";
import { moveEntries } from "./moves.js";
import { refusalOf } from "./names.js";
import { createPaths, toRootPath } from "./paths.js";
import { createRoot } from "./root.js";
import { createSignedInHttp } from "./sign-in.js";
import { finishTakingBack } from "./take-back.js";
import { createTransfers } from "./transfers.js";
import { upload, uploadBatch } from "./uploads.js";
import { createWriteTurns } from "./write-turns.js";

export const yandexModule: ProviderModule = {
  parseTarget,
  open: (context) => openYandex(context),
  login: async (context, dialog, signal) => (await import("./login.js")).login(context, dialog, signal),
  logout: async (context, signal) => (await import("./login.js")).logout(context, signal),
};

const MIB = 1024 * 1024;

const CAPABILITIES: Omit<Capabilities, "keepsModified"> = {
  hash: "sha256",
  listsHash: true,
  ignoresCase: false,
  canDownload: true,
  canReplace: true,
  canDelete: true,
  canMove: true,
  hasFolders: true,
  hasCursor: false,
  trash: "service",
  concurrency: 8,
  // There is no request for many files, but one look is enough to verify all that went to one folder.
  batch: { files: 100, fileBytes: 1 * MIB, totalBytes: 64 * MIB },
};

/** Uploads at once, whatever was asked for: each waits for a link and for another host, and keeps up to 1 MiB in memory. */
const TRANSFERS = 12;

/** Deletions, moves, new folders and looks at once. */
const CALLS = 8;

/** Set once a listing was complete: from then on most content is known, and few files are fetched. */
const LISTED = "listed";

/** `sleepFor` replaces the clock in tests. */
export async function openYandex(context: ProviderContext, sleepFor: Sleep = sleep): Promise<Provider> {
  const addresses = await readAddresses(context.settings);
  const signIn = await readSignIn(context.settings, context.secrets);
  const neutralNames = await readNeutralNames(context.settings);
  const { memory, now } = context;
  const { http } = createSignedInHttp(context, addresses, signIn);
  const api = createYandexApi(http, addresses.api);
  const path = toRootPath(context.target);
  const tools = { api, memory, now, sleep: sleepFor, turns: createWriteTurns() };
  const account = createAccount({ ...tools, fingerprint: fingerprintOf(signIn, addresses), root: path });
  const connection: Connection = {
    ...tools,
    account,
    root: createRoot({ path, account, api, memory }),
    paths: createPaths(path),
    folders: createFolderBook(tools),
    links: createDownloadLinks(tools),
    leftovers: createLeftovers(tools),
    kept: createKeptVersions(memory, now),
    transfers: createTransfers(TRANSFERS),
    calls: pLimit(CALLS),
    keepsTimes: context.times === "keep",
    neutralNames,
  };
  return createProvider(connection, context.mayWrite);
}

function createProvider(connection: Connection, mayWrite: boolean): Provider {
  const { api, root, account, leftovers, kept } = connection;
  return {
    capabilities: { ...CAPABILITIES, keepsModified: connection.keepsTimes },
    identify: (signal, isAfresh) => root.identify(signal, isAfresh),
    list: (_cursor, signal) => listAll(connection, mayWrite, signal),
    stat: (path, signal) => stat(connection, path, signal),
    hash: (file, signal) => hash(connection, file, signal),
    download: (file, start, signal) => download(connection, file, start, signal),
    upload: (file, signal) => upload(connection, file, signal),
    uploadBatch: (files, signal) => uploadBatch(connection, files, signal),
    createFolders: (paths, signal) => createFolders(connection, paths, signal),
    move: (moves, signal) => moveEntries(connection, moves, signal),
    delete: (entries, signal) => deleteEntries(connection, entries, signal),
    refusal: (path, sizeBytes) => refusalOf(path, sizeBytes, { maxFileBytes: account.maxFileBytes, root: root.path }),
    requests: () => api.requests,
    close: async (signal) => {
      try {
        if (!mayWrite) return;
        kept.tidy();
        if (!signal.aborted) await leftovers.tidy(signal);
      } finally {
        api.close();
      }
    },
  };
}

async function* listAll(connection: Connection, mayWrite: boolean, signal: AbortSignal): AsyncGenerator<ListingPage> {
  const { leftovers, memory } = connection;
  signal.throwIfAborted();
  if (mayWrite) {
    await leftovers.finishAsides(signal);
    await finishTakingBack(connection, signal);
  }
  const linksToo = mayWrite && memory.get(LISTED) === undefined;
  yield* list(connection, linksToo, signal);
  if (linksToo) memory.set(LISTED, "yes");
}

async function stat(connection: Connection, path: SyncPath, signal: AbortSignal): Promise<RemoteEntry | undefined> {
  const found = await lookUp(connection, connection.paths.of(path), signal);
  return found === undefined ? undefined : toEntry(found, path);
}

/** Listings always have the hash; this serves entries that came from elsewhere. */
async function hash(connection: Connection, file: RemoteFile, signal: AbortSignal): Promise<ContentHash | undefined> {
  signal.throwIfAborted();
  if (file.hash !== undefined) return file.hash;
  const found = await lookUp(connection, connection.paths.of(file.path), signal);
  if (found !== undefined && isVersion(found, file)) return hashOf(found);
  throw new ProviderError(
    "changed",
    `look at ${file.path}: the file has been changed on Yandex Disk since it was listed`,
  );
}
