import pLimit from "p-limit";
import { sleep, type Sleep } from "../../lib/http/sleep.js";
import type { ProviderContext, ProviderModule } from "../context.js";
import type { Capabilities, Provider, RootIdentity } from "../provider.js";
import { createAccount } from "./account.js";
import { createFlickrApi } from "./api.js";
import { succeeded } from "../attempts.js";
import { createBook } from "./book.js";
import { countsOf } from "./call-counts.js";
import { createCalls, type Calls } from "./calls.js";
import { createCatalog } from "./catalog.js";
import { fingerprintOf, parseTarget, readAddresses, readAudience, readSignIn } from "./config.js";
import type { Connection } from "./connection.js";
import { deleteEntries } from "./deletes.js";
import { download } from "./downloads.js";
import { createImages } from "./images.js";
import { createJournal } from "./journal.js";
import { list } from "./listing.js";
import { createLists } from "./lists.js";
import { createMoveNotes } from "./move-notes.js";
import { moveEntries } from "./moves.js";
import { refusalOf } from "./names.js";
import { createSignedHttp } from "./sign-in.js";
import { hash, stat } from "./stat.js";
import { createTickets } from "./tickets.js";
import { createTurns } from "./turns.js";
import { upload, uploadBatch } from "./uploads.js";

export const flickrModule: ProviderModule = {
  parseTarget,
  open: (context) => openFlickr(context),
  login: async (context, dialog, signal) => (await import("./login.js")).login(context, dialog, signal),
  logout: async (context) => (await import("./login.js")).logout(context),
};

const MIB = 1024 * 1024;

const CAPABILITIES: Capabilities = {
  hash: "md5",
  listsHash: false,
  ignoresCase: false,
  canDownload: true,
  canReplace: true,
  canDelete: true,
  canMove: true,
  hasFolders: false,
  onlyMedia: true,
  hasCursor: false,
  keepsModified: true,
  trash: "none",
  concurrency: 4,
  // There is no request for many files, but one is enough to put all of them into their album.
  batch: { files: 100, fileBytes: 32 * MIB, totalBytes: 1024 * MIB },
};

/** Uploads at once, whatever was asked for. */
const TRANSFERS = 4;

/** Deletions, moves and looks at once. */
const CALLS = 4;

/** `sleepFor` replaces the clock in tests. */
export async function openFlickr(context: ProviderContext, sleepFor: Sleep = sleep): Promise<Provider> {
  const addresses = await readAddresses(context.settings);
  const signIn = await readSignIn(context.settings, context.secrets);
  const { memory, now } = context;
  const layout = context.albums ?? "flat";
  const clock = { now, sleep: sleepFor };
  const calls = createCalls(countsOf(context, signIn.app.key), clock);
  const http = createSignedHttp(context, signIn.app, signIn.token, (signal) => calls.admit(signal));
  const api = createFlickrApi(http, addresses, { sleep: sleepFor, rest: (ms) => calls.rest(ms) });
  const account = createAccount({ api, memory, fingerprint: fingerprintOf(signIn, addresses) });
  const lists = createLists(api, (signal) => account.id(signal));
  const book = createBook(memory);
  const journal = createJournal(memory, now);
  const connection: Connection = {
    api,
    images: createImages(context.createHttp({}), sleepFor),
    account,
    lists,
    catalog: createCatalog({ lists, book, memory, layout, journal }),
    book,
    journal,
    moveNotes: createMoveNotes(memory, now),
    tickets: createTickets(api, sleepFor),
    turns: createTurns(),
    transfers: pLimit(TRANSFERS),
    claimed: new Set(),
    calls: pLimit(CALLS),
    layout,
    audience: await readAudience(context.settings),
    ...clock,
  };
  return createProvider(connection, calls);
}

function createProvider(connection: Connection, calls: Calls): Provider {
  const { api, images, layout, catalog } = connection;
  return {
    capabilities: CAPABILITIES,
    identify: (signal) => identify(connection, signal),
    list: (_cursor, signal) => list(connection, signal),
    stat: (path, signal) => stat(connection, path, signal),
    hash: (file, signal) => hash(connection, file, signal),
    download: (file, start, signal) => download(connection, file, start, signal),
    upload: (file, signal) => upload(connection, file, signal),
    uploadBatch: (files, signal) => uploadBatch(connection, files, signal),
    // An album comes with its first photo.
    createFolders: async (paths, signal) => {
      signal.throwIfAborted();
      return paths.map((path) => succeeded({ kind: "folder", path, id: undefined }));
    },
    move: (moves, signal) => moveEntries(connection, moves, signal),
    delete: (entries, signal) => deleteEntries(connection, entries, signal),
    refusal: (path, sizeBytes) => refusalOf(path, sizeBytes, layout),
    requests: () => api.requests + images.requests,
    close: async () => {
      catalog.save();
      calls.save();
      api.close();
      images.close();
    },
  };
}

/** The root is the account itself, and is always there. */
async function identify({ account }: Connection, signal: AbortSignal): Promise<RootIdentity> {
  const id = await account.id(signal);
  return { account: id, root: id };
}
