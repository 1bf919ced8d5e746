/** What the service stores as it is, by content. */
export type Media = { readonly kind: "photo" | "video"; readonly type: string };

/** Bytes from the start of a file that tell what it is. */
export const HEAD_BYTES = 64;

/** Endings of names by what the service calls the format of a photo. */
const PHOTO_ENDINGS: Readonly<Record<string, readonly string[]>> = {
  jpg: ["jpg", "jpeg", "jpe"],
  png: ["png"],
  gif: ["gif"],
};

const VIDEO_ENDINGS = ["mp4", "m4v", "mov", "avi", "mpg", "mpeg", "3gp", "3g2", "wmv", "ogv", "ogg", "mts", "m2ts"];

const ENDINGS: ReadonlySet<string> = new Set([...Object.values(PHOTO_ENDINGS).flat(), ...VIDEO_ENDINGS]);

/** Whether the service takes files with this ending and gives them back as they were. */
export function isMediaName(name: string): boolean {
  return ENDINGS.has(endingOf(name));
}

/** "jpg" of "A.JPG"; "" where there is none. */
export function endingOf(name: string): string {
  const dot = name.lastIndexOf(".");
  return dot <= 0 ? "" : name.slice(dot + 1).toLowerCase();
}

/** Whether a name says truly what is in it: `format` is the service's word, which it does not always have for a video. */
export function fitsFormat(name: string, kind: "photo" | "video", format: string | undefined): boolean {
  const ending = endingOf(name);
  if (kind === "video") return VIDEO_ENDINGS.includes(ending);
  return (PHOTO_ENDINGS[format ?? "jpg"] ?? [format]).includes(ending);
}

/** The ending for a name that has none of its own. */
export function usualEnding(kind: "photo" | "video", format: string | undefined): string {
  const word = format?.toLowerCase() ?? "";
  if (kind === "video") return VIDEO_ENDINGS.includes(word) ? word : "mp4";
  return /^[a-z0-9]{1,5}$/.test(word) ? word : "jpg";
}

/** What the first bytes say; undefined for what the service would refuse or convert, whatever its name says. */
export function sniffMedia(head: Buffer): Media | undefined {
  for (const { media, isAt } of SIGNS) if (isAt(head)) return media;
  return undefined;
}

/** What the service says of a file: `format` is its word for the kind of a photo. */
export interface Kind {
  readonly media: "photo" | "video";
  readonly format: string | undefined;
}

const PHOTO_TYPES: Readonly<Record<string, string>> = { jpg: "image/jpeg", png: "image/png", gif: "image/gif" };

/** Whether content that begins so may be what the service says, and is not a page or a notice in its place. */
export function mayBe(head: Buffer, { media, format }: Kind): boolean {
  if (head.length === 0 || isPage(head)) return false;
  const found = sniffMedia(head);
  if (media === "video") return found?.kind !== "photo";
  if (format === undefined) return found?.kind === "photo";
  const type = PHOTO_TYPES[format];
  return type === undefined || found?.type === type;
}

function isPage(head: Buffer): boolean {
  return /^(?:\u00ef\u00bb\u00bf)?\s*[<{]/.test(head.toString("latin1"));
}

const SIGNS: readonly { readonly media: Media; readonly isAt: (head: Buffer) => boolean }[] = [
  { media: photo("image/jpeg"), isAt: starts([0xff, 0xd8, 0xff]) },
  { media: photo("image/png"), isAt: starts([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]) },
  { media: photo("image/gif"), isAt: (head) => /^GIF8[79]a/.test(textAt(head, 0, 6)) },
  { media: video("video/avi"), isAt: (head) => textAt(head, 0, 4) === "RIFF" && textAt(head, 8, 4) === "AVI " },
  {
    media: video("video/mpeg"),
    isAt: (head) => starts([0x00, 0x00, 0x01, 0xba])(head) || starts([0x00, 0x00, 0x01, 0xb3])(head),
  },
  { media: video("video/x-ms-wmv"), isAt: starts([0x30, 0x26, 0xb2, 0x75, 0x8e, 0x66, 0xcf, 0x11]) },
  { media: video("video/ogg"), isAt: (head) => textAt(head, 0, 4) === "OggS" },
  { media: video("video/mp2t"), isAt: isTransportStream },
  { media: video("video/mp4"), isAt: isMovie },
];

function photo(type: string): Media {
  return { kind: "photo", type };
}

function video(type: string): Media {
  return { kind: "video", type };
}

function starts(bytes: readonly number[]): (head: Buffer) => boolean {
  return (head) => head.subarray(0, bytes.length).equals(Buffer.from(bytes));
}

function textAt(head: Buffer, start: number, length: number): string {
  return head.subarray(start, start + length).toString("latin1");
}

/** Stills in the same wrapping as films: the service would convert them. */
const STILL_BRANDS: ReadonlySet<string> = new Set([
  "heic",
  "heix",
  "hevc",
  "hevx",
  "heim",
  "heis",
  "mif1",
  "msf1",
  "avif",
  "avis",
  "crx ",
]);

/** MP4, MOV and 3GP begin with one of these boxes. */
function isMovie(head: Buffer): boolean {
  const box = textAt(head, 4, 4);
  if (box === "ftyp") return !STILL_BRANDS.has(textAt(head, 8, 4));
  return ["moov", "mdat", "wide", "free", "skip", "pnot"].includes(box);
}

/** Camcorders put four bytes before each packet, whose first byte is always the same. */
function isTransportStream(head: Buffer): boolean {
  return (
    head.length >= HEAD_BYTES &&
    head[4] === 0x47 &&
    head[0] !== undefined &&
    head[0] < 0x40 &&
    textAt(head, 4, 1) === "G" &&
    head[5] === 0x40
  );
}
