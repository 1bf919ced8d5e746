import { sniffMedia } from "../gphotos/sniff-media.js";
import { collectAll } from "../shared/bytes.js";
import type { Account } from "./accounts.js";
import { contentInMemory } from "./content.js";
import type { Library } from "./library.js";
import { newPhoto } from "./new-photo.js";
import { type Photo, type PhotoMedia, type Photoset, takenOf, toPhotoMedia } from "./photo.js";
import { addTags, splitTags } from "./tags.js";
import { turnedContent } from "./turned-content.js";
import type { World } from "./world.js";

/** A photo as a test sees it. */
export interface RemotePhoto {
  readonly id: string;
  readonly title: string;
  readonly description: string;
  readonly kind: "photo" | "video";
  readonly format: string;
  readonly sizeBytes: number;
  readonly sha256: string;
  /** As they were typed. */
  readonly tags: readonly string[];
  readonly isPublic: boolean;
  readonly isFriend: boolean;
  readonly isFamily: boolean;
  readonly safetyLevel: string;
  readonly contentType: string;
  readonly postedAt: Date;
  /** `YYYY-MM-DD hh:mm:ss` */
  readonly taken: string;
  /** Titles of the sets it is in, in the user's order of them. */
  readonly sets: readonly string[];
}

export interface RemoteSet {
  readonly id: string;
  readonly title: string;
  readonly description: string;
  readonly primaryId: string;
  readonly photos: readonly { readonly id: string; readonly title: string; readonly sha256: string }[];
}

export interface SeedPhoto {
  readonly title: string;
  readonly content: Buffer;
  /** Separated by spaces, as a client sends them. */
  readonly tags?: string | undefined;
  readonly description?: string | undefined;
  readonly isPublic?: boolean | undefined;
  readonly postedAt?: Date | undefined;
  /** Titles of sets to put it into; those that do not exist are made. */
  readonly sets?: readonly string[] | undefined;
}

/** A person's photos as the site shows them, and what another client does: at once, without limits or faults. */
export class Remote {
  constructor(
    readonly account: Account,
    private readonly world: World,
  ) {}

  async addPhoto({ title, content, tags, description, isPublic = false, postedAt, sets = [] }: SeedPhoto) {
    const media = await this.#media(content);
    const privacy = { isPublic, isFriend: false, isFamily: false };
    const postedMs = postedAt?.getTime();
    const traits = { title, tags, description, privacy, postedMs, media, content: contentInMemory(content) };
    const photo = newPhoto(this.world, this.account, traits);
    this.#library.add(photo);
    for (const name of sets) this.putIntoSet(name, photo.id);
    return this.#describe(photo);
  }

  /** Makes a set of photos that are there. */
  addSet(title: string, photoIds: readonly string[], description = ""): RemoteSet {
    const [primaryId] = photoIds;
    if (primaryId === undefined) throw new Error("a set holds a photo at least");
    for (const id of photoIds) this.#photo(id);
    const nowMs = this.world.clock.nowMs();
    const { nsid } = this.account;
    const set: Photoset = {
      ...{ id: this.world.ids.set(), nsid, title, description, primaryId, photoIds },
      ...{ createdMs: nowMs, updatedMs: nowMs },
    };
    this.#library.addSet(set);
    return this.#describeSet(set);
  }

  /** Puts a photo into the first set of that title, which is made if there is none. */
  putIntoSet(title: string, photoId: string): void {
    const set = this.#library.sets.find((one) => one.title === title);
    if (set === undefined) this.addSet(title, [photoId]);
    else this.#library.putIn(set, [this.#photo(photoId).id]);
  }

  /** The set goes with its last photo. */
  takeOutOfSet(setId: string, photoId: string): void {
    this.#library.takeOut(this.#set(setId), [photoId]);
  }

  renameSet(setId: string, title: string): void {
    this.#library.changeSet(this.#set(setId), { title });
  }

  /** Its photos stay. */
  removeSet(setId: string): void {
    this.#library.removeSet(this.#set(setId));
  }

  photos(): readonly RemotePhoto[] {
    return this.#library.photos.map((photo) => this.#describe(photo));
  }

  sets(): readonly RemoteSet[] {
    return this.#library.sets.map((set) => this.#describeSet(set));
  }

  /** Titles with their SHA-256 by the title of the set, "" for photos in none. Sets of one title are joined. */
  tree(): Readonly<Record<string, Readonly<Record<string, string>>>> {
    const tree: Record<string, Record<string, string>> = {};
    for (const { title, sha256, sets } of this.photos()) {
      for (const set of sets.length === 0 ? [""] : sets) (tree[set] ??= {})[title] = sha256;
    }
    return tree;
  }

  /** The bytes as they are now: as they went up, unless the photo was turned. */
  async read(id: string): Promise<Buffer> {
    return await collectAll(this.#photo(id).content.bytes);
  }

  removePhoto(id: string): void {
    this.#library.remove(this.#photo(id));
  }

  renamePhoto(id: string, title: string): void {
    this.#change(id, { title });
  }

  describePhoto(id: string, description: string): void {
    this.#change(id, { description });
  }

  /** In place of the tags there were. */
  setTags(id: string, tags: string): void {
    const { ids, settings } = this.world;
    this.#change(id, { tags: addTags([], splitTags(tags), { settings, newId: () => ids.tag(id) }) });
  }

  setPrivacy(id: string, privacy: { readonly isPublic: boolean; isFriend?: boolean; isFamily?: boolean }): void {
    const { isPublic, isFriend = false, isFamily = false } = privacy;
    this.#change(id, { privacy: { isPublic, isFriend, isFamily } });
  }

  /** New content under the same id; tags stay, so that a checksum among them is wrong from then on. */
  async replacePhoto(id: string, content: Buffer): Promise<void> {
    const media = await this.#media(content);
    const { clock, ids } = this.world;
    const secrets = { secret: ids.secret(), originalSecret: ids.secret() };
    this.#change(id, { content: contentInMemory(content), media, ...secrets, taken: takenOf(media, clock.nowMs()) });
  }

  /** As on the site: the original is written anew. */
  rotatePhoto(id: string, degrees: 90 | 180 | 270 = 90): void {
    this.#change(id, turnedContent(this.world, this.#photo(id), degrees));
  }

  /** A comment or favourite of somebody: nothing changes but `lastupdate`. */
  touchPhoto(id: string): void {
    this.#change(id, {});
  }

  /** The service could not convert it. */
  failPhoto(id: string): void {
    this.#change(id, { isFailed: true });
  }

  get #library(): Library {
    this.world.tickets.settle();
    return this.account.library;
  }

  #change(id: string, changes: Partial<Photo>): void {
    this.#library.change(this.#photo(id), changes);
  }

  async #media(content: Buffer): Promise<PhotoMedia> {
    const media = toPhotoMedia(await sniffMedia(contentInMemory(content).bytes));
    if (media === undefined) throw new Error("neither a picture nor a film that the service takes");
    return media;
  }

  #photo(id: string): Photo {
    const photo = this.#library.photo(id);
    if (photo === undefined) throw new Error(`no photo ${id}`);
    return photo;
  }

  #set(id: string): Photoset {
    const set = this.#library.set(id);
    if (set === undefined) throw new Error(`no set ${id}`);
    return set;
  }

  #describe(photo: Photo): RemotePhoto {
    const { id, title, description, media, content, tags, privacy, safetyLevel, contentType } = photo;
    const sets = this.#library.sets.filter(({ photoIds }) => photoIds.includes(id));
    return {
      ...{ id, title, description, kind: media.kind, format: media.format, safetyLevel, contentType },
      ...{ sizeBytes: content.bytes.sizeBytes, sha256: content.sha256, ...privacy },
      tags: tags.map(({ raw }) => raw),
      postedAt: new Date(photo.postedMs),
      taken: photo.taken.text,
      sets: sets.map((set) => set.title),
    };
  }

  #describeSet({ id, title, description, primaryId, photoIds }: Photoset): RemoteSet {
    const photos = photoIds.map((photoId) => this.#photo(photoId));
    return {
      ...{ id, title, description, primaryId },
      photos: photos.map((photo) => ({ id: photo.id, title: photo.title, sha256: photo.content.sha256 })),
    };
  }
}
