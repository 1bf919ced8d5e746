import * as z from "zod";
import type { ListingPage, RemoteChange } from "../provider.js";
import type { Connection } from "./connection.js";
import { completeListing } from "./complete-listing.js";
import { begin, brokenOff, pages, tryContinue } from "./delta-pages.js";
import { parseJson, recall, remember } from "../memory.js";
import { createPlacement, StaleListing, type Placement } from "./placement.js";
import type { FoundRoot } from "./root.js";
import type { DriveItem, ItemPage } from "./schemas.js";
import { createSpecials } from "./specials.js";
import { createUnheard, lookAtUnheard } from "./unheard.js";

export interface ListingOptions {
  readonly cursor: string | undefined;
  /** How long a listing of changes is trusted: tombstones have been seen to get lost. */
  readonly fullListingMs: number;
}

/**
 * Lists everything below the root, or what changed since the cursor. Where it turns out on the way that the changes do not
 * add up, a complete listing follows: its first page is empty and says so, before anything of it is placed.
 */
export async function* list(
  connection: Connection,
  { cursor, fullListingMs }: ListingOptions,
  signal: AbortSignal,
): AsyncGenerator<ListingPage> {
  const root = await connection.root.find(signal);
  const place = root === undefined ? undefined : toPlace(connection, root, cursor);
  if (root !== undefined && place !== undefined && !isFullListingDue(connection, root, fullListingMs)) {
    const first = await tryContinue(connection, { root, link: place.link }, signal);
    if (first !== undefined && (yield* listChanges(connection, { root, place, first }, signal))) return;
  }
  // Where nothing was ever listed, the root was looked up just now, or made by the run before: it need not be proved again.
  yield* listEverything(connection, cursor === undefined ? root : undefined, signal);
}

/** A cursor: where to go on, and in what. */
interface Place {
  readonly root: string;
  readonly link: string;
}

const placeSchema = z.object({ root: z.string(), link: z.string() });

function toPlace({ api }: Connection, root: FoundRoot, cursor: string | undefined): Place | undefined {
  const place = cursor === undefined ? undefined : parseJson(cursor, placeSchema);
  return place?.root === root.id && api.isOurs(place.link) ? place : undefined;
}

function toCursor(place: Place): string {
  return JSON.stringify(place);
}

const lastFull = z.object({ root: z.string(), ms: z.number() });
const LAST_FULL = "full-listing";

function isFullListingDue({ memory, now }: Connection, root: FoundRoot, fullListingMs: number): boolean {
  const last = recall(memory, LAST_FULL, lastFull);
  if (last?.root !== root.id) return true;
  const ageMs = now() - last.ms;
  return ageMs >= fullListingMs || ageMs < -CLOCK_SLACK_MS;
}

const CLOCK_SLACK_MS = 24 * 3600 * 1000;

/** Answers whether the listing is complete; else it has to be begun anew. */
async function* listChanges(
  connection: Connection,
  { root, place, first }: { readonly root: FoundRoot; readonly place: Place; readonly first: ItemPage },
  signal: AbortSignal,
): AsyncGenerator<ListingPage, boolean> {
  const placement = placementFor(connection, root, "changes");
  const { memory } = connection;
  const unheard = createUnheard(memory);
  const lastListed = memory.get(LAST_FULL);
  let cursor = toCursor(place);
  const held = { isAny: false };
  // What is handed out with an older cursor may be gone before anybody lists from there again, and the service would not
  // say so: a run that ends in between is followed by a complete listing.
  const toPage = (changes: readonly RemoteChange[]): ListingPage => {
    if (!held.isAny) memory.set(LAST_FULL, undefined);
    held.isAny = true;
    return { scope: "changes", changes, cursor };
  };
  try {
    for await (const { page, next, isLast } of pages(connection, first, signal)) {
      for (const changes of placement.take(page.value)) if (changes.length > 0) yield toPage(changes);
      for (const { id } of page.value) unheard.heard(id);
      if (isLast) {
        for await (const items of lookAtUnheard(connection, root, signal)) {
          for (const changes of placement.take(items)) if (changes.length > 0) yield toPage(changes);
        }
        yield* fillGaps(connection, { root, placement, toPage }, signal);
      }
      const rest = placement.rest();
      // Never ahead of what still waits for its parent: a run that ends here gets it again.
      if (placement.isSettled) cursor = toCursor({ root: root.id, link: next });
      yield placement.isSettled ? { scope: "changes", changes: rest, cursor } : toPage(rest);
    }
    if (held.isAny) memory.set(LAST_FULL, lastListed);
    return true;
  } catch (error) {
    if (error instanceof StaleListing) return false;
    throw error;
  }
}

/** Lists what is in `believed`, or, where that is not given or not there any more, in the folder that has the path now. */
async function* listEverything(
  connection: Connection,
  believed: FoundRoot | undefined,
  signal: AbortSignal,
): AsyncGenerator<ListingPage> {
  const { memory, now } = connection;
  memory.set(LAST_FULL, undefined);
  const root = believed ?? (await connection.root.refresh(signal));
  // What is known by id counts from here on as far as this listing has shown it.
  yield { scope: "full", changes: [], cursor: undefined };
  if (root === undefined) return;
  createSpecials(memory).clear();
  const startedMs = now();
  const first = await begin(connection, root, signal);
  if (first === undefined) {
    if (believed === undefined) throw brokenOff(connection);
    yield* listEverything(connection, undefined, signal);
    return;
  }
  const placement = placementFor(connection, root, "full");
  const toPage = (changes: readonly RemoteChange[]): ListingPage => ({ scope: "full", changes, cursor: undefined });
  try {
    for await (const { page, next, isLast } of pages(connection, first, signal)) {
      for (const changes of placement.take(page.value)) if (changes.length > 0) yield toPage(changes);
      if (isLast) yield* fillGaps(connection, { root, placement, toPage }, signal);
      const cursor = isLast ? toCursor({ root: root.id, link: next }) : undefined;
      yield { scope: "full", changes: placement.rest(), cursor };
    }
  } catch (error) {
    if (!(error instanceof StaleListing)) throw error;
    await connection.root.refresh(signal);
    throw brokenOff(connection);
  }
  const unheard = createUnheard(memory);
  for (const id of unheard.all()) unheard.heard(id);
  remember(memory, LAST_FULL, { root: root.id, ms: startedMs });
}

async function* fillGaps(
  connection: Connection,
  listing: {
    readonly root: FoundRoot;
    readonly placement: Placement;
    readonly toPage: (changes: readonly RemoteChange[]) => ListingPage;
  },
  signal: AbortSignal,
): AsyncGenerator<ListingPage> {
  const { root, placement, toPage } = listing;
  for await (const changes of completeListing(connection, root, placement, signal)) {
    if (changes.length > 0) yield toPage(changes);
  }
}

function placementFor({ root, known, memory }: Connection, found: FoundRoot, scope: ListingPage["scope"]): Placement {
  const isRootElsewhere = (item: DriveItem): boolean => root.isElsewhere(item);
  return createPlacement({ scope, root: found, isRootElsewhere, known, specials: createSpecials(memory) });
}
