import type { LimitFunction } from "p-limit";
import type { Sleep } from "../../lib/http/sleep.js";
import type { KnownItems } from "../context.js";
import type { GraphApi } from "./api.js";
import type { Drive } from "./drive.js";
import type { Memory } from "../memory.js";
import type { Root } from "./root.js";

/** What the parts of the provider share. */
export interface Connection {
  readonly api: GraphApi;
  readonly drive: Drive;
  readonly root: Root;
  readonly known: KnownItems;
  readonly memory: Memory;
  /** Ranges of small files that are sent at once. */
  readonly transfers: LimitFunction;
  /** Groups of small files, one after the other: each opens as many upload sessions as it has files. */
  readonly groups: LimitFunction;
  readonly now: () => number;
  readonly sleep: Sleep;
}
