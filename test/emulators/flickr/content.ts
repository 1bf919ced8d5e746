import { createHash } from "node:crypto";
import { type Bytes, bytesInMemory } from "../shared/bytes.js";

/** A content that has come in whole. */
export interface Content {
  readonly bytes: Bytes;
  /** Lower-case hexadecimal. */
  readonly sha256: string;
}

export function contentInMemory(buffer: Buffer): Content {
  return { bytes: bytesInMemory(buffer), sha256: createHash("sha256").update(buffer).digest("hex") };
}
