import type { ContentHash } from "../../lib/model/hash.js";
import type { Upload } from "../provider.js";
import type { Connection } from "./connection.js";
import { hashBytes, hashContent } from "./hash-content.js";
import type { MediaItem } from "./schemas.js";
import { sendInSession } from "./session-uploads.js";
import { sendWhole } from "./whole-uploads.js";

/** Content that can become a photo in an album: bytes that wait under a token, or an item that holds them already. */
export type Offer = { readonly sentHash: ContentHash } & (
  { readonly kind: "token"; readonly token: string } | { readonly kind: "known"; readonly item: MediaItem }
);

const MIB = 1024 * 1024;

/** Files up to this size are read into memory, and looked up by their hash before they are sent. */
export const WHOLE_BYTES = 16 * MIB;

/** Above this size a broken connection is worth going on from: Google advises sessions from here on. */
const SESSION_BYTES = 50 * MIB;

/**
 * Sees to it that the service has the content. What it is known to have is not sent, unless `anew` says that what was known of it did
 * not hold. Rejects with `RefusedContentError` for a content that it refused before.
 */
export async function offer(connection: Connection, file: Upload, anew: boolean, signal: AbortSignal): Promise<Offer> {
  const { sizeBytes } = file.content;
  if (sizeBytes <= WHOLE_BYTES) {
    const bytes = await file.content.read(0, sizeBytes);
    signal.throwIfAborted();
    const sentHash = hashBytes(bytes);
    connection.refused.assertTaken(sentHash, file.path);
    return (anew ? undefined : lookUp(connection, sentHash)) ?? (await sendWhole(connection, file, bytes, signal));
  }
  if (!anew && isWorthReading(connection, sizeBytes)) {
    const sentHash = await hashContent(file.content);
    signal.throwIfAborted();
    connection.refused.assertTaken(sentHash, file.path);
    const found = lookUp(connection, sentHash);
    if (found !== undefined) return found;
  }
  const sent = await (sizeBytes <= SESSION_BYTES ? sendWhole : sendInSession)(connection, file, undefined, signal);
  // Sending this again takes long: what came of it is kept even if the run should be killed.
  connection.saved.saveToken({ ...sent, sizeBytes });
  return sent;
}

function lookUp({ contents, saved }: Connection, sentHash: ContentHash): Offer | undefined {
  const item = contents.find(sentHash);
  if (item !== undefined) return { kind: "known", item, sentHash };
  const token = saved.findToken(sentHash);
  return token === undefined ? undefined : { kind: "token", token, sentHash };
}

function isWorthReading({ contents, saved, refused }: Connection, sizeBytes: number): boolean {
  return contents.hasSize(sizeBytes) || saved.hasTokenOfSize(sizeBytes) || refused.hasSome();
}
