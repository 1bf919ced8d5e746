import type { Sleep } from "../../lib/http/sleep.js";
import { ProviderError } from "../../lib/model/errors.js";
import { wordsFor } from "../refusals.js";
import type { YandexApi } from "./api.js";
import { attempt } from "../attempts.js";
import { lookInto } from "./look.js";
import type { RemotePath } from "./paths.js";
import type { FolderPage, ListedItem } from "./schemas.js";

/** A folder with everything in it, each name once. */
export interface ListedFolder {
  readonly id: string | undefined;
  readonly items: readonly ListedItem[];
}

export interface FolderQuery {
  readonly folder: RemotePath;
  readonly fields: readonly string[];
}

interface Tools {
  readonly api: YandexApi;
  readonly sleep: Sleep;
}

/** The service gives more at once and then does not end in time; after a failure less is asked for. */
const PAGE_ENTRIES = 1_000;
const LEAST_PAGE_ENTRIES = 125;

/** A page that takes longer is asked for in smaller ones. */
const PAGE_TIMEOUT_MS = 60_000;

/** How often a folder is looked at that does not hold still. */
const LOOKS = 6;
const FIRST_PAUSE_MS = 300;

/**
 * Lists one folder whole; undefined when it does not exist. Pages are cut by position, so what others add or remove meanwhile
 * can push an entry from one page to another, where it is missed. Therefore every page begins with the last entry of the
 * one before, and all pages must tell the same total, which is as many as were seen. Where that is not so, the folder is
 * listed again. Two looks that see the same names, as many as the total says, are believed as well.
 */
export async function listFolder(
  tools: Tools,
  query: FolderQuery,
  signal: AbortSignal,
): Promise<ListedFolder | undefined> {
  const limit = { entries: PAGE_ENTRIES };
  let before: Look | undefined;
  for (let look = 1; look <= LOOKS; look++) {
    const now = await lookOnce(tools, query, limit, signal);
    if (now === undefined) return undefined;
    if (now.isSteady || (now.isWhole && before?.isWhole === true && isSame(now, before))) {
      return { id: now.id, items: [...now.items.values()] };
    }
    before = now;
    await tools.sleep(FIRST_PAUSE_MS * look, signal);
  }
  throw new ProviderError(
    "unavailable",
    `${wordsFor(aboutListing(query))}: the folder changes while it is listed; run again later`,
  );
}

/** What one pass through the pages of a folder has shown. */
interface Look {
  readonly id: string | undefined;
  readonly items: ReadonlyMap<string, ListedItem>;
  /** Nothing was moved from page to page. */
  readonly isSteady: boolean;
  /** As many entries as the service says that there are. */
  readonly isWhole: boolean;
}

async function lookOnce(
  tools: Tools,
  query: FolderQuery,
  limit: { entries: number },
  signal: AbortSignal,
): Promise<Look | undefined> {
  const items = new Map<string, ListedItem>();
  let last: string | undefined;
  let total: number | undefined;
  let isSteady = true;
  for (;;) {
    const offset = Math.max(0, items.size - 1);
    const page = await fetchPage(tools, query, { offset, limit }, signal);
    if (page === undefined) return undefined;
    const { embedded, id } = page;
    const [first] = embedded.items;
    isSteady &&= (total === undefined || total === embedded.total) && (last === undefined || first?.name === last);
    total = embedded.total;

    const known = items.size;
    for (const item of embedded.items) items.set(item.name, item);
    isSteady &&= items.size - known === embedded.items.length - (last === undefined ? 0 : 1);
    last = embedded.items.at(-1)?.name ?? last;
    if (items.size >= total || items.size === known) {
      const isWhole = items.size === total;
      return { id, items, isSteady: isSteady && isWhole, isWhole };
    }
  }
}

function isSame(a: Look, b: Look): boolean {
  return a.items.size === b.items.size && [...a.items.keys()].every((name) => b.items.has(name));
}

interface Page {
  readonly id: string | undefined;
  readonly embedded: NonNullable<FolderPage["_embedded"]>;
}

/** Asks for half as much when the service does not manage a page; patiently only for the smallest. */
async function fetchPage(
  { api, sleep }: Tools,
  query: FolderQuery,
  { offset, limit }: { readonly offset: number; readonly limit: { entries: number } },
  signal: AbortSignal,
): Promise<Page | undefined> {
  const { folder, fields } = query;
  for (;;) {
    const isLeast = limit.entries <= LEAST_PAGE_ENTRIES;
    const patience = isLeast ? { repeatable: true } : { repeatable: false, responseTimeoutMs: PAGE_TIMEOUT_MS };
    const page = { offset, limit: limit.entries, sort: "name", fields } as const;
    const outcome = await attempt(() =>
      lookInto({ api }, folder, page, signal, { ...aboutListing(query), ...patience }),
    );
    // Where a file has taken its place by now, there is no such folder either.
    if (outcome.ok) return outcome.value?.type === "dir" ? toPage(query, outcome.value) : undefined;
    if (isLeast || outcome.error.code !== "unavailable") throw outcome.error;
    limit.entries = Math.max(LEAST_PAGE_ENTRIES, Math.floor(limit.entries / 2));
    await sleep(FIRST_PAUSE_MS, signal);
  }
}

function toPage(query: FolderQuery, page: FolderPage): Page {
  if (page._embedded !== undefined) return { id: page.resource_id, embedded: page._embedded };
  // A folder without a word about what is in it must not pass for an empty one.
  throw new ProviderError(
    "malformed",
    `${wordsFor(aboutListing(query))}: the answer says nothing of the folder's content`,
  );
}

function aboutListing({ folder }: FolderQuery) {
  return { operation: "list", subject: folder } as const;
}
