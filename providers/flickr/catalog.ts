import * as z from "zod";
import { ProviderError } from "../../lib/model/errors.js";
import { joinPath, nameOf, parentOf, toSyncPath, type SyncPath } from "../../lib/model/path.js";
import type { ContentHash } from "../../lib/model/hash.js";
import { attempt } from "../attempts.js";
import type { Book } from "./book.js";
import type { Journal } from "./journal.js";
import type { Lists } from "./lists.js";
import { recall, remember, type Memory } from "../memory.js";
import { fileNameOf, folderOfAlbum, NO_ALBUM, type AlbumLayout } from "./names.js";
import type { UnfinishedMove } from "./move-notes.js";
import { assertWhole } from "./pages.js";
import { toPhoto, type Photo } from "./photos.js";
import type { ListedAlbum } from "./schemas.js";
import { createSuffixes, type Suffixes } from "./suffixes.js";

/** An album, or what is in none, as a folder. */
export interface Album {
  /** Undefined for what is in no album. */
  readonly id: string | undefined;
  readonly folder: SyncPath;
  readonly title: string;
  readonly description: string;
  readonly primary: string | undefined;
}

/** What is in an album, by the name of the file. */
export interface Content {
  readonly byName: Map<string, Photo>;
  /** False when the service counts more than it shows. */
  readonly isWhole: boolean;
}

/** What is known of the account in this run: what was listed, and what this run did since. */
export interface Catalog {
  /** Reads the list of albums anew. Forgets what was in those that are gone, and keeps the rest. */
  refreshAlbums(signal: AbortSignal): Promise<readonly Album[]>;
  /** Reads what is in the album anew; undefined when it is gone. */
  refresh(album: Album, signal: AbortSignal): Promise<Content | undefined>;
  /** The album of the folder; undefined when there is none as far as is known. Reads the list of albums where it was never read. */
  albumAt(folder: SyncPath, signal: AbortSignal): Promise<Album | undefined>;
  /** What is in the album, as far as is known; read where it was never read. */
  contentOf(album: Album, signal: AbortSignal): Promise<Content>;
  /** Albums in folders below this one. */
  albumsBelow(folder: SyncPath): readonly Album[];
  /** The photo gets another name in the album, or comes to it anew. */
  releaseName(album: Album, id: string): void;
  /** A photo by its id, as far as is known. */
  photo(id: string): Photo | undefined;
  /** Ids of all photos of this content that were seen in this run. */
  idsOf(hash: ContentHash): readonly string[];
  noteAlbum(album: Album): void;
  notePhoto(path: SyncPath, photo: Photo): void;
  forgetPhoto(path: SyncPath): void;
  renameAlbum(album: Album, folder: SyncPath, title: string): void;
  /** Shows a photo that was left half-way where it was before, so that it is moved again. Undefined where it is not half-way. */
  showBeforeMove(move: UnfinishedMove): Photo | undefined;
  save(): void;
}

export interface CatalogOptions {
  readonly lists: Lists;
  readonly book: Book;
  readonly memory: Memory;
  readonly layout: AlbumLayout;
  readonly journal: Journal;
}

/** Where the folders of albums are remembered. */
const FOLDERS = "folders";
const folders = z.record(z.string(), z.string());
type Folders = Readonly<z.infer<typeof folders>>;

export const NO_ALBUM_FOLDER: Album = {
  id: undefined,
  folder: toSyncPath(NO_ALBUM),
  title: NO_ALBUM,
  description: "",
  primary: undefined,
};

export function createCatalog(options: CatalogOptions): Catalog {
  return new AccountCatalog(options);
}

class AccountCatalog implements Catalog {
  readonly #suffixes: Suffixes;
  readonly #contents = new Map<SyncPath, Content>();
  /** Where every album was when it was last listed, by id. */
  #folders: Folders;
  #savedFolders: string | undefined;
  readonly #idsByHash = new Map<ContentHash, Set<string>>();
  /** Albums that this run made, by id: a list of albums may run behind. */
  readonly #made = new Map<string, Album>();
  #albums: Map<SyncPath, Album> | undefined;

  constructor(private readonly options: CatalogOptions) {
    this.#suffixes = createSuffixes(options.memory);
    this.#folders = recall(options.memory, FOLDERS, folders) ?? {};
  }

  async refreshAlbums(signal: AbortSignal): Promise<readonly Album[]> {
    const listed = assertWhole(await this.options.lists.albums(signal), "list albums");
    const ids = new Set(listed.map(({ id }) => id));
    const missing = [...this.#made.values()].filter(({ id }) => id !== undefined && !ids.has(id));
    const shown = toAlbums(listed, { ...this.options, suffixes: this.#suffixes, earlier: this.#folders });
    this.#noteFolders(shown);
    const isFree = ({ folder }: Album): boolean => !shown.some((album) => album.folder === folder);
    const found = [...shown, ...missing.filter(isFree)];
    const now = new Map(found.map((album) => [album.folder, album]));
    for (const [folder, { id }] of this.#albums ?? []) if (now.get(folder)?.id !== id) this.#contents.delete(folder);
    this.#albums = now;
    return found;
  }

  async refresh(album: Album, signal: AbortSignal): Promise<Content | undefined> {
    signal.throwIfAborted();
    const { lists, book } = this.options;
    const { id, folder } = album;
    const outcome = await attempt(() =>
      id === undefined ? lists.inNoAlbum(signal) : lists.inAlbum(id, folder, signal),
    );
    if (!outcome.ok) {
      if (outcome.error.code !== "not-found") throw outcome.error;
      this.#forgetAlbum(album);
      return undefined;
    }
    const { rows, isWhole } = outcome.value;
    const photos = rows.map((row) => toPhoto(row, book));
    for (const photo of photos) this.#noteHash(photo);
    const byName = this.#named(id === undefined ? withoutWaiting(photos, this.options) : photos, album);
    const content = { byName, isWhole };
    this.#contents.set(folder, content);
    return content;
  }

  async albumAt(folder: SyncPath, signal: AbortSignal): Promise<Album | undefined> {
    if (folder === NO_ALBUM_FOLDER.folder) return NO_ALBUM_FOLDER;
    if (this.#albums === undefined) await this.refreshAlbums(signal);
    return this.#albums?.get(folder);
  }

  async contentOf(album: Album, signal: AbortSignal): Promise<Content> {
    const known = this.#contents.get(album.folder) ?? (await this.refresh(album, signal));
    return known ?? { byName: new Map(), isWhole: true };
  }

  albumsBelow(folder: SyncPath): readonly Album[] {
    return [...(this.#albums?.values() ?? [])].filter((album) => album.folder.startsWith(`${folder}/`));
  }

  releaseName(album: Album, id: string): void {
    this.#suffixes.release(placeOf(album), id);
  }

  photo(id: string): Photo | undefined {
    for (const { byName } of this.#contents.values()) {
      for (const photo of byName.values()) if (photo.id === id) return photo;
    }
    return undefined;
  }

  idsOf(hash: ContentHash): readonly string[] {
    return [...(this.#idsByHash.get(hash) ?? [])];
  }

  noteAlbum(album: Album): void {
    if (album.id !== undefined) this.#made.set(album.id, album);
    this.#albums?.set(album.folder, album);
    this.#contents.set(album.folder, { byName: new Map(), isWhole: true });
  }

  notePhoto(path: SyncPath, photo: Photo): void {
    this.#noteHash(photo);
    this.#contents.get(folderAbove(path))?.byName.set(nameOf(path), photo);
  }

  forgetPhoto(path: SyncPath): void {
    const folder = folderAbove(path);
    const content = this.#contents.get(folder);
    content?.byName.delete(nameOf(path));
    const album = this.#albums?.get(folder);
    // The service ends an album with its last photo.
    if (content?.byName.size === 0 && content.isWhole && album !== undefined) this.#forgetAlbum(album);
  }

  renameAlbum(album: Album, folder: SyncPath, title: string): void {
    const content = this.#contents.get(album.folder);
    const wasMade = album.id !== undefined && this.#made.has(album.id);
    const renamed = { ...album, folder, title };
    this.#forgetAlbum(album);
    this.#suffixes.release(ALBUMS, album.id ?? "");
    this.#albums?.set(folder, renamed);
    if (wasMade) this.#made.set(album.id, renamed);
    if (content !== undefined) this.#contents.set(folder, content);
  }

  showBeforeMove({ id, from, to }: UnfinishedMove): Photo | undefined {
    const target = this.#contents.get(folderAbove(to))?.byName;
    const [name, photo] = [...(target ?? [])].find(([, one]) => one.id === id) ?? [];
    if (target === undefined || name === undefined || photo === undefined) return undefined;
    // The album may have gone with this very photo.
    const source = this.#contents.get(folderAbove(from))?.byName ?? new Map<string, Photo>();
    const isInBoth = [...source.values()].some((one) => one.id === id);
    const isDone = !isInBoth && (name === nameOf(to) || source.has(nameOf(from)));
    if (isDone) return undefined;
    target.delete(name);
    if (!isInBoth) source.set(nameOf(from), photo);
    if (!this.#contents.has(folderAbove(from))) {
      this.#contents.set(folderAbove(from), { byName: source, isWhole: true });
    }
    return photo;
  }

  save(): void {
    if (this.#albums !== undefined) this.#noteFolders([...this.#albums.values()]);
    const folders = JSON.stringify(this.#folders);
    if (folders !== this.#savedFolders) remember(this.options.memory, FOLDERS, this.#folders);
    this.#savedFolders = folders;
    this.#suffixes.save();
    this.options.book.save();
  }

  #noteHash({ id, hash }: Photo): void {
    if (hash === undefined) return;
    const ids = this.#idsByHash.get(hash);
    if (ids === undefined) this.#idsByHash.set(hash, new Set([id]));
    else ids.add(id);
  }

  #noteFolders(albums: readonly Album[]): void {
    this.#folders = Object.fromEntries(albums.flatMap(({ id, folder }) => (id === undefined ? [] : [[id, folder]])));
  }

  #forgetAlbum({ id, folder }: Album): void {
    if (id !== undefined) this.#made.delete(id);
    this.#albums?.delete(folder);
    this.#contents.delete(folder);
  }

  #named(photos: readonly Photo[], album: Album): Map<string, Photo> {
    const wanting = photos.map((photo) => ({ id: photo.id, name: fileNameOf(photo), isFirst: photo.isFileName }));
    // Names of albums below this one are taken.
    const start = album.folder.length + 1;
    const taken = this.albumsBelow(album.folder).map(({ folder }) => folder.slice(start).split("/")[0] ?? "");
    const names = this.#suffixes.assign(placeOf(album), wanting, new Set(taken));
    return new Map(photos.map((photo) => [names.get(photo.id) ?? photo.id, photo]));
  }
}

/** Photos that wait to be put into their albums are not where they belong yet. */
function withoutWaiting(photos: readonly Photo[], { journal }: CatalogOptions): readonly Photo[] {
  for (const photo of photos) journal.saw(photo);
  return photos.filter((photo) => !journal.isWaiting(photo));
}

export function folderAbove(path: SyncPath): SyncPath {
  const folder = parentOf(path);
  if (folder !== undefined) return folder;
  throw new ProviderError("rejected", `${path}: on Flickr every photo is in an album, which is a folder here`);
}

/** Where albums are next to each other. */
const ALBUMS = "albums";

function placeOf({ id }: Album): string {
  return id ?? "none";
}

interface Naming {
  readonly layout: AlbumLayout;
  readonly suffixes: Suffixes;
  readonly earlier: Folders;
}

function toAlbums(listed: readonly ListedAlbum[], naming: Naming): readonly Album[] {
  const { suffixes, earlier } = naming;
  const wanting = listed.map(({ id, title }) => {
    const name = folderFor(id, title, naming);
    return { id, name, isKept: earlier[id] === name, isFirst: false };
  });
  const folders = suffixes.assign(ALBUMS, wanting, new Set([NO_ALBUM]));
  return listed.map(({ id, title, description, primary }) => {
    const folder = joinPath(undefined, folders.get(id) ?? id);
    return { id, folder, title, description: description ?? "", primary };
  });
}

/** At times albums come without their title: then they keep the folder that they had. */
function folderFor(id: string, title: string, { layout, earlier }: Naming): string {
  const known = earlier[id];
  return title.trim() === "" && known !== undefined ? known : folderOfAlbum(title, layout);
}
