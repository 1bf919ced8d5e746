import type { LimitFunction } from "p-limit";
import type { Sleep } from "../../lib/http/sleep.js";
import type { Account } from "./account.js";
import type { FlickrApi } from "./api.js";
import type { Book } from "./book.js";
import type { Catalog } from "./catalog.js";
import type { Audience } from "./config.js";
import type { Images } from "./images.js";
import type { Journal } from "./journal.js";
import type { MoveNotes } from "./move-notes.js";
import type { Lists } from "./lists.js";
import type { AlbumLayout } from "./names.js";
import type { Tickets } from "./tickets.js";
import type { Turns } from "./turns.js";

/** What the parts of the provider share. */
export interface Connection {
  readonly api: FlickrApi;
  readonly images: Images;
  readonly account: Account;
  readonly lists: Lists;
  readonly catalog: Catalog;
  readonly book: Book;
  readonly journal: Journal;
  readonly moveNotes: MoveNotes;
  readonly tickets: Tickets;
  /** One after the other for what is in one album. */
  readonly turns: Turns;
  /** Uploads at once. */
  readonly transfers: LimitFunction;
  /** Photos that came of uploads of this run. */
  readonly claimed: Set<string>;
  /** Other calls at once. */
  readonly calls: LimitFunction;
  readonly layout: AlbumLayout;
  readonly audience: Audience;
  readonly now: () => number;
  readonly sleep: Sleep;
}
