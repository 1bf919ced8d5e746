import { createHasher } from "../../lib/hash/hasher.js";
import { ProviderError } from "../../lib/model/errors.js";
import type { ContentHash } from "../../lib/model/hash.js";
import type { Upload } from "../provider.js";
import { HEAD_BYTES, sniffMedia, type Media } from "./media.js";
import { readWhole } from "./multipart.js";
import { LARGEST_PHOTO_BYTES, refusalOf, type AlbumLayout } from "./names.js";

/** What is known of a file before it is sent. */
export interface Inspected {
  readonly hash: ContentHash;
  readonly media: Media;
}

/** Reads the content once, for its checksum and its kind. Rejects with "rejected" for what Flickr would not take, or not keep as it is. */
export async function inspect({ path, content }: Upload, layout: AlbumLayout, signal: AbortSignal): Promise<Inspected> {
  const { sizeBytes } = content;
  const reason = sizeBytes === 0 ? "Flickr takes no empty files." : refusalOf(path, sizeBytes, layout);
  if (reason !== undefined) throw rejected(path, reason);
  const media = sniffMedia(await content.read(0, Math.min(HEAD_BYTES, sizeBytes)));
  if (media === undefined) {
    throw rejected(
      path,
      "Its content is none that Flickr keeps as it is, whatever its name says. Leave it out with --exclude.",
    );
  }
  if (media.kind === "photo" && sizeBytes > LARGEST_PHOTO_BYTES) {
    throw rejected(path, "Flickr takes pictures of at most 200 MiB. Leave it out with --max-size.");
  }
  const hasher = createHasher("md5");
  for await (const chunk of readWhole(content)) {
    signal.throwIfAborted();
    hasher.update(chunk);
  }
  return { hash: hasher.digest(), media };
}

function rejected(path: string, reason: string): ProviderError {
  return new ProviderError("rejected", `upload ${path}: ${reason}`);
}
