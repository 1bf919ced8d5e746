import type { Chance } from "../shared/chance.js";
import type { Clock } from "../shared/clock.js";
import type { Content } from "./content.js";
import { type Entry, type File, type Folder, partsOf, walk } from "./entries.js";
import { alreadyExists, folderExists, notFound, parentMissing } from "./failures.js";
import { FlatIndex } from "./flat-index.js";
import { hexDigits } from "./hex.js";
import { isAtOrBelow, isSamePlace, type Parts, shownPath } from "./paths.js";
import type { Schedule } from "./schedule.js";
import type { Settings } from "./settings.js";
import { Trash } from "./trash.js";

/** Contents that an overwrite or a permanent delete took away: nobody gets them back. */
export interface GoneContent {
  readonly path: string;
  readonly content: Content;
}

interface Surroundings {
  readonly settings: Settings;
  readonly clock: Clock;
  readonly chance: Chance;
  readonly schedule: Schedule;
}

/** The files of one account, by case-sensitive names. Every method checks all it needs before it changes anything. */
export class Disk {
  readonly root: Folder;
  readonly trash: Trash;
  readonly flat: FlatIndex;
  readonly gone: GoneContent[] = [];
  #revision = 0;
  #usedBytes = 0;

  constructor(
    private readonly uid: string,
    private readonly world: Surroundings,
  ) {
    this.flat = new FlatIndex(world.settings, world.schedule);
    this.trash = new Trash(world.clock, world.chance);
    this.root = this.#newFolder("disk");
  }

  /** Of the whole Disk: the newest of its entries. */
  get revision(): number {
    return this.#revision;
  }

  /** With the trash, which goes on using space. */
  get usedBytes(): number {
    return this.#usedBytes;
  }

  get freeBytes(): number {
    return this.world.settings.quotaBytes - this.usedBytes;
  }

  find(parts: Parts): Entry | undefined {
    let at: Entry | undefined = this.root;
    for (const part of parts) at = at?.kind === "dir" ? at.children.get(part) : undefined;
    return at;
  }

  get(parts: Parts): Entry {
    const entry = this.find(parts);
    if (entry === undefined) throw notFound();
    return entry;
  }

  /** The folder that a new entry goes into. Folders are never made on the way. */
  parentOf(parts: Parts): Folder {
    const parent = this.find(parts.slice(0, -1));
    if (parent?.kind !== "dir" || parts.length === 0) throw parentMissing(shownPath(parts));
    return parent;
  }

  makeFolder(parts: Parts): Folder {
    const parent = this.parentOf(parts);
    const name = nameOf(parts);
    const existing = parent.children.get(name);
    if (existing?.kind === "dir") throw folderExists(shownPath(parts));
    if (existing !== undefined) throw alreadyExists(shownPath(parts));
    return this.#attach(this.#newFolder(name), parent);
  }

  /** Makes the folders on the way as well: what the service does for `app:/`, for a restore, and for tests. */
  makeFolders(parts: Parts): Folder {
    let at = this.root;
    for (let depth = 1; depth <= parts.length; depth += 1) {
      const found = this.find(parts.slice(0, depth));
      at = found?.kind === "dir" ? found : this.makeFolder(parts.slice(0, depth));
    }
    return at;
  }

  /** Whether an upload to this place would be refused by what is there. */
  assertUpload(parts: Parts, overwrite: boolean): void {
    const existing = this.parentOf(parts).children.get(nameOf(parts));
    if (existing?.kind === "dir") throw folderExists(shownPath(parts));
    if (existing !== undefined && !overwrite) throw alreadyExists(shownPath(parts));
  }

  putFile(parts: Parts, content: Content, overwrite: boolean): File {
    this.assertUpload(parts, overwrite);
    const parent = this.parentOf(parts);
    const existing = parent.children.get(nameOf(parts));
    const nowMs = this.world.clock.nowMs();
    if (existing?.kind !== "file") return this.#attach(this.#newFile(nameOf(parts), content), parent);
    this.forget(existing);
    this.#usedBytes += content.sizeBytes;
    const { propertiesSurvive } = this.world.settings;
    existing.content = content;
    existing.modifiedMs = nowMs;
    existing.uploadedMs = nowMs;
    existing.properties = propertiesSurvive.overwrite ? existing.properties : undefined;
    this.#touch(existing);
    return existing;
  }

  patch(entry: Entry, properties: Entry["properties"]): void {
    entry.properties = properties;
    entry.modifiedMs = Math.max(this.world.clock.nowMs(), entry.modifiedMs);
    this.#touch(entry);
  }

  remove(entry: Entry, permanently: boolean): void {
    const parts = partsOf(entry);
    if (permanently) this.forget(entry);
    this.#detach(entry);
    if (!permanently) this.trash.add(entry, parts);
    this.#nextRevision();
  }

  /** Throws what stands against moving or copying `from` to `to`. */
  assertRelocation(from: Parts, to: Parts, overwrite: boolean): void {
    if (from.length === 0) throw notFound();
    this.get(from);
    if (isSamePlace(from, to)) throw alreadyExists(shownPath(to));
    if (isAtOrBelow(to, from)) throw parentMissing(shownPath(to));
    const existing = this.parentOf(to).children.get(nameOf(to));
    const isRefused = !overwrite || this.world.settings.overwriteByMove === "refuses" || isAtOrBelow(from, to);
    if (existing !== undefined && isRefused) throw alreadyExists(shownPath(to));
  }

  move(from: Parts, to: Parts, overwrite: boolean): void {
    this.assertRelocation(from, to, overwrite);
    const entry = this.get(from);
    const parent = this.#clearPlace(to);
    this.#detach(entry);
    entry.name = nameOf(to);
    if (!this.world.settings.moveKeepsId) for (const one of walk(entry)) one.id = this.#newId();
    if (!this.world.settings.propertiesSurvive.move) for (const one of walk(entry)) one.properties = undefined;
    this.#attach(entry, parent);
    for (const one of walk(entry)) this.#touch(one);
  }

  copy(from: Parts, to: Parts, overwrite: boolean): void {
    this.assertRelocation(from, to, overwrite);
    const copied = this.#copyOf(this.get(from), nameOf(to));
    this.#attach(copied, this.#clearPlace(to));
    for (const one of walk(copied)) this.#touch(one);
  }

  /** Brings an entry of the trash back, with the folders that it stood in. */
  restore(item: Entry, to: Parts, overwrite: boolean): void {
    const parent = this.makeFolders(to.slice(0, -1));
    const existing = parent.children.get(nameOf(to));
    if (existing !== undefined && (!overwrite || existing.kind === "dir")) throw alreadyExists(shownPath(to));
    this.#clearPlace(to);
    this.trash.take(item);
    item.name = nameOf(to);
    this.#attach(item, parent);
    for (const one of walk(item)) this.#touch(one);
  }

  /** Remembers the contents of an entry that is about to go for good. */
  forget(entry: Entry): void {
    for (const one of walk(entry)) {
      if (one.kind === "dir") continue;
      this.#usedBytes -= one.content.sizeBytes;
      this.gone.push({ path: `/${partsOf(one).join("/")}`, content: one.content });
    }
  }

  #clearPlace(to: Parts): Folder {
    const parent = this.parentOf(to);
    const existing = parent.children.get(nameOf(to));
    if (existing === undefined) return parent;
    this.forget(existing);
    this.#detach(existing);
    return parent;
  }

  #attach<Kind extends Entry>(entry: Kind, parent: Folder): Kind {
    entry.parent = parent;
    parent.children.set(entry.name, entry);
    this.#touch(entry);
    return entry;
  }

  #detach(entry: Entry): void {
    entry.parent?.children.delete(entry.name);
    for (const one of walk(entry)) if (one.kind === "file") this.flat.remove(one);
    entry.parent = undefined;
  }

  #touch(entry: Entry): void {
    entry.revision = this.#nextRevision();
    if (entry.kind === "file") this.flat.put(entry);
  }

  #copyOf(entry: Entry, name: string): Entry {
    const { propertiesSurvive } = this.world.settings;
    const properties = propertiesSurvive.copy ? entry.properties : undefined;
    if (entry.kind === "file") return Object.assign(this.#newFile(name, entry.content), { properties });
    const folder = Object.assign(this.#newFolder(name), { properties });
    for (const child of entry.children.values()) this.#attach(this.#copyOf(child, child.name), folder);
    return folder;
  }

  #newFile(name: string, content: Content): File {
    this.#usedBytes += content.sizeBytes;
    return { kind: "file", ...this.#newTraits(name), content, uploadedMs: this.world.clock.nowMs() };
  }

  #newFolder(name: string): Folder {
    return { kind: "dir", ...this.#newTraits(name), children: new Map<string, Entry>() };
  }

  #newTraits(
    name: string,
  ): Pick<Entry, "name" | "parent" | "id" | "createdMs" | "modifiedMs" | "revision"> &
    Pick<Entry, "properties" | "publicKey"> {
    const nowMs = this.world.clock.nowMs();
    return {
      name,
      parent: undefined,
      id: this.#newId(),
      createdMs: nowMs,
      modifiedMs: nowMs,
      revision: this.#nextRevision(),
      properties: undefined,
      publicKey: undefined,
    };
  }

  #newId(): string {
    return `${this.uid}:${hexDigits(this.world.chance, 64)}`;
  }

  #nextRevision(): number {
    this.#revision = Math.max(this.#revision + 1, this.world.clock.nowMs() * 1000);
    return this.#revision;
  }
}

function nameOf(parts: Parts): string {
  return parts.at(-1) ?? "";
}
