/** What the service makes of a name's extension. The table is a selection; the classes are the service's. */
const CLASSES: Readonly<Record<string, { readonly mime: string; readonly extensions: string }>> = {
  audio: { mime: "audio/mpeg", extensions: "mp3 flac ogg wav m4a" },
  book: { mime: "application/epub+zip", extensions: "epub fb2 mobi" },
  compressed: { mime: "application/zip", extensions: "zip gz tgz rar 7z bz2 xz tar" },
  data: { mime: "application/octet-stream", extensions: "db dat sqlite mdb" },
  development: { mime: "text/x-source", extensions: "ts js py c h go java sh" },
  diskimage: { mime: "application/x-iso9660-image", extensions: "iso dmg img" },
  document: { mime: "text/plain", extensions: "txt pdf doc docx odt rtf md" },
  executable: { mime: "application/x-msdownload", extensions: "exe apk msi" },
  font: { mime: "font/ttf", extensions: "ttf otf woff" },
  image: { mime: "image/jpeg", extensions: "jpg jpeg png gif heic webp" },
  settings: { mime: "text/plain", extensions: "ini conf cfg" },
  spreadsheet: { mime: "application/vnd.ms-excel", extensions: "xls xlsx ods csv" },
  video: { mime: "video/mp4", extensions: "mp4 avi 3gp mov mkv webm" },
  web: { mime: "text/html", extensions: "html htm css" },
};

export const MEDIA_TYPES: ReadonlySet<string> = new Set([
  ...Object.keys(CLASSES),
  ...["backup", "encoded", "flash", "text", "unknown"],
]);

const SLOW: ReadonlySet<string> = new Set(["data", "compressed", "video"]);

export interface MediaType {
  readonly media: string;
  readonly mime: string;
  /** Uploads under such a name are throttled. */
  readonly isSlow: boolean;
}

/** A name without an extension is of the class "data", as was recorded. */
export function mediaTypeOf(name: string): MediaType {
  const dot = name.lastIndexOf(".");
  if (dot <= 0) return { media: "data", mime: "application/octet-stream", isSlow: true };
  const extension = name.slice(dot + 1).toLowerCase();
  const found = Object.entries(CLASSES).find(([, { extensions }]) => extensions.split(" ").includes(extension));
  const media = found?.[0] ?? "unknown";
  return { media, mime: found?.[1].mime ?? "application/octet-stream", isSlow: SLOW.has(media) };
}
