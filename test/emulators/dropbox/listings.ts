import type { Chance } from "../shared/chance.js";
import type { AnyEntry } from "./entries.js";
import { BadInput, lookup, RouteError } from "./failures.js";
import type { Fault } from "./faults.js";
import { isInside, parentKey } from "./paths.js";
import type { Settings } from "./settings.js";
import type { View } from "./view.js";

export interface ListingOptions {
  /** The key of the listed folder. */
  readonly folderKey: string;
  /** A recursive listing of a folder other than the root has the folder itself among its entries. */
  readonly includesItself: boolean;
  readonly isRecursive: boolean;
  readonly includesDeleted: boolean;
  readonly includesNonDownloadable: boolean;
  readonly includesMounted: boolean;
  readonly limit: number;
}

export interface Page {
  readonly entries: readonly AnyEntry[];
  readonly cursor: string;
  readonly has_more: boolean;
}

interface Listing {
  readonly accountId: string;
  readonly generation: number;
  readonly options: ListingOptions;
  /** The path root of the request, which its continuations keep. */
  readonly view: View;
  /** What is to be shown before deltas begin. */
  readonly keys: readonly string[];
  /** The change up to which the first listing speaks. */
  readonly sequence: number;
  /** Whether the listing was begun while listings were frozen: it then shows only the past. */
  readonly isStale: boolean;
}

/** A cursor is a listing and how far it got: a position in its keys, or in the journal once the keys are through. */
interface Position {
  readonly listing: number;
  readonly key: number | undefined;
  readonly sequence: number;
}

/** Listings and their cursors. */
export class Listings {
  readonly #listings: Listing[] = [];
  #generation = 0;
  #frozen: { sequence: number; requestsLeft: number } | undefined;

  constructor(
    private readonly settings: Settings,
    private readonly chance: Chance,
  ) {}

  /** Every cursor given out so far is answered with `reset`. */
  resetCursors(): void {
    this.#generation += 1;
  }

  /** The next `requests` listing requests show the state of now, whatever is written meanwhile. */
  freeze(sequence: number, requests: number): void {
    this.#frozen = { sequence, requestsLeft: requests };
  }

  start(view: View, options: ListingOptions, fault: Fault | undefined): Page {
    const sequence = this.#sequence(view);
    const keys: string[] = [];
    for (const entry of view.account.tree.journal.statesAt(sequence)) {
      if (isListed(entry, options)) keys.push(entry.key);
    }
    const ordered = this.settings.listingOrder === "shuffled" ? this.chance.shuffle(keys) : keys.sort();
    const listing = this.#register(view, options, ordered, sequence);
    return this.#page({ listing, key: 0, sequence }, fault);
  }

  latestCursor(view: View, options: ListingOptions): string {
    const sequence = this.#sequence(view);
    const listing = this.#register(view, options, [], sequence);
    return encode({ listing, key: undefined, sequence });
  }

  resume(view: View, cursor: string, fault: Fault | undefined): Page {
    const position = decode(cursor);
    const listing = position === undefined ? undefined : this.#listings[position.listing];
    if (position === undefined || listing === undefined) throw new BadInput('Invalid "cursor" parameter');
    if (listing.generation !== this.#generation || listing.accountId !== view.account.accountId) {
      throw new RouteError({ ".tag": "reset" });
    }
    this.#assertFolderExists(listing);
    return this.#page(position, fault);
  }

  /** The view in which a cursor's entries are to be shown. */
  viewOf(cursor: string): View | undefined {
    const position = decode(cursor);
    return position === undefined ? undefined : this.#listings[position.listing]?.view;
  }

  #register(view: View, options: ListingOptions, keys: readonly string[], sequence: number): number {
    const { accountId } = view.account;
    const isStale = sequence < view.account.tree.journal.sequence;
    this.#listings.push({ accountId, generation: this.#generation, options, view, keys, sequence, isStale });
    return this.#listings.length - 1;
  }

  #page(position: Position, fault: Fault | undefined): Page {
    const listing = this.#listings[position.listing];
    if (listing === undefined) throw new BadInput('Invalid "cursor" parameter');
    if (fault?.kind === "empty-page") return { entries: [], cursor: encode(position), has_more: true };
    const size = this.#pageSize(listing.options.limit, fault);
    if (size === 0) return { entries: [], cursor: encode(position), has_more: true };
    const page =
      position.key === undefined
        ? this.#delta(listing, position, size)
        : this.#snapshot(listing, { ...position, key: position.key }, size);
    return fault?.kind === "missing-entries" ? withoutEntries(page, fault.paths, fault.count) : page;
  }

  #snapshot(listing: Listing, position: Position & { readonly key: number }, size: number): Page {
    const { journal } = listing.view.account.tree;
    const asOf = listing.isStale ? listing.sequence : journal.sequence;
    const entries: AnyEntry[] = [];
    let next = position.key;
    while (next < listing.keys.length && entries.length < size) {
      const entry = journal.stateAt(listing.keys[next] ?? "", asOf);
      // What was deleted since the listing began is told by the delta that follows.
      if (entry !== undefined && isListed(entry, listing.options)) entries.push(entry);
      next += 1;
    }
    const isOver = next >= listing.keys.length;
    const cursor = encode({ ...position, key: isOver ? undefined : next, sequence: listing.sequence });
    return { entries, cursor, has_more: !isOver };
  }

  #delta(listing: Listing, position: Position, size: number): Page {
    const { journal } = listing.view.account.tree;
    const upTo = Math.max(position.sequence, this.#sequence(listing.view));
    const entries: AnyEntry[] = [];
    let reached = position.sequence;
    for (const { sequence, entry } of journal.changesBetween(position.sequence, upTo)) {
      if (entries.length === size) return this.#deltaPage(position, entries, reached, true);
      reached = sequence;
      if (!isInScope(entry.key, listing.options) || !isShown(entry, listing.options)) continue;
      if (this.#isImplied(entry, listing, position.sequence, upTo)) continue;
      entries.push(entry);
    }
    return this.#deltaPage(position, entries, upTo, false);
  }

  #deltaPage(position: Position, entries: readonly AnyEntry[], sequence: number, hasMore: boolean): Page {
    return { entries, cursor: encode({ ...position, sequence }), has_more: hasMore };
  }

  /** Whether a deletion goes without saying, because a folder above was deleted in the same delta. */
  #isImplied(entry: AnyEntry, listing: Listing, after: number, upTo: number): boolean {
    if (entry.kind !== "deleted" || this.settings.deletedFolders === "every-entry") return false;
    const { journal } = listing.view.account.tree;
    for (let key = parentKey(entry.key); isInScope(key, listing.options); key = parentKey(key)) {
      if (journal.isDeletedSince(key, after, upTo)) return true;
    }
    return false;
  }

  #assertFolderExists(listing: Listing): void {
    const { folderKey } = listing.options;
    const { tree } = listing.view.account;
    if (folderKey !== "" && tree.get(folderKey)?.kind !== "folder") {
      throw new RouteError({ ".tag": "path", path: lookup("not_found").error });
    }
  }

  #pageSize(limit: number, fault: Fault | undefined): number {
    if (fault?.kind === "short-page") return fault.entries;
    if (fault?.kind === "extra-entry") return limit + 1;
    if (this.settings.paging === "exact") return limit;
    if (this.chance.happens(0.15)) return 0;
    return this.chance.happens(0.15) ? limit + 1 : 1 + this.chance.below(limit);
  }

  #sequence(view: View): number {
    const current = view.account.tree.journal.sequence;
    if (this.#frozen === undefined) return current;
    const { sequence } = this.#frozen;
    this.#frozen.requestsLeft -= 1;
    if (this.#frozen.requestsLeft === 0) this.#frozen = undefined;
    return Math.min(sequence, current);
  }
}

function isListed(entry: AnyEntry, options: ListingOptions): boolean {
  if (entry.kind === "deleted" && !options.includesDeleted) return false;
  return isInScope(entry.key, options) && isShown(entry, options);
}

function isInScope(key: string, { folderKey, includesItself, isRecursive }: ListingOptions): boolean {
  if (!isRecursive) return parentKey(key) === folderKey && key !== "";
  return isInside(key, folderKey) || (key === folderKey && includesItself);
}

function isShown(entry: AnyEntry, options: ListingOptions): boolean {
  if (entry.kind === "file") return options.includesNonDownloadable || entry.traits.exportAs === undefined;
  if (entry.kind === "folder") return options.includesMounted || entry.traits.sharedFolderId === undefined;
  return true;
}

function withoutEntries(page: Page, paths: readonly string[] | undefined, count: number | undefined): Page {
  const { entries } = page;
  const kept =
    paths === undefined
      ? entries.slice(0, Math.max(0, entries.length - (count ?? 1)))
      : entries.filter(({ key }) => !paths.some((path) => key === path || isInside(key, path)));
  return { ...page, entries: kept };
}

function encode({ listing, key, sequence }: Position): string {
  return `AA${Buffer.from(`${String(listing)}.${key === undefined ? "" : String(key)}.${String(sequence)}`).toString("base64url")}`;
}

function decode(cursor: string): Position | undefined {
  const text = Buffer.from(cursor.slice(2), "base64url").toString();
  const parts = /^([0-9]+)\.([0-9]*)\.([0-9]+)$/.exec(text);
  if (!cursor.startsWith("AA") || parts === null) return undefined;
  const [, listing, key, sequence] = parts;
  return { listing: Number(listing), key: key === "" ? undefined : Number(key), sequence: Number(sequence) };
}
