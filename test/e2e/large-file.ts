import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { open, readFile } from "node:fs/promises";
import type { ChildProcess } from "node:child_process";
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

/** The most memory that a process has had, in MiB. Only Linux tells of another process. */
export interface MemoryWatch {
  readonly started: (child: ChildProcess) => void;
  readonly peakMib: () => number;
}

const LOOK_EVERY_MS = 50;

export function watchMemory(): MemoryWatch {
  let peak = 0;
  return {
    started: (child) => {
      const status = `/proc/${String(child.pid)}/status`;
      const timer = setInterval(() => {
        // The kernel keeps the peak itself; each look shows the highest value so far.
        void readPeak(status).then((mib) => (peak = Math.max(peak, mib)));
      }, LOOK_EVERY_MS);
      child.once("exit", () => clearInterval(timer));
    },
    peakMib: () => peak,
  };
}

async function readPeak(status: string): Promise<number> {
  try {
    const match = /^VmHWM:\s+(\d+) kB$/m.exec(await readFile(status, "utf8"));
    return Number(match?.[1] ?? 0) / 1024;
  } catch {
    // The process is gone.
    return 0;
  }
}
