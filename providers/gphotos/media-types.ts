/** What Google Photos takes, by extension, with the type that is announced for it. */
const PHOTOS: Readonly<Record<string, string>> = {
  avif: "image/avif",
  bmp: "image/bmp",
  gif: "image/gif",
  heic: "image/heic",
  heif: "image/heif",
  ico: "image/x-icon",
  jpeg: "image/jpeg",
  jpg: "image/jpeg",
  png: "image/png",
  tif: "image/tiff",
  tiff: "image/tiff",
  webp: "image/webp",
};

/** "Some RAW", says Google: what it does not know it refuses by itself. */
const RAW = "3fr arw cr2 cr3 crw dcr dng erf iiq kdc mef mos mrw nef nrw orf pef raf raw rw2 rwl sr2 srf srw x3f".split(
  " ",
);

const VIDEOS: Readonly<Record<string, string>> = {
  "3g2": "video/3gpp2",
  "3gp": "video/3gpp",
  asf: "video/x-ms-asf",
  avi: "video/avi",
  divx: "video/divx",
  m2t: "video/mp2t",
  m2ts: "video/mp2t",
  m4v: "video/x-m4v",
  mkv: "video/x-matroska",
  mmv: "video/mpeg",
  mod: "video/mpeg",
  mov: "video/quicktime",
  mp4: "video/mp4",
  mpeg: "video/mpeg",
  mpg: "video/mpeg",
  mts: "video/mp2t",
  tod: "video/mpeg",
  webm: "video/webm",
  wmv: "video/x-ms-wmv",
};

export interface MediaType {
  readonly kind: "photo" | "video";
  readonly mimeType: string;
}

/** Undefined for a name that Google Photos does not take. */
export function mediaTypeOf(name: string): MediaType | undefined {
  const dot = name.lastIndexOf(".");
  return dot === -1 ? undefined : BY_EXTENSION.get(name.slice(dot + 1).toLowerCase());
}

const BY_EXTENSION: ReadonlyMap<string, MediaType> = new Map([
  ...entriesOf("photo", Object.entries(PHOTOS)),
  ...entriesOf(
    "photo",
    RAW.map((extension) => [extension, `image/x-${extension}`]),
  ),
  ...entriesOf("video", Object.entries(VIDEOS)),
]);

function entriesOf(
  kind: MediaType["kind"],
  types: readonly (readonly string[])[],
): readonly (readonly [string, MediaType])[] {
  return types.map(([extension = "", mimeType = ""]) => [extension, { kind, mimeType }]);
}
