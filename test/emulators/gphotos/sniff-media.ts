import { type Bytes, collect } from "../shared/bytes.js";
import { type Exif, parseExif } from "./exif.js";

/** What the service finds out by looking at the bytes. */
export interface Media {
  readonly kind: "photo" | "video";
  readonly mimeType: string;
  readonly width?: number | undefined;
  readonly height?: number | undefined;
  readonly exif?: Exif | undefined;
}

const HEAD_BYTES = 128 * 1024;

/** Undefined when the bytes are neither a picture nor a film that the service takes. Names play no part. */
export async function sniffMedia(bytes: Bytes): Promise<Media | undefined> {
  const head = await collect(bytes.read(0, Math.min(bytes.sizeBytes, HEAD_BYTES)));
  const type = SIGNATURES.find(({ matches }) => matches(head));
  if (type === undefined) return undefined;
  const { kind, mimeType } = type;
  const exif = mimeType === "image/jpeg" ? parseExif(head) : undefined;
  return { kind, mimeType, exif, ...sizeOf(mimeType, head) };
}

interface Signature {
  readonly kind: Media["kind"];
  readonly mimeType: string;
  readonly matches: (head: Buffer) => boolean;
}

const SIGNATURES: readonly Signature[] = [
  photo("image/jpeg", starts("ffd8ff")),
  photo("image/png", starts("89504e470d0a1a0a")),
  photo("image/gif", starts("474946383761", "474946383961")),
  photo("image/bmp", starts("424d")),
  photo("image/x-icon", starts("00000100")),
  photo("image/x-canon-crw", starts("49491a00000048454150")),
  photo("image/x-fuji-raf", starts("46554a4946494c4d")),
  photo("image/x-panasonic-rw2", starts("49495500")),
  photo("image/x-olympus-orf", starts("4949524f", "49495253")),
  photo("image/tiff", starts("49492a00", "4d4d002a")),
  photo("image/webp", (head) => starts("52494646")(head) && word(head, 8) === "WEBP"),
  photo("image/avif", brand("avif", "avis")),
  photo("image/heif", brand("heic", "heix", "hevc", "heim", "heis", "mif1", "msf1")),
  video("video/quicktime", brand("qt  ")),
  video("video/3gpp", (head) => word(head, 4) === "ftyp" && word(head, 8).startsWith("3g")),
  video("video/mp4", (head) => word(head, 4) === "ftyp"),
  video("video/quicktime", (head) => ["moov", "mdat", "wide"].includes(word(head, 4))),
  video("video/avi", (head) => starts("52494646")(head) && word(head, 8) === "AVI "),
  video("video/x-ms-wmv", starts("3026b2758e66cf11")),
  video("video/x-matroska", starts("1a45dfa3")),
  video("video/mpeg", starts("000001ba", "000001b3")),
  video("video/mp2t", (head) => isTransportStream(head, 0, 188) || isTransportStream(head, 4, 192)),
];

function photo(mimeType: string, matches: Signature["matches"]): Signature {
  return { kind: "photo", mimeType, matches };
}

function video(mimeType: string, matches: Signature["matches"]): Signature {
  return { kind: "video", mimeType, matches };
}

function starts(...signatures: readonly string[]): (head: Buffer) => boolean {
  return (head) => signatures.some((hex) => head.subarray(0, hex.length / 2).toString("hex") === hex);
}

function brand(...brands: readonly string[]): (head: Buffer) => boolean {
  return (head) => word(head, 4) === "ftyp" && brands.includes(word(head, 8));
}

function word(head: Buffer, at: number): string {
  return head.toString("latin1", at, at + 4);
}

function isTransportStream(head: Buffer, firstAt: number, packetBytes: number): boolean {
  return head.length > firstAt + packetBytes && head[firstAt] === 0x47 && head[firstAt + packetBytes] === 0x47;
}

function sizeOf(mimeType: string, head: Buffer): Pick<Media, "width" | "height"> {
  if (mimeType === "image/png" && head.length >= 24) {
    return { width: head.readUInt32BE(16), height: head.readUInt32BE(20) };
  }
  if (mimeType === "image/gif" && head.length >= 10) {
    return { width: head.readUInt16LE(6), height: head.readUInt16LE(8) };
  }
  return mimeType === "image/jpeg" ? jpegSize(head) : {};
}

function jpegSize(head: Buffer): Pick<Media, "width" | "height"> {
  let at = 2;
  while (at + 9 < head.length && head[at] === 0xff) {
    const marker = head[at + 1] ?? 0;
    const isFrame = marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
    if (isFrame) return { height: head.readUInt16BE(at + 5), width: head.readUInt16BE(at + 7) };
    if (marker === 0xda) return {};
    at += 2 + head.readUInt16BE(at + 2);
  }
  return {};
}
