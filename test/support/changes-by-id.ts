import type { SyncPath } from "../../lib/model/path.js";
import { isBelow, toSyncPath } from "../../lib/model/path.js";
import type { KnownItems } from "../../providers/context.js";
import type { LoggedChange, StoredEntry } from "./memory-world.js";

export type ChangeById =
  | { readonly kind: "entry"; readonly entry: StoredEntry }
  | { readonly kind: "gone"; readonly path: SyncPath }
  | { readonly kind: "moved"; readonly from: SyncPath; readonly to: SyncPath };

type Item = Exclude<StoredEntry, { readonly kind: "special" }>;

/**
 * What happened, told as services tell it that know items by id alone: each changed item once, as it is now, parents first. Each
 * change must have been taken in when the next one is asked for, because it says where things are known to be from then on.
 */
export function* changesById(
  log: readonly LoggedChange[],
  present: readonly StoredEntry[],
  known: KnownItems,
): Generator<ChangeById> {
  const items = present.filter((entry): entry is Item => entry.kind !== "special");
  const changed = new Set(
    log.flatMap((event) => {
      if (event.kind === "gone") return event.deletedId ?? [];
      return event.isAlong || event.entry.kind === "special" ? [] : event.entry.id;
    }),
  );
  const waiting = items.filter(({ id }) => changed.has(id)).sort((a, b) => depthOf(a.path) - depthOf(b.path));
  for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
    yield* makeRoom(next, waiting, known);
    const was = known.find(next.id)?.path;
    if (was !== undefined && was !== next.path) yield { kind: "moved", from: was, to: next.path };
    yield { kind: "entry", entry: next };
  }
  for (const id of changed) {
    const path = items.some((item) => item.id === id) ? undefined : known.find(id)?.path;
    if (path !== undefined) yield { kind: "gone", path };
  }
}

/** What is still to be moved away from where the item is now, steps aside with all that is in it. */
function* makeRoom({ id, path }: Item, waiting: readonly Item[], known: KnownItems): Generator<ChangeById> {
  if (known.find(id)?.path === path) return;
  for (const other of waiting) {
    const place = known.find(other.id)?.path;
    const isInTheWay = place !== undefined && (place === path || isBelow(place, path));
    if (isInTheWay) yield { kind: "moved", from: place, to: toSyncPath(`.aside ${other.id}`) };
  }
}

function depthOf(path: SyncPath): number {
  return path.split("/").length;
}
