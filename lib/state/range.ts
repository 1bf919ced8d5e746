import type { SqlValue } from "./sqlite.js";
import type { KeyRange } from "./types.js";

/** In SQLite every text sorts before every value of bytes. (No bytes at all would be bound as NULL.) */
const AFTER_ALL_KEYS = Uint8Array.of(0xff);

export interface Bounds {
  readonly from: SqlValue;
  readonly to: SqlValue;
}

/** Open ends as values, so that one prepared statement serves every range: key >= from AND key < to. */
export function toBounds(range: KeyRange | undefined): Bounds {
  return { from: range?.from ?? "", to: range?.to ?? AFTER_ALL_KEYS };
}
