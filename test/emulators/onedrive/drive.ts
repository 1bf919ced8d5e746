import type { Chance } from "../shared/chance.js";
import type { Clock } from "../shared/clock.js";
import type { Content } from "./content.js";
import { createIds, type Ids, type ItemName } from "./ids.js";
import type { Item, Place, Times, Traits } from "./items.js";
import { type DriveKind, isClassic, isPersonal } from "./kinds.js";
import { keyOf } from "./names.js";

export interface Change {
  readonly sequence: number;
  readonly itemId: string;
  readonly atMs: number;
}

/** What is tied to a path of a drive until it is allowed again: every request that does so is refused. */
export interface Denial {
  readonly on: "read" | "write" | "delete" | "all";
  readonly status: number;
  readonly code: string;
  readonly message?: string | undefined;
}

/** Items of one drive, by id, with all that ever happened to them. Nothing here is refused: routes check first. */
export class Drive {
  readonly ids: Ids;
  readonly root: Item;
  readonly changes: Change[] = [];
  readonly denials = new Map<string, Denial>();
  /** Old contents that the quota still counts. */
  versionBytes = 0;
  readonly #items = new Map<string, Item>();
  readonly #children = new Map<string, Map<string, Item>>();

  constructor(
    readonly kind: DriveKind,
    private readonly clock: Clock,
    chance: Chance,
  ) {
    this.ids = createIds(kind, chance);
    this.root = this.#create(this.ids.root, { kind: "folder", parentId: undefined, name: "root" });
  }

  get id(): string {
    return this.ids.driveId;
  }

  get sequence(): number {
    return this.changes.length;
  }

  get usedBytes(): number {
    return this.root.sizeBytes + this.versionBytes;
  }

  /** The live item of this id; `root` stands for the root. */
  get(id: string): Item | undefined {
    const item = this.known(id);
    return item === undefined || item.isDeleted ? undefined : item;
  }

  /** As `get`, also for items that are gone. */
  known(id: string): Item | undefined {
    if (id === "root") return this.root;
    const bang = id.indexOf("!");
    // The drive's own id in front of an item's changes its spelling, as it does elsewhere.
    const key = bang < 0 ? id : `${id.slice(0, bang).toUpperCase().padStart(16, "0")}${id.slice(bang)}`;
    return this.#items.get(key);
  }

  child(parent: Item, name: string): Item | undefined {
    return this.#children.get(parent.id)?.get(keyOf(name));
  }

  childrenOf(folder: Item): readonly Item[] {
    return [...(this.#children.get(folder.id)?.values() ?? [])];
  }

  childCount(folder: Item): number {
    return this.#children.get(folder.id)?.size ?? 0;
  }

  parentOf(item: Item): Item | undefined {
    return item.parentId === undefined ? undefined : this.#items.get(item.parentId);
  }

  /** Path below the root, "" for the root. */
  pathOf(item: Item): string {
    const parent = this.parentOf(item);
    if (parent === undefined) return "";
    const above = this.pathOf(parent);
    return above === "" ? item.name : `${above}/${item.name}`;
  }

  isWithin(item: Item, folder: Item): boolean {
    for (let at: Item | undefined = item; at !== undefined; at = this.parentOf(at)) if (at === folder) return true;
    return false;
  }

  /** Everything below, parents before children. */
  *below(folder: Item): Generator<Item> {
    for (const child of this.childrenOf(folder)) {
      yield child;
      if (child.kind === "folder") yield* this.below(child);
    }
  }

  /** Whether the item was `scope` or below it after the change of this number. */
  wasWithin(item: Item, scope: Item, sequence: number): boolean {
    for (let at: Item | undefined = item; at !== undefined;) {
      const parentId: string | undefined = placeAt(at, sequence)?.parentId;
      if (at.parentId !== undefined && parentId === undefined) return false;
      if (at === scope) return true;
      at = parentId === undefined ? undefined : this.#items.get(parentId);
    }
    return false;
  }

  addFile(parent: Item, name: string, file: NewFile): Item {
    const item = this.#create(this.ids.next(), { ...file, kind: "file", parentId: parent.id, name });
    this.#attach(item, parent);
    return item;
  }

  addFolder(parent: Item, name: string, times: Times = {}, traits: Traits = {}): Item {
    const item = this.#create(this.ids.next(), { ...times, traits, kind: "folder", parentId: parent.id, name });
    this.#attach(item, parent);
    return item;
  }

  /** A OneNote notebook, or a shortcut to an item of another drive. */
  addOther(parent: Item, name: string, kind: "package" | "remote", traits: Traits): Item {
    const item = this.#create(this.ids.next(), { traits, kind, parentId: parent.id, name });
    this.#attach(item, parent);
    return item;
  }

  setContent(item: Item, file: NewFile): void {
    this.#keepVersion(item);
    this.#putContent(item, file);
    item.rewritesLeft = file.rewritesLeft ?? 0;
    item.fsModifiedMs = file.modifiedMs ?? this.clock.nowMs();
    if (file.createdMs !== undefined) item.fsCreatedMs = file.createdMs;
  }

  /** What the service itself does to a file: no version is kept, its times stay. */
  rewrite(item: Item, content: Content): void {
    this.#putContent(item, { content });
  }

  setTimes(item: Item, { createdMs, modifiedMs }: Times): void {
    // Business drives keep a version for each change of the time, and count it.
    if (item.kind === "file" && !isPersonal(this.kind)) this.#keepVersion(item);
    item.fsCreatedMs = createdMs ?? item.fsCreatedMs;
    item.fsModifiedMs = modifiedMs ?? item.fsModifiedMs;
    this.#changed(item);
  }

  describe(item: Item, description: string): void {
    item.traits.description = description;
    this.#changed(item);
  }

  move(item: Item, parent: Item, name: string): void {
    this.#detach(item);
    item.name = name;
    item.parentId = parent.id;
    this.#attach(item, parent);
  }

  remove(item: Item): void {
    this.#detach(item);
    item.isDeleted = true;
    for (const gone of this.below(item)) gone.isDeleted = true;
    this.#changed(item);
    item.lineage.push({ sequence: this.sequence, parentId: undefined, name: item.name });
  }

  /** Brings a deleted item back with all it held. */
  restore(item: Item, parent: Item, name: string): void {
    item.isDeleted = false;
    for (const back of this.below(item)) back.isDeleted = false;
    item.name = name;
    item.parentId = parent.id;
    this.#attach(item, parent);
  }

  /** Every item there ever was. */
  everything(): readonly Item[] {
    return [...this.#items.values()];
  }

  #create(name: ItemName, made: NewItem): Item {
    const nowMs = this.clock.nowMs();
    const { content, sha256, kind, parentId, traits = {}, createdMs, modifiedMs, rewritesLeft = 0 } = made;
    const item: Item = {
      ...name,
      kind,
      parentId,
      name: made.name,
      content,
      sha256,
      sizeBytes: content?.sizeBytes ?? 0,
      eTagVersion: 0,
      cTagVersion: 1,
      createdMs: nowMs,
      modifiedMs: nowMs,
      fsCreatedMs: createdMs ?? nowMs,
      fsModifiedMs: modifiedMs ?? nowMs,
      isDeleted: false,
      traits,
      versions: [],
      lineage: [],
      rewritesLeft,
    };
    this.#items.set(item.id, item);
    if (kind === "folder") this.#children.set(item.id, new Map());
    return item;
  }

  #attach(item: Item, parent: Item): void {
    this.#children.get(parent.id)?.set(keyOf(item.name), item);
    this.#grow(item, item.sizeBytes);
    this.#changed(item);
    item.lineage.push({ sequence: this.sequence, parentId: parent.id, name: item.name });
  }

  #detach(item: Item): void {
    if (item.parentId !== undefined) this.#children.get(item.parentId)?.delete(keyOf(item.name));
    this.#grow(item, -item.sizeBytes);
  }

  #putContent(item: Item, { content, sha256 }: NewFile): void {
    this.#grow(item, content.sizeBytes - item.sizeBytes);
    item.sizeBytes = content.sizeBytes;
    item.content = content;
    item.sha256 = sha256;
    item.cTagVersion += 1;
    this.#changed(item);
  }

  #keepVersion(item: Item): void {
    if (item.content === undefined) return;
    item.versions.push({
      content: item.content,
      fsModifiedMs: item.fsModifiedMs,
      replacedMs: this.clock.nowMs(),
    });
    if (!isPersonal(this.kind)) this.versionBytes += item.content.sizeBytes;
  }

  #changed(item: Item): void {
    const atMs = this.clock.nowMs();
    item.eTagVersion += 1;
    item.modifiedMs = atMs;
    this.changes.push({ sequence: this.sequence + 1, itemId: item.id, atMs });
  }

  /** Sizes of folders are sums, and on classic drives their cTags follow what is below. */
  #grow(item: Item, bytes: number): void {
    for (let at = this.parentOf(item); at !== undefined; at = this.parentOf(at)) {
      at.sizeBytes += bytes;
      if (isClassic(this.kind)) at.cTagVersion = this.sequence + 2;
    }
  }
}

export interface NewFile extends Times {
  readonly content: Content;
  readonly sha256?: string | undefined;
  readonly traits?: Traits | undefined;
  readonly rewritesLeft?: number | undefined;
}

interface NewItem extends Partial<NewFile> {
  readonly kind: Item["kind"];
  readonly parentId: string | undefined;
  readonly name: string;
}

/** Where an item was after the change of this number; undefined when it did not exist yet, and for the root. */
export function placeAt(item: Item, sequence: number): Place | undefined {
  for (let index = item.lineage.length - 1; index >= 0; index -= 1) {
    const place = item.lineage[index];
    if (place !== undefined && place.sequence <= sequence) return place;
  }
  return undefined;
}
