import type { YandexApi } from "./api.js";
import type { Connection } from "./connection.js";
import { lookInto } from "./look.js";
import { createSingleFlight, type SingleFlight } from "../../lib/http/single-flight.js";
import { childOf, folderOf, type RemotePath } from "./paths.js";
import type { ListedItem } from "./schemas.js";

/** Where the content of one version can be fetched from. */
export interface DownloadLink {
  readonly url: string;
  readonly sha256: string;
}

/**
 * Links to content, fetched for a whole page of a folder at once: whoever downloads one file of a folder mostly wants more of
 * them. Holds some thousands; the oldest go first.
 */
export interface DownloadLinks {
  /** A link that is still good, from what is known, or from one more page; undefined when that does not show the file. */
  find(path: RemotePath, signal: AbortSignal): Promise<DownloadLink | undefined>;
  /** What a listing has shown besides. */
  add(folder: RemotePath, items: readonly ListedItem[]): void;
  forget(path: RemotePath): void;
  /** True when more would push out what is there. */
  readonly isFull: boolean;
}

const MOST_LINKS = 8_000;
const MOST_FOLDERS = 2_000;

/** The first page of a folder shows its newest files; with the second, those by name begin. */
const NEWEST_ENTRIES = 100;
const PAGE_ENTRIES = 1_000;

/** A link that ends sooner is not begun with. */
const MARGIN_MS = 5 * 60_000;

/** Links whose end cannot be read. */
const UNKNOWN_LIFE_MS = 30 * 60_000;

interface Known extends DownloadLink {
  readonly endsMs: number;
}

/** How far the pages of a folder have been fetched. */
interface Progress {
  /** Undefined before the page of the newest. */
  offset: number | undefined;
  isDone: boolean;
  readonly fetch: SingleFlight<void>;
}

export interface LinkTools {
  readonly api: YandexApi;
  readonly now: Connection["now"];
}

export function createDownloadLinks({ api, now }: LinkTools): DownloadLinks {
  const links = new Map<RemotePath, Known>();
  const folders = new Map<RemotePath, Progress>();

  function add(folder: RemotePath, items: readonly ListedItem[]): void {
    for (const { name, file: url, sha256 } of items) {
      if (url === undefined || sha256 === undefined) continue;
      const path = childOf(folder, name);
      links.delete(path);
      links.set(path, { url, sha256, endsMs: endOf(url, now()) });
    }
    dropOldest(links, MOST_LINKS);
  }

  function good(path: RemotePath): Known | undefined {
    const known = links.get(path);
    if (known === undefined || known.endsMs - now() > MARGIN_MS) return known;
    links.delete(path);
    return undefined;
  }

  function progressOf(folder: RemotePath): Progress {
    const known = folders.get(folder);
    if (known !== undefined) return known;
    const fetch = createSingleFlight((signal) => fetchNext(folder, progress, signal), 0);
    const progress: Progress = { offset: undefined, isDone: false, fetch };
    folders.set(folder, progress);
    dropOldest(folders, MOST_FOLDERS);
    return progress;
  }

  async function fetchNext(folder: RemotePath, progress: Progress, signal: AbortSignal): Promise<void> {
    const { offset } = progress;
    const isFirst = offset === undefined;
    const part = isFirst
      ? ({ limit: NEWEST_ENTRIES, offset: 0, sort: "-modified" } as const)
      : ({ limit: PAGE_ENTRIES, offset, sort: "name" } as const);
    const page = await lookInto({ api }, folder, { ...part, fields: ["name", "type", "file", "sha256"] }, signal);
    const { items, total } = page?._embedded ?? { items: [], total: 0 };
    add(folder, items);
    progress.offset = isFirst ? 0 : offset + items.length;
    progress.isDone = items.length === 0 || (isFirst ? items.length : progress.offset) >= total;
  }

  return {
    find: async (path, signal) => {
      const known = good(path);
      if (known !== undefined) return known;
      const progress = progressOf(folderOf(path));
      // One page may be on its way for another file; a second one is worth a try, more are not.
      for (let pages = 0; pages < 2 && !progress.isDone; pages++) {
        await progress.fetch(signal);
        const found = good(path);
        if (found !== undefined) return found;
      }
      return undefined;
    },
    add,
    forget: (path) => {
      links.delete(path);
    },
    get isFull() {
      return links.size >= MOST_LINKS;
    },
  };
}

/** The second part of the path is the end of the link's life, in hexadecimal seconds since 1970. */
function endOf(url: string, nowMs: number): number {
  const parts = URL.canParse(url) ? new URL(url).pathname.split("/") : [];
  const seconds = parts.filter((part) => /^[0-9a-f]{8}$/.test(part)).map((part) => Number.parseInt(part, 16))[0];
  const usual = nowMs + UNKNOWN_LIFE_MS;
  // Clocks differ: an end that lies in the past here is no reason to distrust a link that has just come.
  return seconds === undefined || seconds * 1000 < nowMs ? usual : seconds * 1000;
}

function dropOldest<K, V>(map: Map<K, V>, most: number): void {
  for (const key of map.keys()) {
    if (map.size <= most) return;
    map.delete(key);
  }
}
