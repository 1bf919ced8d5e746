import { createHasher } from "../../lib/hash/hasher.js";
import type { ContentHash } from "../../lib/model/hash.js";
import type { UploadContent } from "../provider.js";
import { hashOf } from "./entries.js";
import type { Item } from "./schemas.js";

/** The hash of the content if the service shows that very content; else undefined. Reads it only when the size is right. */
export async function hashIfShown(
  content: UploadContent,
  found: Item,
  signal: AbortSignal,
): Promise<ContentHash | undefined> {
  if (found.type !== "file" || found.size !== content.sizeBytes) return undefined;
  const hash = await hashBeginning(content, content.sizeBytes, signal);
  return hashOf(found) === hash ? hash : undefined;
}

/** The hash of so many bytes of the content. */
export async function hashBeginning(
  content: UploadContent,
  sizeBytes: number,
  signal: AbortSignal,
): Promise<ContentHash> {
  const hasher = createHasher("sha256");
  for await (const chunk of content.open(0, sizeBytes)) {
    signal.throwIfAborted();
    if (chunk instanceof Uint8Array) hasher.update(chunk);
  }
  return hasher.digest();
}
