import type { Folder, PathFilter, ScanItem } from "../../lib/local/types.js";
import { ProviderError } from "../../lib/model/errors.js";
import type { ListingPage, RemoteChange } from "../provider.js";
import { ask, toProviderError } from "./api.js";
import type { Entries } from "./entries.js";
import type { Root } from "./root.js";

const PAGE_ENTRIES = 1000;

/** What takes part is for the engine to say. */
const EVERYTHING: PathFilter = { includes: () => true };

/**
 * Walks the whole folder. Rejects when the root could not be read to the end, or is another one at the end than at the
 * start; folders below it that cannot be read become problems.
 */
export async function* list(folder: Folder, root: Root, signal: AbortSignal): AsyncGenerator<ListingPage> {
  signal.throwIfAborted();
  const entries = await ask(folder.root, () => root.find());
  let changes: RemoteChange[] = [];
  if (entries !== undefined) {
    for await (const item of scan(folder, signal)) {
      changes.push(toChange(item, entries));
      if (changes.length < PAGE_ENTRIES) continue;
      yield toPage(changes);
      changes = [];
    }
  }
  yield toPage(changes);
}

async function* scan(folder: Folder, signal: AbortSignal): AsyncGenerator<ScanItem> {
  try {
    yield* folder.scan(EVERYTHING, signal);
  } catch (error) {
    throw toProviderError(folder.root, error);
  }
}

function toPage(changes: readonly RemoteChange[]): ListingPage {
  return { scope: "full", changes, cursor: undefined };
}

function toChange(item: ScanItem, entries: Entries): RemoteChange {
  if (item.kind === "entry") return { kind: "entry", entry: entries.toRemote(item.entry) };
  const { problem } = item;
  if (problem.covers === "everything") throw new ProviderError("unavailable", problem.message);
  return { kind: "problem", problem: { ...problem, side: "remote" } };
}
