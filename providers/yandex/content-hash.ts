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
  const hash = await hashContent(content, signal);
  return hashOf(found) === hash ? hash : undefined;
}

async function hashContent(content: UploadContent, signal: AbortSignal): Promise<ContentHash> {
  const hasher = createHasher("sha256");
  for await (const chunk of content.open(0, content.sizeBytes)) {
    signal.throwIfAborted();
    if (chunk instanceof Uint8Array) hasher.update(chunk);
  }
  return hasher.digest();
}
