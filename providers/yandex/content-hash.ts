import { createHasher } from "../../lib/hash/hasher.js";
import type { ContentHash } from "../../lib/model/hash.js";
import type { UploadContent } from "../provider.js";
import { hashOf } from "./entries.js";
import type { Item } from "./schemas.js";

/** The hash of the content if the service shows that very content; else undefined. Reads it only when the size is right. */
export async function hashIfShown(content: UploadContent, found: Item): Promise<ContentHash | undefined> {
  if (found.type !== "file" || found.size !== content.sizeBytes) return undefined;
  const hash = await hashContent(content);
  return hashOf(found) === hash ? hash : undefined;
}

async function hashContent(content: UploadContent): Promise<ContentHash> {
  const hasher = createHasher("sha256");
  for await (const chunk of content.open(0, content.sizeBytes)) {
    if (chunk instanceof Uint8Array) hasher.update(chunk);
  }
  return hasher.digest();
}
