import { randomBytes } from "node:crypto";
import { expect, test } from "vitest";
import { BlockWriter } from "../../../lib/local/block-writer.js";
import type { FileHandle } from "../../../lib/local/file-system.js";

interface Recorded {
  readonly handle: Pick<FileHandle, "write" | "sync">;
  readonly file: Buffer;
  readonly writes: { readonly at: number; readonly length: number }[];
  /** How many bytes had been written each time. */
  readonly syncs: number[];
  failAt: number;
  failingSync: number;
}

/** Takes its time, so that a block that is filled again too early shows. */
function recordingFile(sizeBytes: number): Recorded {
  const recorded: Recorded = {
    file: Buffer.alloc(sizeBytes),
    writes: [],
    syncs: [],
    failAt: Infinity,
    failingSync: Infinity,
    handle: {
      write: async (bytes, at) => {
        const isLost = recorded.writes.length === recorded.failAt;
        recorded.writes.push({ at, length: bytes.length });
        await new Promise((resolve) => setTimeout(resolve, 2));
        if (isLost) throw new Error("disk full");
        recorded.file.set(bytes, at);
      },
      sync: async () => {
        const isLost = recorded.syncs.length === recorded.failingSync;
        recorded.syncs.push(recorded.writes.reduce((sum, { length }) => sum + length, 0));
        await new Promise((resolve) => setTimeout(resolve, 2));
        if (isLost) throw new Error("disk broken");
      },
    },
  };
  return recorded;
}

test.each([
  ["one byte", 1, 7],
  ["less than a block", 4_096, 1_000],
  ["a block to the byte", 1_048_576, 65_536],
  ["a block and a byte", 1_048_577, 65_536],
  ["pieces larger than a block", 5_000_000, 2_400_000],
])("%s arrives as it was sent, in few writes", async (_, sizeBytes, pieceBytes) => {
  const content = randomBytes(sizeBytes);
  const { handle, file, writes } = recordingFile(sizeBytes);
  const writer = new BlockWriter(handle, 0, sizeBytes);
  for (let at = 0; at < sizeBytes; at += pieceBytes) await writer.write(content.subarray(at, at + pieceBytes));
  await writer.flush();
  expect(file.equals(content)).toBe(true);
  expect(writes).toHaveLength(Math.ceil(sizeBytes / 1_048_576));
});

test("goes on behind what is there, and past what was expected", async () => {
  const { handle, file } = recordingFile(12);
  const writer = new BlockWriter(handle, 4, 6);
  await writer.write(Buffer.from("abcd"));
  await writer.write(Buffer.from("efgh"));
  await writer.flush();
  expect(file.toString()).toBe("\0\0\0\0abcdefgh");
});

test("keeps nothing of a piece that its sender uses again", async () => {
  const { handle, file } = recordingFile(4);
  const writer = new BlockWriter(handle, 0, undefined);
  const piece = Buffer.from("ab");
  await writer.write(piece);
  piece.fill("x");
  await writer.write(Buffer.from("cd"));
  await writer.flush();
  expect(file.toString()).toBe("abcd");
});

test("a failed write is told, and nothing is written behind the gap", async () => {
  const recorded = recordingFile(4_000_000);
  recorded.failAt = 1;
  const writer = new BlockWriter(recorded.handle, 0, 4_000_000);
  await expect(writer.write(Buffer.alloc(4_000_000))).rejects.toThrow("disk full");
  await expect(writer.flush()).rejects.toThrow("disk full");
  expect(recorded.writes).toHaveLength(2);
});

const MIB = 1024 * 1024;

test("a long file is made durable while it grows, and all that is left at its end is the end", async () => {
  const recorded = recordingFile(25 * MIB);
  const writer = new BlockWriter(recorded.handle, 0, undefined);
  for (let at = 0; at < 25; at++) await writer.write(Buffer.alloc(MIB, at));
  await writer.flush();
  expect(recorded.syncs).toEqual([8 * MIB, 16 * MIB, 24 * MIB]);
});

test("what the disk says of an early part is not lost", async () => {
  const recorded = recordingFile(10 * MIB);
  recorded.failingSync = 0;
  const writer = new BlockWriter(recorded.handle, 0, undefined);
  const writeAll = async (): Promise<void> => {
    for (let at = 0; at < 10; at++) await writer.write(Buffer.alloc(MIB, at));
    await writer.flush();
  };
  await expect(writeAll()).rejects.toThrow("disk broken");
});
