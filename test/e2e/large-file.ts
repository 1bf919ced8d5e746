import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { open } from "node:fs/promises";
import { ContentHasher } from "../emulators/dropbox/content-hasher.js";

const MIB = 1024 * 1024;

/** Writes a file whose bytes follow from the seed, in which no two blocks are alike; returns its Dropbox hash. */
export async function writeLargeFile(path: string, sizeBytes: number, seed: number): Promise<string> {
  const hasher = new ContentHasher();
  const handle = await open(path, "w");
  try {
    for (let at = 0; at < sizeBytes; at += MIB) {
      const chunk = patterned(`${String(seed)} ${String(at)}`).subarray(0, sizeBytes - at);
      hasher.update(chunk);
      await handle.write(chunk);
    }
  } finally {
    await handle.close();
  }
  return hasher.finish().hash;
}

/** One MiB that repeats what it was made from: cheap to make, and different for every text. */
function patterned(text: string): Buffer {
  return Buffer.alloc(MIB, createHash("sha512").update(text).digest());
}

/** The Dropbox hash of a file, read as a stream. */
export async function hashLargeFile(path: string): Promise<string> {
  const hasher = new ContentHasher();
  const stream: AsyncIterable<Buffer> = createReadStream(path, { highWaterMark: MIB });
  for await (const chunk of stream) hasher.update(chunk);
  return hasher.finish().hash;
}
