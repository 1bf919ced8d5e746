import { createHasher } from "../../lib/hash/hasher.js";
import type { ContentHash } from "../../lib/model/hash.js";
import type { UploadContent } from "../provider.js";

export function hashBytes(bytes: Buffer): ContentHash {
  const hasher = createHasher("sha256");
  hasher.update(bytes);
  return hasher.digest();
}

/** Reads everything. Rejects with `LocalError` where that fails. */
export async function hashContent(content: UploadContent): Promise<ContentHash> {
  const hasher = createHasher("sha256");
  for await (const chunk of content.open(0, content.sizeBytes)) if (chunk instanceof Uint8Array) hasher.update(chunk);
  return hasher.digest();
}
