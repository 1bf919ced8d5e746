import { createHash } from "node:crypto";
import { open } from "node:fs/promises";
import { createSha256 } from "./digest.js";
import type { Digest } from "./digest.js";

const MIB = 1024 * 1024;

/** Writes a file whose bytes follow from the seed, in which no two blocks are alike; returns its hash. */
export async function writeLargeFile(
  path: string,
  { sizeBytes, seed }: { readonly sizeBytes: number; readonly seed: number },
  digest: Digest = createSha256(),
): Promise<string> {
  const handle = await open(path, "w");
  try {
    for (let at = 0; at < sizeBytes; at += MIB) {
      const chunk = patterned(`${String(seed)} ${String(at)}`).subarray(0, sizeBytes - at);
      digest.update(chunk);
      await handle.write(chunk);
    }
  } finally {
    await handle.close();
  }
  return digest.finish();
}

/** One MiB that repeats what it was made from, in pieces of a length that no hash has: cheap to make, and different for every text. */
function patterned(text: string): Buffer {
  return Buffer.alloc(MIB, createHash("shake256", { outputLength: 4093 }).update(text).digest());
}
