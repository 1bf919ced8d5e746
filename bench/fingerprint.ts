import { createReadStream } from "node:fs";
import { readFile, readdir, stat } from "node:fs/promises";
import { join, relative, sep } from "node:path";
import { createHasher } from "../lib/hash/hasher.js";
import type { HashAlgorithm } from "../lib/model/hash.js";

/** The hash of every file by its path below the root. */
export type Fingerprint = ReadonlyMap<string, string>;

/** Reads a whole tree, without what trisync keeps in it for itself. */
export async function fingerprint(root: string, algorithm: HashAlgorithm): Promise<Fingerprint> {
  const hashes = new Map<string, string>();
  for (const entry of await readdir(root, { withFileTypes: true, recursive: true })) {
    const file = join(entry.parentPath, entry.name);
    const path = relative(root, file).split(sep).join("/");
    if (entry.isFile() && !path.startsWith(".trisync/")) hashes.set(path, await hash(file, algorithm));
  }
  return hashes;
}

/** The files below a folder, out of what a service says of all its files by path; null stands for a folder. */
export function below(
  folder: string,
  hashes: Readonly<Record<string, string | null>>,
  toContentHash: (hash: string) => string,
): Fingerprint {
  const files = new Map<string, string>();
  for (const [path, hash] of Object.entries(hashes)) {
    if (hash !== null && path.startsWith(folder)) files.set(path.slice(folder.length), toContentHash(hash));
  }
  return files;
}

/** Throws when the two are not equal, and names one path that differs. */
export function assertEqual(a: Fingerprint, b: Fingerprint): void {
  const differing = [...new Set([...a.keys(), ...b.keys()])].filter((path) => a.get(path) !== b.get(path));
  if (differing.length === 0) return;
  throw new Error(`the trees differ in ${String(differing.length)} paths, one of them is ${String(differing[0])}`);
}

/** A stream for each of very many tiny files would take longer than what is measured. */
const WHOLE_BYTES = 1024 ** 2;

async function hash(file: string, algorithm: HashAlgorithm): Promise<string> {
  const hasher = createHasher(algorithm);
  if ((await stat(file)).size <= WHOLE_BYTES) {
    hasher.update(await readFile(file));
    return hasher.digest();
  }
  const chunks: AsyncIterable<Buffer> = createReadStream(file, { highWaterMark: 1024 ** 2 });
  for await (const chunk of chunks) hasher.update(chunk);
  return hasher.digest();
}
