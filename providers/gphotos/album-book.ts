import type { Sleep } from "../../lib/http/sleep.js";
import type { PhotosApi } from "./api.js";
import { attempt } from "../attempts.js";
import { isTrouble } from "./errors.js";
import { createAlbumRecords, type AlbumRecords } from "./album-records.js";
import type { Memory } from "../memory.js";
import type { NewAlbums } from "./new-albums.js";
import { album, albumPage, type Album } from "./schemas.js";

/**
 * The albums of the library. Which one is the album of a title is remembered, so that a rename in Google Photos changes nothing, and
 * where it is not, all albums are listed before one is made: titles may repeat there, and nothing ever deletes an album.
 */
export interface AlbumBook extends AlbumRecords {
  /** All albums, as the service lists them now. */
  listAll(signal: AbortSignal): Promise<readonly Album[]>;
  /** The remembered album alone, as it is now; undefined when it is gone, which is then forgotten. */
  look(title: string, signal: AbortSignal): Promise<Album | undefined>;
  /** The album of the title; undefined when there is none. Costs no request for a remembered one. */
  find(title: string, signal: AbortSignal): Promise<string | undefined>;
  /** As `find`, and makes the album where there is none. Only for whoever has the turn to write. */
  ensure(title: string, signal: AbortSignal): Promise<string>;
  /** What `find` remembers. */
  idOf(title: string): string | undefined;
  /** The title under which this job knows the album; undefined for one that it never used. */
  titleOf(albumId: string): string | undefined;
  /** The albums that this job knows by id. */
  knownIds(): readonly string[];
  /** The service does not know the album any more, or does not let it be written. */
  forget(title: string): void;
}

export interface AlbumBookOptions {
  readonly api: PhotosApi;
  readonly memory: Memory;
  readonly newAlbums: NewAlbums;
  readonly sleep: Sleep;
}

const IDS = "folder:";

export function createAlbumBook({ api, memory, newAlbums, sleep }: AlbumBookOptions): AlbumBook {
  let listed: readonly Album[] | undefined;
  const titles = new Map(memory.entries(IDS).map(([name, id]) => [id, name.slice(IDS.length)]));

  async function listAll(signal: AbortSignal): Promise<readonly Album[]> {
    listed = await fetchAlbums(api, signal);
    return listed;
  }

  function choose(title: string, albums: readonly Album[]): string | undefined {
    const found = chooseAlbum(title, albums, (id) => titles.has(id));
    if (found !== undefined) keep(title, found.id);
    return found?.id;
  }

  function keep(title: string, id: string): void {
    memory.set(IDS + title, id);
    titles.set(id, title);
  }

  const idOf = (title: string): string | undefined => memory.get(IDS + title);

  async function find(title: string, signal: AbortSignal): Promise<string | undefined> {
    return idOf(title) ?? choose(title, listed ?? (await listAll(signal)));
  }

  async function create(title: string, signal: AbortSignal): Promise<string> {
    const lookAgain = async (): Promise<string | undefined> => choose(title, await listAll(signal));
    const making = { api, newAlbums, sleep, lookAgain, isTaken: (id: string) => titles.has(id) };
    const id = (await findNew(making, title, signal)) ?? (await makeAlbum(making, title, signal));
    keep(title, id);
    newAlbums.end(title, id);
    return id;
  }

  return {
    ...createAlbumRecords(memory),
    listAll,
    look: async (title, signal) => {
      const id = idOf(title);
      const found = id === undefined ? undefined : await fetchAlbum(api, id, signal);
      if (found === undefined) forget(title);
      return found;
    },
    find,
    ensure: async (title, signal) => (await find(title, signal)) ?? (await create(title, signal)),
    idOf,
    titleOf: (id) => titles.get(id),
    knownIds: () => [...titles.keys()],
    forget,
  };

  function forget(title: string): void {
    const id = idOf(title);
    if (id !== undefined) titles.delete(id);
    memory.set(IDS + title, undefined);
    // What was listed earlier in this run may still show it.
    listed = undefined;
  }
}

interface Making extends Pick<AlbumBookOptions, "api" | "newAlbums" | "sleep"> {
  /** The album as the service lists it by now. */
  readonly lookAgain: () => Promise<string | undefined>;
  /** Whether the album stands for another title of this job. */
  readonly isTaken: (id: string) => boolean;
}

/** The album that another job made, or an earlier run of this one that was killed, and that no list may show yet. */
async function findNew(making: Making, title: string, signal: AbortSignal): Promise<string | undefined> {
  const made = making.newAlbums.find(title);
  if (made === "unknown") return await findLate(making, signal);
  if (made === undefined || making.isTaken(made.id)) return undefined;
  return (await fetchAlbum(making.api, made.id, signal))?.id;
}

async function makeAlbum(making: Making, title: string, signal: AbortSignal): Promise<string> {
  making.newAlbums.begin(title);
  for (let round = 1; ; round++) {
    const outcome = await attempt(() => createAlbum(making.api, title, signal));
    if (outcome.ok) return outcome.value.id;
    if (outcome.error.code !== "unavailable" || isTrouble(outcome.error, "too-often")) {
      making.newAlbums.end(title, undefined);
      throw outcome.error;
    }
    const found = await findLate(making, signal);
    if (found !== undefined) return found;
    if (round === CREATE_ROUNDS) throw outcome.error;
  }
}

/** The answer was lost, and the album may have been made all the same: lists show new albums late. */
async function findLate({ sleep, lookAgain }: Making, signal: AbortSignal): Promise<string | undefined> {
  for (const ms of LATE_MS) {
    await sleep(ms, signal);
    const found = await lookAgain();
    if (found !== undefined) return found;
  }
  return undefined;
}

/** How often an album is asked for whose making ended without an answer. */
const CREATE_ROUNDS = 3;
const LATE_MS = [2_000, 8_000, 20_000];

/**
 * Of several albums with one title the one with the most items, and of those the one whose id comes first: the same on every
 * machine. One that another title of this job stands for does not count.
 */
export function chooseAlbum(
  title: string,
  albums: readonly Album[],
  isTaken: (id: string) => boolean,
): Album | undefined {
  return albums
    .filter((one) => one.title.normalize("NFC") === title && !isTaken(one.id))
    .sort((a, b) => b.mediaItemsCount - a.mediaItemsCount || (a.id < b.id ? -1 : 1))[0];
}

const LIST_PAGE = 50;

async function fetchAlbums(api: PhotosApi, signal: AbortSignal): Promise<readonly Album[]> {
  const albums = new Map<string, Album>();
  let pageToken: string | undefined;
  do {
    const query: Record<string, string | number | undefined> = { pageSize: LIST_PAGE, pageToken };
    const about = { operation: "list albums", subject: undefined, method: "GET", route: "albums" } as const;
    const page = await api.ask({ ...about, query, answer: albumPage, repeatable: true }, signal);
    // One may come again at the edge of a page, and a page may be empty: only a missing token is the end.
    for (const one of page.albums) albums.set(one.id, one);
    pageToken = page.nextPageToken === "" ? undefined : page.nextPageToken;
  } while (pageToken !== undefined);
  return [...albums.values()];
}

/** Undefined for an album that is gone, or not visible to this program. */
export async function fetchAlbum(api: PhotosApi, id: string, signal: AbortSignal): Promise<Album | undefined> {
  const route = `albums/${encodeURIComponent(id)}`;
  const about = { operation: "look at the album", subject: undefined, method: "GET", route } as const;
  try {
    return await api.ask({ ...about, answer: album, repeatable: true }, signal);
  } catch (error) {
    if (isTrouble(error, "not-found", "bad-album")) return undefined;
    throw error;
  }
}

async function createAlbum(api: PhotosApi, title: string, signal: AbortSignal): Promise<Album> {
  const about = { operation: "create album", subject: title, method: "POST", route: "albums" } as const;
  // Never repeated blindly: it would make another album of the same title.
  return await api.ask({ ...about, json: { album: { title } }, answer: album, repeatable: false }, signal);
}
