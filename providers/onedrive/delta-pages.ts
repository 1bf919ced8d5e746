import { parseAnswer } from "../../lib/http/answers.js";
import type { HttpAnswer } from "../../lib/http/types.js";
import { ProviderError } from "../../lib/model/errors.js";
import { wordsFor } from "../refusals.js";
import { isGood, LISTING_HEADERS } from "./api.js";
import type { Connection } from "./connection.js";
import { toGraphError } from "./errors.js";
import { itemAddress } from "./paths.js";
import { StaleListing } from "./placement.js";
import type { FoundRoot } from "./root.js";
import { ITEM_FIELDS, itemPage, type ItemPage } from "./schemas.js";

/** One page of a delta. */
export interface Page {
  readonly page: ItemPage;
  /** Where to go on: at the next page, or, after the last one, at the next listing. */
  readonly next: string;
  readonly isLast: boolean;
}

/** Rejects with `StaleListing` where the service asks to begin anew, or leads round in a circle. */
export async function* pages(connection: Connection, first: ItemPage, signal: AbortSignal): AsyncGenerator<Page> {
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
export async function tryContinue(
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
export async function begin(
  connection: Connection,
  root: FoundRoot,
  signal: AbortSignal,
): Promise<ItemPage | undefined> {
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

export function brokenOff(connection: Connection): ProviderError {
  return new ProviderError(
    "unavailable",
    `${wordsFor(aboutListing(connection))}: OneDrive asks to begin anew, or the folder was changed while it was listed; run again`,
  );
}
