import { ProviderError } from "../../lib/model/errors.js";

/** One page of a list. */
export interface Page<T> {
  readonly pages: number;
  readonly total: number;
  readonly rows: readonly T[];
}

export const PER_PAGE = 500;

/** A list that came up short is asked for again, so often. */
const TRIES = 3;

/** What a list holds, each row once. */
export interface Gathered<T> {
  readonly rows: readonly T[];
  /** False when the service counts more than it shows, also when asked again: then what is missing is unknown, not absent. */
  readonly isWhole: boolean;
}

export interface GatherOptions {
  /** What is listed holds one thing at least while it is there: nothing at all is an answer that came short. */
  readonly isNeverEmpty?: boolean;
}

/**
 * All pages of a list. Lists are no snapshots: what is added meanwhile moves the others on, so that rows come twice, and what is removed
 * makes rows slip to a page that has been read.
 */
export async function gather<T extends { readonly id: string }>(
  fetch: (page: number) => Promise<Page<T>>,
  options: GatherOptions = {},
): Promise<Gathered<T>> {
  let best: Gathered<T> = { rows: [], isWhole: false };
  for (let tries = 1; tries <= TRIES && !best.isWhole; tries++) {
    const found = await gatherOnce(fetch, options);
    if (found.isWhole || found.rows.length >= best.rows.length) best = found;
  }
  return best;
}

async function gatherOnce<T extends { readonly id: string }>(
  fetch: (page: number) => Promise<Page<T>>,
  { isNeverEmpty = false }: GatherOptions,
): Promise<Gathered<T>> {
  const rows = new Map<string, T>();
  let total = 0;
  for (let page = 1, pages = 1; page <= pages; page++) {
    const found = await fetch(page);
    for (const row of found.rows) rows.set(row.id, row);
    ({ total, pages } = found);
  }
  // A count is left out at times, but not truly nothing where something is shown.
  const isCounted = rows.size === 0 ? !isNeverEmpty : total > 0;
  return { rows: [...rows.values()], isWhole: isCounted && rows.size >= total };
}

/** For lists that decide about more than themselves. */
export function assertWhole<T>({ rows, isWhole }: Gathered<T>, operation: string): readonly T[] {
  if (isWhole) return rows;
  throw new ProviderError("unavailable", `${operation}: Flickr shows fewer than it counts; run again later`);
}
