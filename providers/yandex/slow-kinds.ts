/** Endings of the kinds that the service takes at about 128 KiB a second: archives, videos, raw data. */
const SLOW: ReadonlySet<string> = new Set(
  [
    "7z ace arj bz2 cab deb gz jar lz lz4 lzh lzma rar rpm tar tbz tbz2 tgz txz xz z zip zst",
    "3g2 3gp asf avi divx f4v flv m2ts m4v mkv mov mp4 mpeg mpg mts ogv rm rmvb ts vob webm wmv",
    "bak bin dat data db db3 dbf dump mdb accdb pst sav sdf sql sqlite sqlite3",
  ].flatMap((line) => line.split(" ")),
);

/** What is sent at full speed anyway. */
const BURST_BYTES = 256 * 1024;

/** Whether a file of this name and size had better travel under another name. */
export function isSlowKind(name: string, sizeBytes: number): boolean {
  if (sizeBytes <= BURST_BYTES) return false;
  const dot = name.lastIndexOf(".");
  // A name without an ending counts as raw data.
  return dot <= 0 || SLOW.has(name.slice(dot + 1).toLowerCase());
}
