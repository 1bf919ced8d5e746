import { ProviderError } from "../../lib/model/errors.js";
import { isBelow, joinPath, parseSyncPath, type SyncPath } from "../../lib/model/path.js";
import { badName } from "../bad-name.js";
import type { KnownItems } from "../context.js";
import type { ListingPage, RemoteChange } from "../provider.js";
import { specialType, toEntry, type DriveKind } from "./entries.js";
import type { FoundRoot } from "./root.js";
import { ExpectedChildren } from "./expected-children.js";
import type { DriveItem } from "./schemas.js";
import type { Specials } from "./specials.js";

/** The listing cannot be gone on with, because the root or something that is not known by id was changed: list everything. */
export class StaleListing extends Error {}

/**
 * Finds out where the items of a listing are, and says what changed.
 *
 * Items name their parent by id, so a path is put together from what the mirror knows of the parent. Whatever takes others
 * along, a moved or a deleted folder, is handed out before the next item is looked at: then the mirror is always right. Items
 * whose parent is not known yet wait for it.
 */
export interface Placement {
  /** Takes in a page. Yields what changed, in portions that have to be taken in one after the other. */
  take(items: readonly DriveItem[]): Generator<readonly RemoteChange[]>;
  /** What is left of the last portion. */
  rest(): readonly RemoteChange[];
  /** Parents that items are waiting for. */
  missingParents(): readonly string[];
  /** Folders that came without all of their children, because they were moved here from elsewhere. */
  unlisted(): readonly string[];
  /** The children of the folder were taken in. */
  listed(folderId: string): void;
  /** True when nothing waits for later pages. */
  readonly isSettled: boolean;
}

export interface PlacementOptions {
  readonly scope: ListingPage["scope"];
  readonly root: FoundRoot;
  readonly isRootElsewhere: (item: DriveItem) => boolean;
  readonly known: KnownItems;
  readonly specials: Specials;
}

export function createPlacement(options: PlacementOptions): Placement {
  return new Places(options);
}

interface Portion {
  readonly holds: "entries" | "tombstones";
  readonly changes: RemoteChange[];
}

class Places implements Placement {
  readonly #options: PlacementOptions;
  readonly #kind: DriveKind;
  /** Folders above or beside the root, and things that look like folders and are none. */
  readonly #outside = new Set<string>();
  readonly #children = new ExpectedChildren();
  /** Folders of a complete listing that were shown at another place before: what was listed in them there was lost. */
  readonly #displaced = new Set<string>();
  /** True once a complete listing has lost something that it had shown: from then on, folders are counted in it as well. */
  #isDisturbed = false;
  #portion: Portion = { holds: "entries", changes: [] };
  /** Folders of the portion at hand, which the mirror cannot know yet. */
  readonly #fresh = new Map<string, SyncPath>();
  /** The folder that was asked for last: its entries come one after the other. */
  #lastFolder: { readonly id: string; readonly path: SyncPath } | undefined;
  #waiting: readonly DriveItem[] = [];

  constructor(options: PlacementOptions) {
    this.#options = options;
    this.#kind = options.root.drive;
    if (options.root.parentId !== undefined) this.#outside.add(options.root.parentId);
  }

  get isSettled(): boolean {
    return this.#waiting.length === 0 && this.#children.folders.length === 0;
  }

  rest(): readonly RemoteChange[] {
    const { changes } = this.#portion;
    this.#portion = { holds: "entries", changes: [] };
    this.#fresh.clear();
    this.#lastFolder = undefined;
    return changes;
  }

  missingParents(): readonly string[] {
    const parents = this.#waiting.map((item) => item.parentReference?.id ?? "");
    return [...new Set(parents)].filter((id) => id !== "" && this.#folderPath(id) === undefined);
  }

  unlisted(): readonly string[] {
    return this.#children.folders;
  }

  listed(folderId: string): void {
    this.#children.settle(folderId);
  }

  *take(items: readonly DriveItem[]): Generator<readonly RemoteChange[]> {
    // The last word on an item counts. What is gone makes room first, then what was moved away.
    const latest = lastWords(items);
    const heard = new Set(latest.map(({ id }) => id));
    const older = this.#waiting.filter(({ id }) => !heard.has(id));
    let waiting: readonly DriveItem[] = [...older, ...this.#inOrder(latest)];
    for (;;) {
      const left: DriveItem[] = [];
      for (const item of waiting) {
        if (!(yield* this.#place(item))) left.push(item);
      }
      const hasProgress = left.length < waiting.length;
      waiting = left;
      if (!hasProgress || left.length === 0) break;
    }
    this.#waiting = waiting;
  }

  #inOrder(items: readonly DriveItem[]): readonly DriveItem[] {
    // A complete listing has next to nothing to put in order, and may be long.
    if (this.#options.scope === "full") return items;
    const rank = (item: DriveItem): number =>
      item.deleted !== undefined ? 0 : this.#options.known.find(item.id) === undefined ? 2 : 1;
    const ranked = items.map((item) => ({ item, rank: rank(item) }));
    return ranked.sort((a, b) => a.rank - b.rank).map(({ item }) => item);
  }

  /** False when the item has to wait for its parent. */
  *#place(item: DriveItem): Generator<readonly RemoteChange[], boolean> {
    const { root, isRootElsewhere } = this.#options;
    if (item.deleted !== undefined) {
      yield* this.#bury(item.id);
      return true;
    }
    if (item.id === root.id) {
      if (isRootElsewhere(item)) throw new StaleListing("the root was renamed or moved");
      if (item.parentReference?.id !== undefined && item.root === undefined) this.#outside.add(item.parentReference.id);
      return true;
    }
    const parentId = item.parentReference?.id;
    if (this.#outside.has(item.id) && this.#isInside(parentId)) {
      // It was moved in here while the listing was under way. What is in it was left out until now.
      this.#outside.delete(item.id);
      this.#isDisturbed = true;
    }
    if (
      item.root !== undefined ||
      this.#outside.has(item.id) ||
      (parentId !== undefined && this.#outside.has(parentId))
    ) {
      yield* this.#leaveOut(item);
      return true;
    }
    if (parentId === undefined) {
      // Left out of a complete listing it would count as deleted.
      if (this.#options.scope === "full" && specialType(item) === undefined) throw homeless();
      return true;
    }
    const parent = parentId === root.id ? { path: undefined } : this.#folder(parentId);
    if (parent === undefined) return false;
    this.#children.count(parentId);
    const path = toPath(parent.path, item.name);
    if (path === undefined) {
      yield* this.#report(item, parent.path);
      return true;
    }
    return yield* this.#put(item, path);
  }

  *#put(item: DriveItem, path: SyncPath): Generator<readonly RemoteChange[], boolean> {
    const { known, specials, scope } = this.#options;
    let was = this.#fresh.get(item.id) ?? known.find(item.id)?.path;
    if (was !== undefined && was !== path) {
      yield this.rest();
      was = known.find(item.id)?.path;
      // What is new has taken its old place already. What is left below that place is found by id where it is now.
      if (was === undefined) this.#isDisturbed = true;
    }
    // A folder that is to go below itself waits until what it goes into has left it.
    if (was !== undefined && isBelow(path, was)) return false;
    const isFolder = item.folder !== undefined && specialType(item) === undefined;
    if (specialType(item) === undefined) specials.forget(item.id);
    else {
      this.#outside.add(item.id);
      if (!specials.note(item.id, path)) throw new StaleListing("something that is not synchronised was moved");
    }
    const entry: RemoteChange = { kind: "entry", entry: toEntry(item, path, this.#kind) };
    if (was !== undefined && was !== path) {
      const canMove = scope === "changes" && specialType(item) === undefined;
      this.#add("entries", canMove ? { kind: "moved", from: was, to: path } : { kind: "gone", path: was });
      this.#add("entries", entry);
      if (isFolder && !canMove) this.#expectAll(item.id);
      yield this.rest();
      return true;
    }
    if (this.#portion.holds !== "entries") yield this.rest();
    this.#add("entries", entry);
    if (isFolder) {
      this.#fresh.set(item.id, path);
      if (this.#displaced.has(item.parentReference?.id ?? "")) this.#expectAll(item.id);
      else if (was === undefined && (scope === "changes" || this.#isDisturbed)) this.#children.expect(item);
    }
    return true;
  }

  /** In a complete listing, what went along was listed at the old place, and so was all that is below it. */
  #expectAll(id: string): void {
    this.#isDisturbed = true;
    this.#displaced.add(id);
    this.#children.expectLook(id);
  }

  *#bury(id: string): Generator<readonly RemoteChange[]> {
    const { root, known, specials, scope } = this.#options;
    if (id === root.id || id === root.parentId) throw new StaleListing("the root is gone");
    if (specials.has(id)) {
      specials.forget(id);
      if (scope === "changes") throw new StaleListing("something that is not synchronised is gone");
    }
    const path = this.#fresh.get(id) ?? known.find(id)?.path;
    this.#children.settle(id);
    if (path === undefined) return;
    if (scope === "full") this.#isDisturbed = true;
    if (this.#portion.holds !== "tombstones") yield this.rest();
    this.#add("tombstones", { kind: "gone", path });
  }

  /** Above the root, beside it, or inside something that is one thing for us: nothing of it is ours any more. */
  *#leaveOut(item: DriveItem): Generator<readonly RemoteChange[]> {
    if (item.file === undefined) this.#outside.add(item.id);
    if (this.#options.known.find(item.id) !== undefined) yield* this.#bury(item.id);
  }

  *#report(item: DriveItem, folder: SyncPath | undefined): Generator<readonly RemoteChange[]> {
    this.#outside.add(item.id);
    if (this.#portion.holds !== "entries") yield this.rest();
    const name = item.name ?? "";
    const problem = badName("OneDrive", folder === undefined ? name : `${folder}/${name}`);
    this.#add("entries", { kind: "problem", problem });
  }

  #add(holds: Portion["holds"], change: RemoteChange): void {
    if (this.#portion.holds !== holds) this.#portion = { holds, changes: this.#portion.changes };
    this.#portion.changes.push(change);
  }

  #isInside(folderId: string | undefined): boolean {
    if (folderId === undefined || this.#outside.has(folderId)) return false;
    return folderId === this.#options.root.id || this.#folderPath(folderId) !== undefined;
  }

  #folder(id: string): { readonly path: SyncPath } | undefined {
    const path = this.#folderPath(id);
    return path === undefined ? undefined : { path };
  }

  #folderPath(id: string): SyncPath | undefined {
    const fresh = this.#fresh.get(id);
    if (fresh !== undefined) return fresh;
    if (this.#lastFolder?.id === id) return this.#lastFolder.path;
    const found = this.#options.known.find(id);
    if (found?.kind !== "folder") return undefined;
    this.#lastFolder = { id, path: found.path };
    return found.path;
  }
}

/** The last occurrence of each, in the order in which they came. */
function lastWords(items: readonly DriveItem[]): readonly DriveItem[] {
  const last = new Map<string, DriveItem>();
  for (const item of items) {
    last.delete(item.id);
    last.set(item.id, item);
  }
  return [...last.values()];
}

/** Undefined for a name that no file here can have. */
function toPath(folder: SyncPath | undefined, name: string | undefined): SyncPath | undefined {
  if (name === undefined || name.includes("/") || name.includes("\\")) return undefined;
  const parsed = parseSyncPath(name);
  return parsed === undefined ? undefined : joinPath(folder, parsed);
}

function homeless(): ProviderError {
  return new ProviderError(
    "malformed",
    "list: OneDrive shows an entry without saying which folder it is in; run again",
  );
}
