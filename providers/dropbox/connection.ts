import type { LimitFunction } from "p-limit";
import type { Sleep } from "../../lib/http/sleep.js";
import type { Account } from "./account.js";
import type { DropboxApi } from "./api.js";
import type { CommitQueue } from "./commit-queue.js";
import type { Memory } from "../memory.js";
import type { PartMemory } from "./part-memory.js";
import type { Root } from "./root.js";

/** What the writing parts of the provider share. */
export interface Connection {
  readonly api: DropboxApi;
  readonly account: Account;
  readonly root: Root;
  /** Every write of the account passes through here, one at a time. */
  readonly commits: CommitQueue;
  /** Requests with content in memory, a few at a time: this bounds memory. */
  readonly transfers: LimitFunction;
  readonly partMemory: PartMemory;
  readonly memory: Memory;
  readonly now: () => number;
  readonly sleep: Sleep;
}
