import { type Bytes, bytesInMemory, joinBytes, sliceOf } from "../shared/bytes.js";
import type { Item } from "./library.js";

/** What `=d` gives: a picture without its position and with a comment of the service, so never the bytes that went up. */
export function downloadedPhoto({ bytes, media, sha256 }: Item): Bytes {
  const note = Buffer.from(`\n\0processed ${sha256.slice(0, 8)}`);
  if (media.mimeType !== "image/jpeg") return joinBytes([bytes, bytesInMemory(note)]);
  const comment = Buffer.concat([Buffer.from([0xff, 0xfe, 0, note.length + 2]), note]);
  const stripped = blanked(bytes, media.exif?.gpsRanges ?? []);
  return joinBytes([sliceOf(stripped, 0, 2), bytesInMemory(comment), sliceOf(stripped, 2)]);
}

/** What `=dv` gives: another film altogether, MP4 whatever went up, and smaller. */
export function transcodedVideo({ bytes, sha256 }: Item): Bytes {
  const head = Buffer.from("\0\0\0\u0018ftypmp42\0\0\0\0mp42isom", "latin1");
  const half = sliceOf(bytes, Math.floor(bytes.sizeBytes / 2));
  return joinBytes([bytesInMemory(head), bytesInMemory(Buffer.from(`transcoded ${sha256.slice(0, 8)}`)), half]);
}

/** A scaled picture, also the preview of a film. */
export function scaledPicture({ sha256 }: Item, size: string): Bytes {
  return bytesInMemory(Buffer.concat([Buffer.from("ffd8ffe00010", "hex"), Buffer.from(`scaled ${size} ${sha256}`)]));
}

function blanked(bytes: Bytes, ranges: readonly (readonly [number, number])[]): Bytes {
  const parts: Bytes[] = [];
  let at = 0;
  for (const [start, end] of [...ranges].sort(([a], [b]) => a - b)) {
    if (end <= at) continue;
    const from = Math.max(start, at);
    parts.push(sliceOf(bytes, at, from), bytesInMemory(Buffer.alloc(end - from)));
    at = end;
  }
  return joinBytes([...parts, sliceOf(bytes, at)]);
}
