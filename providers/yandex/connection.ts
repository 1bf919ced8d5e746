import type { LimitFunction } from "p-limit";
import type { Sleep } from "../../lib/http/sleep.js";
import type { Account } from "./account.js";
import type { YandexApi } from "./api.js";
import type { DownloadLinks } from "./download-links.js";
import type { FolderBook } from "./folder-book.js";
import type { KeptVersions } from "./kept-versions.js";
import type { Leftovers } from "./leftovers.js";
import type { Memory } from "../memory.js";
import type { Paths } from "./paths.js";
import type { Root } from "./root.js";
import type { Transfers } from "./transfers.js";
import type { WriteTurns } from "./write-turns.js";

/** What the parts of the provider share. */
export interface Connection {
  readonly api: YandexApi;
  readonly account: Account;
  readonly root: Root;
  readonly paths: Paths;
  readonly folders: FolderBook;
  readonly links: DownloadLinks;
  readonly leftovers: Leftovers;
  readonly kept: KeptVersions;
  readonly turns: WriteTurns;
  /** For what sends content. */
  readonly transfers: Transfers;
  /** Other calls at once. */
  readonly calls: LimitFunction;
  readonly memory: Memory;
  readonly keepsTimes: boolean;
  /** Whether content of a kind that the service takes slowly travels under another name. */
  readonly neutralNames: boolean;
  readonly now: () => number;
  readonly sleep: Sleep;
}

/** What a look needs. */
export type Looking = Pick<Connection, "api" | "keepsTimes">;
