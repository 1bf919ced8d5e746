import * as z from "zod";
import { type Drive, placeAt } from "./drive.js";
import { badRequest, type Refusal, refusal } from "./failures.js";
import type { ResyncCode } from "./faults.js";
import type { Item } from "./items.js";
import type { World } from "./world.js";

/** Something a delta tells: an item and where it is, or that it is gone. */
export interface DeltaEntry {
  readonly item: Item;
  readonly isGone: boolean;
  readonly place: { readonly name: string; readonly parentId: string | undefined };
}

export interface DeltaPage {
  readonly entries: readonly DeltaEntry[];
  readonly token: string;
  readonly isLast: boolean;
  /** Leads to this page again. */
  readonly sameToken: string;
}

export interface DeltaRequest {
  readonly world: World;
  readonly drive: Drive;
  readonly scope: Item;
  readonly token: string | undefined;
  readonly pageSize: number;
  readonly showsAncestors: boolean;
  /** A page without items, with more to come. */
  readonly isEmptyPage: boolean;
}

interface Listing {
  readonly entries: readonly DeltaEntry[];
  readonly upTo: number;
  /** The last change of the drive when the listing began; later than `upTo` when the listing shows the past. */
  readonly begunAt: number;
}

/** What stands in a link: changes since a number, or a listing and how far it got. */
const Token = z.object({
  /** The scope's id. */
  s: z.string(),
  /** The generation: links of an older one are too old. */
  g: z.number(),
  since: z.number().optional(),
  listing: z.number().optional(),
  at: z.number().optional(),
});
type Token = z.output<typeof Token>;

/** Deltas and their links. */
export class Deltas {
  readonly #listings: Listing[] = [];
  #generation = 0;
  #resync: ResyncCode = "resyncApplyDifferences";
  #frozen: { readonly sequence: number; requestsLeft: number } | undefined;

  /** Every link given out so far is answered with 410. */
  reset(code: ResyncCode = "resyncApplyDifferences"): void {
    this.#generation += 1;
    this.#resync = code;
  }

  /** The next `requests` deltas show the state after this change, whatever is written meanwhile. */
  freeze(sequence: number, requests: number): void {
    this.#frozen = { sequence, requestsLeft: requests };
  }

  page(request: DeltaRequest): DeltaPage {
    const { token } = request;
    const upTo = this.#visibleSequence(request);
    if (token === undefined || token === "") return this.#start(request, upTo);
    if (token === "latest") return this.#done(request, [], upTo);
    if (/^\d{4}-/.test(token)) return this.#changes(request, sequenceAt(request.drive, token), upTo);
    const parsed = parseToken(token);
    if (parsed === undefined) throw badRequest("Invalid API or resource: a delta token that nobody gave out");
    if (parsed.g !== this.#generation || parsed.s !== request.scope.id)
      throw gone(this.#resync, this.freshToken(request.scope));
    if (parsed.listing !== undefined) return this.#page(request, parsed.listing, parsed.at ?? 0);
    return parsed.since === -1 ? this.#start(request, upTo) : this.#changes(request, parsed.since ?? 0, upTo);
  }

  /** Starts a whole enumeration. */
  freshToken(scope: Item): string {
    return this.#encode(scope, { since: -1 });
  }

  #start(request: DeltaRequest, upTo: number): DeltaPage {
    const { world, drive, scope } = request;
    const items = upTo === drive.sequence ? [scope, ...drive.below(scope)] : itemsAt(drive, scope, upTo);
    const ordered = world.settings.deltaOrder === "shuffled" ? world.chance.shuffle(items) : items;
    return this.#list(
      request,
      ordered.map((item) => live(item, upTo)),
      upTo,
    );
  }

  #changes(request: DeltaRequest, from: number, upTo: number): DeltaPage {
    return this.#list(request, entriesBetween(request, from, Math.max(from, upTo)), Math.max(from, upTo));
  }

  #list(request: DeltaRequest, entries: readonly DeltaEntry[], upTo: number): DeltaPage {
    if (entries.length <= request.pageSize && !request.isEmptyPage) return this.#done(request, entries, upTo);
    this.#listings.push({ entries, upTo, begunAt: request.drive.sequence });
    return this.#page(request, this.#listings.length - 1, 0);
  }

  #page(request: DeltaRequest, number: number, at: number): DeltaPage {
    const listing = this.#listings[number];
    if (listing === undefined) throw badRequest("Invalid paging token");
    const { scope, pageSize, drive, isEmptyPage } = request;
    const end = isEmptyPage ? at : at + pageSize;
    const entries = listing.entries
      .slice(at, end)
      .map((entry) => (isDeletedSince(drive, entry, listing.begunAt) ? { ...entry, isGone: true } : entry));
    const sameToken = this.#encode(scope, { listing: number, at });
    if (end >= listing.entries.length && !isEmptyPage) {
      return { entries, token: this.#encode(scope, { since: listing.upTo }), isLast: true, sameToken };
    }
    return { entries, token: this.#encode(scope, { listing: number, at: end }), isLast: false, sameToken };
  }

  #done({ scope }: DeltaRequest, entries: readonly DeltaEntry[], upTo: number): DeltaPage {
    const token = this.#encode(scope, { since: upTo });
    return { entries, token, isLast: true, sameToken: token };
  }

  /** The last change that a delta tells of now. */
  #visibleSequence({ world, drive }: DeltaRequest): number {
    const { deltaLagMs } = world.settings;
    let upTo = drive.sequence;
    const limitMs = world.clock.nowMs() - deltaLagMs;
    while (deltaLagMs > 0 && upTo > 0 && (drive.changes[upTo - 1]?.atMs ?? 0) > limitMs) upTo -= 1;
    if (this.#frozen === undefined) return upTo;
    const { sequence } = this.#frozen;
    this.#frozen.requestsLeft -= 1;
    if (this.#frozen.requestsLeft === 0) this.#frozen = undefined;
    return Math.min(sequence, upTo);
  }

  #encode(scope: Item, token: Omit<Token, "s" | "g">): string {
    return Buffer.from(JSON.stringify({ s: scope.id, g: this.#generation, ...token })).toString("base64url");
  }
}

/** 410. `Location` holds only the token yet: the route makes a link of it. */
function gone(code: ResyncCode, freshToken: string): Refusal {
  const inner = code === "none" || code === "syncStateNotFound" ? undefined : code;
  const outer = code === "syncStateNotFound" ? code : "resyncRequired";
  return refusal(410, outer, { inner, headers: { Location: freshToken } });
}

function parseToken(token: string): Token | undefined {
  try {
    const result = Token.safeParse(JSON.parse(Buffer.from(token, "base64url").toString()));
    return result.success ? result.data : undefined;
  } catch {
    return undefined;
  }
}

/** The number of the last change before a time. */
function sequenceAt(drive: Drive, time: string): number {
  const ms = Date.parse(time);
  if (Number.isNaN(ms)) throw badRequest(`a delta token that is no time: ${time}`);
  return drive.changes.findLast(({ atMs }) => atMs <= ms)?.sequence ?? 0;
}

function live(item: Item, upTo: number): DeltaEntry {
  const { name, parentId } = placeAt(item, upTo) ?? item;
  return { item, isGone: false, place: { name, parentId } };
}

function tombstone(item: Item): DeltaEntry {
  return { item, isGone: true, place: item };
}

function isDeletedSince(drive: Drive, { item, isGone }: DeltaEntry, sequence: number): boolean {
  return !isGone && item.isDeleted && drive.wasWithin(item, drive.root, sequence);
}

/** What a folder held after a change, parents first. */
function itemsAt(drive: Drive, scope: Item, sequence: number): Item[] {
  const depth = (item: Item): number => {
    const parentId = placeAt(item, sequence)?.parentId;
    const parent = parentId === undefined ? undefined : drive.known(parentId);
    return parent === undefined ? 0 : 1 + depth(parent);
  };
  return drive
    .everything()
    .filter((item) => drive.wasWithin(item, scope, sequence))
    .sort((a, b) => depth(a) - depth(b));
}

function entriesBetween(request: DeltaRequest, from: number, upTo: number): DeltaEntry[] {
  const { world, drive, scope, showsAncestors } = request;
  const { settings } = world;
  const entries = new Map<Item, DeltaEntry>();
  const show = (item: Item): void => {
    for (const above of showsAncestors ? ancestorsWithin(drive, item, scope, upTo) : []) {
      if (!entries.has(above)) entries.set(above, live(above, upTo));
    }
    // Set anew, so that an item that was shown as an ancestor comes at its own place as well, and last.
    entries.delete(item);
    entries.set(item, live(item, upTo));
  };
  for (const item of changedBetween(drive, from, upTo)) {
    const [was, is] = [drive.wasWithin(item, scope, from), drive.wasWithin(item, scope, upTo)];
    if (is) {
      show(item);
      if (!was && existed(item, from)) for (const below of movedIn(request, item)) show(below);
    } else if (was && !settings.deltaLosesTombstones) {
      for (const lost of goneWith(request, item, { from, upTo })) entries.set(lost, tombstone(lost));
    }
  }
  return [...entries.values()];
}

/** Changed items, each once, in the order of their last change. */
function changedBetween(drive: Drive, from: number, upTo: number): readonly Item[] {
  const seen = new Set<Item>();
  for (let index = upTo - 1; index >= from; index -= 1) {
    const item = drive.known(drive.changes[index]?.itemId ?? "");
    if (item !== undefined) seen.add(item);
  }
  return [...seen].reverse();
}

function existed(item: Item, sequence: number): boolean {
  return (item.lineage[0]?.sequence ?? 0) <= sequence;
}

function movedIn({ world, drive, scope }: DeltaRequest, item: Item): Iterable<Item> {
  const { deltaMovedIn } = world.settings;
  if (item.kind !== "folder" || deltaMovedIn === "folder-only") return [];
  if (deltaMovedIn === "resync") throw gone("resyncApplyDifferences", world.deltas.freshToken(scope));
  return drive.below(item);
}

/** The item, and what goes with a folder, unless the going of a folder above says it all. */
function goneWith(
  { world, drive, scope }: DeltaRequest,
  item: Item,
  { from, upTo }: { readonly from: number; readonly upTo: number },
): Iterable<Item> {
  if (world.settings.deltaDeletedFolders === "every-entry") {
    return item.kind === "folder" ? [item, ...drive.below(item)] : [item];
  }
  const parentId = placeAt(item, upTo)?.parentId;
  const parent = parentId === undefined ? undefined : drive.known(parentId);
  const isImplied =
    parent !== undefined && drive.wasWithin(parent, scope, from) && !drive.wasWithin(parent, scope, upTo);
  return isImplied ? [] : [item];
}

/** From the scope downwards, without the item itself. */
function ancestorsWithin(drive: Drive, item: Item, scope: Item, upTo: number): readonly Item[] {
  const above: Item[] = [];
  for (let at = item; at !== scope;) {
    const parentId = placeAt(at, upTo)?.parentId;
    const parent = parentId === undefined ? undefined : drive.known(parentId);
    if (parent === undefined) break;
    above.unshift(parent);
    at = parent;
  }
  return above;
}
