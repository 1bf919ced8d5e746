/** Rows held in memory at a time by one iterator: more are not read any faster, but outlive the cheap kind of garbage collection. */
export const PAGE_ROWS = 250;

/**
 * Reads page after page, each going on after the last row of the one before. No cursor stays open in between, so that
 * iterators may be abandoned, nested, and used while anything is written, the table itself included.
 */
export function* inPages<T>(readAfter: (last: T | undefined) => readonly T[]): Generator<T, void, undefined> {
  let last: T | undefined;
  for (;;) {
    const page = readAfter(last);
    yield* page;
    if (page.length < PAGE_ROWS) return;
    last = page.at(-1);
  }
}
