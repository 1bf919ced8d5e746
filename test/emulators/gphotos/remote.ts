import { bytesInMemory, collectAll, sha256Of } from "../shared/bytes.js";
import type { Account } from "./accounts.js";
import type { Album, Item, Origin } from "./library.js";
import { sniffMedia } from "./sniff-media.js";
import type { World } from "./world.js";

/** An item as a test sees it. */
export interface RemoteItem {
  readonly id: string;
  readonly origin: Origin;
  readonly filename: string;
  readonly description: string;
  readonly mimeType: string;
  readonly sizeBytes: number;
  readonly sha256: string;
  readonly createdAt: Date;
  readonly isTrashed: boolean;
  /** Titles of the albums it is in, in the order of their making. */
  readonly albums: readonly string[];
}

export interface RemoteAlbum {
  readonly id: string;
  readonly origin: Origin;
  readonly title: string;
  readonly coverItemId: string | undefined;
  /** In album order, without what lies in the bin. */
  readonly items: readonly { readonly id: string; readonly filename: string; readonly sha256: string }[];
}

export interface SeedItem {
  readonly filename: string;
  readonly content: Buffer;
  /** "user" stands for a phone or the web: the app does not see such items. Default "app". */
  readonly origin?: Origin | undefined;
  /** Ids of albums to put it into. */
  readonly albumIds?: readonly string[] | undefined;
  readonly description?: string | undefined;
  readonly createdAt?: Date | undefined;
}

/** A person's photos as the product shows them: at once, without requests, limits or faults. */
export class Remote {
  constructor(
    readonly account: Account,
    private readonly world: World,
  ) {}

  /** Puts a picture or film there. Bytes that are there already stay what they are. */
  async addItem({
    filename,
    content,
    origin = "app",
    albumIds = [],
    description = "",
    createdAt,
  }: SeedItem): Promise<RemoteItem> {
    const bytes = bytesInMemory(content);
    const media = await sniffMedia(bytes);
    if (media === undefined) throw new Error(`${filename} is neither a picture nor a film`);
    const nowMs = this.world.clock.nowMs();
    const createdMs = createdAt?.getTime() ?? media.exif?.takenMs ?? nowMs;
    const sha256 = await sha256Of(bytes);
    const { library } = this.account;
    const item = library.addItem({ filename, origin, bytes, media, sha256, description, createdMs, uploadedMs: nowMs });
    for (const id of albumIds) library.join(this.#album(id), [item.id]);
    return this.#describe(item);
  }

  addAlbum(title: string, { origin = "app" }: { readonly origin?: Origin | undefined } = {}): RemoteAlbum {
    return this.#describeAlbum(this.account.library.addAlbum(title, origin, this.world.clock.nowMs()));
  }

  /** Everything there is, in the order of arrival; what lies in the bin only when asked for. */
  items({ includeTrashed = false }: { readonly includeTrashed?: boolean | undefined } = {}): readonly RemoteItem[] {
    const { items } = this.account.library;
    return items.filter(({ isTrashed }) => includeTrashed || !isTrashed).map((item) => this.#describe(item));
  }

  albums(): readonly RemoteAlbum[] {
    return this.account.library.albums.map((album) => this.#describeAlbum(album));
  }

  /** File names by album title, each name with its SHA-256: what a backup is compared with. Equal titles are joined. */
  tree(): Readonly<Record<string, Readonly<Record<string, string>>>> {
    const tree: Record<string, Record<string, string>> = {};
    for (const { title, items } of this.albums()) {
      const album = (tree[title] ??= {});
      for (const { filename, sha256 } of items) album[filename] = sha256;
    }
    return tree;
  }

  /** The bytes as they went up. */
  async read(id: string): Promise<Buffer> {
    return await collectAll(this.#item(id).bytes);
  }

  /** As the user deletes it: into the bin. With `forGood` the bin is emptied of it too. */
  removeItem(id: string, { forGood = false }: { readonly forGood?: boolean | undefined } = {}): void {
    const item = this.#item(id);
    if (forGood) this.account.library.forgetItem(item);
    else item.isTrashed = true;
  }

  restoreItem(id: string): void {
    this.#item(id).isTrashed = false;
  }

  removeAlbum(id: string): void {
    this.account.library.removeAlbum(this.#album(id).id);
  }

  renameAlbum(id: string, title: string): void {
    this.#album(id).title = title;
  }

  removeFromAlbum(albumId: string, itemId: string): void {
    this.account.library.leave(this.#album(albumId), [itemId]);
  }

  /** Marks as the user does, or as things go wrong: a broken item spoils every page, a failed video stays unplayable. */
  mark(id: string, marks: Partial<Pick<Item, "isArchived" | "isFavorite" | "isBroken" | "isFailed">>): void {
    Object.assign(this.#item(id), marks);
  }

  #item(id: string): Item {
    const item = this.account.library.item(id);
    if (item === undefined) throw new Error(`no item ${id}`);
    return item;
  }

  #album(id: string): Album {
    const album = this.account.library.album(id);
    if (album === undefined) throw new Error(`no album ${id}`);
    return album;
  }

  #describe(item: Item): RemoteItem {
    const { id, origin, filename, description, sha256, isTrashed } = item;
    const albums = this.account.library.albums
      .filter(({ entries }) => entries.some((entry) => entry.id === id))
      .map(({ title }) => title);
    return {
      ...{ id, origin, filename, description, sha256, isTrashed, albums },
      mimeType: item.media.mimeType,
      sizeBytes: item.bytes.sizeBytes,
      createdAt: new Date(item.createdMs),
    };
  }

  #describeAlbum(album: Album): RemoteAlbum {
    const { id, origin, title, coverItemId } = album;
    const items = this.account.library.itemsOf(album);
    return {
      ...{ id, origin, title, coverItemId },
      items: items.map((item) => ({ id: item.id, filename: item.filename, sha256: item.sha256 })),
    };
  }
}
