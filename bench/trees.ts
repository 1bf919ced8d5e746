import { createHash, randomFillSync } from "node:crypto";
import { link, mkdir, open, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { sampleJpeg } from "../test/emulators/gphotos/samples.js";

const SMALL_BYTES = 4096;
const FILES_PER_FOLDER = 20;
export const PHOTOS_PER_ALBUM = 50;
const HALVES = ["first", "second"] as const;

/** Small files, twenty to a folder, the folders in two halves. Two trees of one size have the same contents. */
export async function makeSmallTree(root: string, files: number): Promise<void> {
  for (let start = 0; start < files; start += FILES_PER_FOLDER) {
    const folder = join(root, half(start, files), `folder-${String(start)}`);
    await mkdir(folder, { recursive: true });
    const numbers = Array.from({ length: Math.min(FILES_PER_FOLDER, files - start) }, (_, index) => start + index);
    await Promise.all(numbers.map((number) => writeFile(join(folder, fileName(number)), smallContent(number, 0))));
  }
}

/** Gives one file in a hundred another content of the same size. */
export async function changeSmallTree(root: string, files: number): Promise<void> {
  for (let number = 0; number < files; number += 100) {
    const folder = `folder-${String(number - (number % FILES_PER_FOLDER))}`;
    await writeFile(join(root, half(number, files), folder, fileName(number)), smallContent(number, 1));
  }
}

/** Renames the folder that holds half of the files. */
export async function renameHalf(root: string): Promise<void> {
  await rename(join(root, HALVES[0]), join(root, "renamed"));
}

/** One file of random bytes, which nothing can make smaller. */
export async function makeLargeTree(root: string, bytes: number): Promise<void> {
  await mkdir(root, { recursive: true });
  const file = await open(join(root, "large.bin"), "w");
  try {
    const block = Buffer.alloc(1024 ** 2);
    for (let written = 0; written < bytes; written += block.length) await file.write(randomFillSync(block));
  } finally {
    await file.close();
  }
}

/** Small pictures, fifty to a folder, no folder in another. */
export async function makePhotos(root: string, photos: number): Promise<void> {
  for (let start = 0; start < photos; start += PHOTOS_PER_ALBUM) {
    const folder = join(root, `album-${String(start)}`);
    await mkdir(folder, { recursive: true });
    for (let number = start; number < Math.min(photos, start + PHOTOS_PER_ALBUM); number++) {
      const photo = sampleJpeg(number, { paddingBytes: SMALL_BYTES });
      await writeFile(join(folder, `photo-${String(number).padStart(7, "0")}.jpg`), photo);
    }
  }
}

/** Two trees of the same many tiny files, the second one as hard links, which is quick and needs no space. */
export async function makeTwins(root: string, twin: string, files: number): Promise<void> {
  const perFolder = 1000;
  for (let start = 0; start < files; start += perFolder) {
    const folder = `folder-${String(start / perFolder)}`;
    await Promise.all([root, twin].map((side) => mkdir(join(side, folder), { recursive: true })));
    const numbers = Array.from({ length: Math.min(perFolder, files - start) }, (_, index) => start + index);
    await Promise.all(
      numbers.map(async (number) => {
        const name = join(folder, fileName(number));
        await writeFile(join(root, name), name);
        await link(join(root, name), join(twin, name));
      }),
    );
  }
}

function half(number: number, files: number): string {
  return HALVES[number < files / 2 ? 0 : 1];
}

function fileName(number: number): string {
  return `file-${String(number).padStart(7, "0")}.dat`;
}

function smallContent(number: number, version: number): Buffer {
  const seed = createHash("sha256")
    .update(`${String(number)} ${String(version)}`)
    .digest();
  return Buffer.alloc(SMALL_BYTES, seed);
}
