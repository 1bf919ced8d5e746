/** The content hashes that services list, each implemented in `lib/hash`. */
export type HashAlgorithm = "sha256" | "sha1" | "md5" | "dropbox" | "quickxor";

/** "algorithm:lower-case hex digits", so that hashes of different algorithms never compare equal. */
export type ContentHash = `${HashAlgorithm}:${string}`;

function algorithmOf(hash: ContentHash): HashAlgorithm {
  return hash.slice(0, hash.indexOf(":")) as HashAlgorithm;
}

/** Three answers, because "cannot tell" must never be taken for "same". */
export function compareHashes(
  a: ContentHash | undefined,
  b: ContentHash | undefined,
): "same" | "different" | "unknown" {
  if (a === undefined || b === undefined || algorithmOf(a) !== algorithmOf(b)) return "unknown";
  return a === b ? "same" : "different";
}
