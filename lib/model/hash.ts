/** The content hashes that services list, each implemented in `lib/hash`. */
export type HashAlgorithm = "sha256" | "sha1" | "md5" | "dropbox" | "quickxor";

/**
 * What is known of one content: "algorithm:lower-case hex digits", or several of these with a space between, because some
 * services list more than one. Ask `compareHashes`; equal content need not have equal text.
 */
export type ContentHash = `${HashAlgorithm}:${string}`;

/**
 * Whether equal hashes and sizes mean equal bytes. False for a checksum that different contents of one size easily share, and for what
 * services have been seen to list wrong: it shows that a transfer went well, and never that two files which nobody copied are the same.
 */
export function provesContent(algorithm: HashAlgorithm): boolean {
  return algorithm !== "quickxor" && algorithm !== "sha1";
}

/** Whether an equal hash of the same algorithms would prove that the bytes are equal. */
export function holdsProof(hash: ContentHash | undefined): boolean {
  return algorithmsOf(hash).some(provesContent);
}

export function algorithmsOf(hash: ContentHash | undefined): readonly HashAlgorithm[] {
  return hash === undefined ? [] : partsOf(hash).map(algorithmOf);
}

/** What a content has to be hashed with, so that it can be compared with others as well as they allow. */
export type Algorithms = readonly [HashAlgorithm, ...HashAlgorithm[]];

/** The provider's own algorithm, and those of which the others know a hash. */
export function algorithmsFor(own: HashAlgorithm, others: readonly (ContentHash | undefined)[]): Algorithms {
  const all = new Set(others.flatMap(algorithmsOf));
  all.delete(own);
  return [own, ...all];
}

/**
 * "same" is proved. "alike" means that nothing but a checksum says so. "unknown" means that the two have no algorithm in common,
 * which must never be taken for "same".
 */
export type Comparison = "same" | "alike" | "different" | "unknown";

export function compareHashes(a: ContentHash | undefined, b: ContentHash | undefined): Comparison {
  if (a === undefined || b === undefined) return "unknown";
  const others = partsOf(b);
  let isProved = false;
  let isAlike = false;
  for (const part of partsOf(a)) {
    const algorithm = algorithmOf(part);
    const other = others.find((candidate) => algorithmOf(candidate) === algorithm);
    if (other === undefined) continue;
    if (other !== part) return "different";
    isProved ||= provesContent(algorithm);
    isAlike = true;
  }
  if (isProved) return "same";
  return isAlike ? "alike" : "unknown";
}

/** Whether two files of one size count as the same: proved by hash, or alike by a checksum and of the same time. */
export function countAsSame(a: ContentHash | undefined, b: ContentHash | undefined, isSameTime: boolean): boolean {
  const comparison = compareHashes(a, b);
  return comparison === "same" || (comparison === "alike" && isSameTime);
}

/** Every hash of one content, in the order given. */
export function joinHashes(first: ContentHash, ...others: readonly ContentHash[]): ContentHash {
  return others.reduce<ContentHash>((joined, hash) => `${joined} ${hash}`, first);
}

/**
 * What is known of a content by both: `listed` by the service, and `verified` by us when it held these very bytes. Where the two do not
 * speak of the same, what is listed stands alone.
 */
export function joinKnown(listed: ContentHash | undefined, verified: ContentHash | undefined): ContentHash | undefined {
  if (listed === undefined || verified === undefined) return listed;
  const comparison = compareHashes(listed, verified);
  if (comparison === "different" || comparison === "unknown") return listed;
  const known = algorithmsOf(listed);
  return joinHashes(listed, ...partsOf(verified).filter((part) => !known.includes(algorithmOf(part))));
}

/** Both in one algorithm alone: for the algorithm that a service is known to keep right. */
export function compareBy(
  algorithm: HashAlgorithm,
  a: ContentHash | undefined,
  b: ContentHash | undefined,
): Comparison {
  const only = (hash: ContentHash | undefined): ContentHash | undefined =>
    hash === undefined ? undefined : partsOf(hash).find((part) => algorithmOf(part) === algorithm);
  return compareHashes(only(a), only(b));
}

function partsOf(hash: ContentHash): readonly ContentHash[] {
  return hash.split(" ") as ContentHash[];
}

function algorithmOf(part: ContentHash): HashAlgorithm {
  return part.slice(0, part.indexOf(":")) as HashAlgorithm;
}
