import { parseAnswer } from "../../lib/http/answers.js";
import type { RemoteChange } from "../provider.js";
import { wordsFor } from "../refusals.js";
import { isGood, LISTING_HEADERS } from "./api.js";
import { sendMany } from "./batch.js";
import type { Connection } from "./connection.js";
import { isNotFound, toGraphError } from "./errors.js";
import { itemAddress } from "./paths.js";
import { StaleListing, type Placement } from "./placement.js";
import type { FoundRoot } from "./root.js";
import { driveItem, ITEM_FIELDS, itemPage, type DriveItem } from "./schemas.js";

/** Deeper than any path that the service takes. */
const MOST_ROUNDS = 250;

/** More than this is no gap in a listing, but another listing. */
const MOST_PARENTS = 200;

/**
 * Called after the last page: asks for what the listing left out. Items that still wait for their parent have it looked up;
 * folders that came from elsewhere with all that is in them are looked into. Rejects with `StaleListing` where that does not help.
 */
export async function* completeListing(
  connection: Connection,
  root: FoundRoot,
  placement: Placement,
  signal: AbortSignal,
): AsyncGenerator<readonly RemoteChange[]> {
  for (let round = 0; !placement.isSettled; round++) {
    if (round === MOST_ROUNDS) throw new StaleListing("a listing without end");
    yield placement.rest();
    const [folder] = placement.unlisted();
    const parents = placement.missingParents();
    if (parents.length > 0) {
      yield* placement.take(await lookAtParents(connection, root, parents, signal));
    } else if (folder !== undefined) {
      placement.listed(folder);
      for await (const items of childrenOf(connection, root, folder, signal)) yield* placement.take(items);
      round = 0;
    } else {
      throw new StaleListing("folders that lie in each other");
    }
  }
}

async function lookAtParents(
  connection: Connection,
  { drive }: FoundRoot,
  ids: readonly string[],
  signal: AbortSignal,
): Promise<readonly DriveItem[]> {
  if (ids.length > MOST_PARENTS) throw new StaleListing("a listing with too many gaps");
  const members = ids.map((id) => ({
    operation: "look at",
    subject: "a folder",
    method: "GET" as const,
    path: `${itemAddress(drive.id, id)}?$select=${ITEM_FIELDS}`,
    answer: driveItem,
    repeatable: true,
  }));
  const outcomes = await sendMany(connection, members, signal);
  return outcomes.map((outcome) => {
    if (outcome.ok) return outcome.value;
    if (isNotFound(outcome.error)) throw new StaleListing("an item without a folder");
    throw outcome.error;
  });
}

async function* childrenOf(
  { api, root }: Connection,
  { drive }: FoundRoot,
  folderId: string,
  signal: AbortSignal,
): AsyncGenerator<readonly DriveItem[]> {
  const about = { operation: "list", subject: `onedrive:${root.path}` };
  const path = `${itemAddress(drive.id, folderId)}/children?$select=${ITEM_FIELDS}&$top=1000`;
  let answer = await api.ask({ ...about, method: "GET", path, headers: LISTING_HEADERS, repeatable: true }, signal);
  const seen = new Set<string>();
  for (;;) {
    // Gone in the meantime: the next listing says so.
    if (answer.status === 404) return;
    if (!isGood(answer.status)) throw toGraphError(answer, about);
    const page = parseAnswer(itemPage, answer, wordsFor(about));
    yield page.value;
    const link = page["@odata.nextLink"];
    if (link === undefined) return;
    if (seen.has(link)) throw new StaleListing("a link leads back to a page that was there already");
    seen.add(link);
    answer = await api.follow(link, about, signal);
  }
}
