import type { LimitFunction } from "p-limit";
import type { Sleep } from "../../lib/http/sleep.js";
import type { Account } from "./account.js";
import type { AlbumBook } from "./album-book.js";
import type { PhotosApi } from "./api.js";
import type { Contents } from "./contents.js";
import type { ItemNames } from "./item-names.js";
import type { Places } from "./places.js";
import type { RefusedContents } from "./refused-contents.js";
import type { SavedUploads } from "./saved-uploads.js";
import type { WriteQueue } from "./write-queue.js";

/** What the parts of the provider share. */
export interface Connection {
  readonly api: PhotosApi;
  readonly account: Account;
  readonly albums: AlbumBook;
  readonly names: ItemNames;
  readonly places: Places;
  readonly contents: Contents;
  readonly saved: SavedUploads;
  readonly refused: RefusedContents;
  readonly writes: WriteQueue;
  /** Contents on their way at once. */
  readonly transfers: LimitFunction;
  readonly fullListingMs: number;
  readonly now: () => number;
  readonly sleep: Sleep;
}
