import * as z from "zod";
import { parseAnswer } from "../../lib/http/answers.js";
import type { HttpAnswer } from "../../lib/http/types.js";
import { ProviderError } from "../../lib/model/errors.js";
import type { ListingPage, RemoteChange } from "../provider.js";
import { wordsFor } from "../refusals.js";
import { isGood, LISTING_HEADERS } from "./api.js";
import type { Connection } from "./connection.js";
import { completeListing } from "./complete-listing.js";
import { toGraphError } from "./errors.js";
import { parseJson, recall, remember } from "../memory.js";
import { itemAddress } from "./paths.js";
import { createPlacement, StaleListing, type Placement } from "./placement.js";
import type { FoundRoot } from "./root.js";
import { ITEM_FIELDS, itemPage, type DriveItem, type ItemPage } from "./schemas.js";
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

interface Page {
  readonly page: ItemPage;
  /** Where to go on: at the next page, or, after the last one, at the next listing. */
  readonly next: string;
  readonly isLast: boolean;
}

/** Rejects with `StaleListing` where the service asks to begin anew, or leads round in a circle. */
async function* pages(connection: Connection, first: ItemPage, signal: AbortSignal): AsyncGenerator<Page> {
  const seen = new Set<string>();
  for (let page = first; ;) {
    const link = page["@odata.nextLink"];
    const next = link ?? page["@odata.deltaLink"];
    if (next === undefined) {
      throw new ProviderError(
        "malformed",
        `${wordsFor(aboutListing(connection))}: the answer does not say where to go on`,
      );
    }
    yield { page, next, isLast: link === undefined };
    if (link === undefined) return;
    if (seen.has(link)) throw new StaleListing("a link leads back to a page that was there already");
    seen.add(link);
    const answer = await connection.api.follow(link, aboutListing(connection), signal);
    if (RESET.has(answer.status)) throw new StaleListing("a page cannot be had any more");
    page = parsePage(connection, answer);
  }
}

/** Answers that mean: begin anew. */
const RESET: ReadonlySet<number> = new Set([400, 404, 410]);

/** Undefined when the link does not hold any more. */
async function tryContinue(
  connection: Connection,
  { root, link }: { readonly root: FoundRoot; readonly link: string },
  signal: AbortSignal,
): Promise<ItemPage | undefined> {
  for (let tries = 1; ; tries++) {
    // An unusable link is also answered with 500. A healthy service gets a second chance before everything is listed.
    const answer = await connection.api.follow(link, aboutListing(connection), signal, [500]);
    if (answer.status === 403 && (await hasOtherDrive(connection, root, signal))) return undefined;
    if (!RESET.has(answer.status) && answer.status !== 500) return parsePage(connection, answer);
    if (answer.status === 410 || tries === 2) return undefined;
    await connection.sleep(SECOND_CHANCE_MS, signal);
  }
}

const SECOND_CHANCE_MS = 1_000;

/** A drive that may not be looked into any more may be somebody else's by now. What is listed then is the one that there is instead. */
async function hasOtherDrive({ drive }: Connection, root: FoundRoot, signal: AbortSignal): Promise<boolean> {
  return (await drive.refresh(signal)).account !== root.drive.account;
}

/**
 * The first page of everything. Services that know no changes of a folder are asked for those of the whole drive. Undefined
 * when the folder is gone.
 */
async function begin(connection: Connection, root: FoundRoot, signal: AbortSignal): Promise<ItemPage | undefined> {
  const { id: driveId } = root.drive;
  const ofDrive = `/drives/${encodeURIComponent(driveId)}/root/delta`;
  if (root.parentId === undefined) return parsePage(connection, await askForDelta(connection, ofDrive, signal));
  const answer = await askForDelta(connection, `${itemAddress(driveId, root.id)}/delta`, signal);
  if (answer.status === 404) return undefined;
  if (answer.status !== 400 && answer.status !== 501) return parsePage(connection, answer);
  return parsePage(connection, await askForDelta(connection, ofDrive, signal));
}

async function askForDelta(connection: Connection, address: string, signal: AbortSignal): Promise<HttpAnswer> {
  const path = `${address}?$select=${ITEM_FIELDS}&$top=${String(PAGE_ITEMS)}`;
  const call = {
    ...aboutListing(connection),
    method: "GET",
    path,
    headers: LISTING_HEADERS,
    repeatable: true,
  } as const;
  return await connection.api.ask(call, signal);
}

/** The service may send fewer at once, and does. */
const PAGE_ITEMS = 1000;

function parsePage(connection: Connection, answer: HttpAnswer): ItemPage {
  const about = aboutListing(connection);
  if (isGood(answer.status)) return parseAnswer(itemPage, answer, wordsFor(about));
  const error = toGraphError(answer, about);
  // With 400 the service has been seen to answer listings that were good a moment later.
  if (answer.status === 410 || answer.status === 400) throw brokenOff(connection);
  if (answer.status !== 403) throw error;
  throw new ProviderError(
    "unauthorized",
    `${error.message}; give the application the permission Files.ReadWrite or Files.ReadWrite.All, then run \`trisync login onedrive\` again`,
  );
}

function aboutListing({ root }: Connection) {
  return { operation: "list", subject: `onedrive:${root.path}` } as const;
}

function brokenOff(connection: Connection): ProviderError {
  return new ProviderError(
    "unavailable",
    `${wordsFor(aboutListing(connection))}: OneDrive asks to begin anew, or the folder was changed while it was listed; run again`,
  );
}
