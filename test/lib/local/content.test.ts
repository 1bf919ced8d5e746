import { execFileSync } from "node:child_process";
import fs from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { toSyncPath } from "../../../lib/model/path.js";
import { createRealWorld, createSimulatedWorld, NEVER, seeFile, WORLDS } from "./worlds.js";
import type { World } from "./worlds.js";

async function drain(stream: AsyncIterable<unknown>): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) if (Buffer.isBuffer(chunk)) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

describe.each(WORLDS)("content on $name", ({ create }) => {
  let world: World;
  beforeEach(() => {
    world = create();
    world.plant({ "a/x.txt": "0123456789", empty: "" });
    return () => world.close();
  });

  test("can be read in parts and as often as needed", async () => {
    const folder = world.open();
    const content = await folder.content(await seeFile(folder, "a/x.txt"));
    expect(content.sizeBytes).toBe(10);
    expect(await drain(content.open(0, 10))).toBe("0123456789");
    expect(await drain(content.open(3, 5))).toBe("34");
    expect(await drain(content.open(0, 10))).toBe("0123456789");
    expect((await content.read(8, 10)).toString()).toBe("89");
    expect((await content.read(4, 4)).length).toBe(0);
    await content.verify();
    await content.close();
  });

  test("an empty file", async () => {
    const folder = world.open();
    const content = await folder.content(await seeFile(folder, "empty"));
    expect(await drain(content.open(0, 0))).toBe("");
    await content.close();
    expect(await folder.hash(await seeFile(folder, "empty"), ["sha1"], NEVER)).toBe(
      "sha1:da39a3ee5e6b4b0d3255bfef95601890afd80709",
    );
  });

  test("that was touched since it was seen is not even opened", async () => {
    const folder = world.open();
    const seen = await seeFile(folder, "a/x.txt");
    world.remove("a/x.txt");
    world.plant({ "a/x.txt": "another content" });
    await expect(folder.content(seen)).rejects.toMatchObject({ name: "LocalError", code: "changed" });
    await expect(folder.hash(seen, ["md5"], NEVER)).rejects.toMatchObject({ code: "changed" });
    world.remove("a/x.txt");
    await expect(folder.content(seen)).rejects.toMatchObject({ code: "changed" });
  });

  test("that changes while it is read fails instead of ending", async () => {
    const folder = world.open();
    const content = await folder.content(await seeFile(folder, "a/x.txt"));
    world.plant({ "a/x.txt": "short" });
    await expect(drain(content.open(0, 10))).rejects.toMatchObject({ code: "changed" });
    await expect(content.read(0, 4)).rejects.toMatchObject({ code: "changed" });
    await expect(content.verify()).rejects.toMatchObject({ code: "changed" });
    await content.close();
  });

  test("of which another file took the name is still whole, and verify tells", async () => {
    const folder = world.open();
    const content = await folder.content(await seeFile(folder, "a/x.txt"));
    world.plant({ other: "x" });
    await folder.move(await seeFile(folder, "a/x.txt"), toSyncPath("gone.txt"));
    await expect(content.verify()).rejects.toMatchObject({ code: "changed" });
    await content.close();
  });

  test("is not read through a link", async () => {
    const folder = world.open();
    const seen = await seeFile(folder, "a/x.txt");
    await folder.move({ kind: "folder", path: toSyncPath("a"), inode: await inodeOfFolder() }, toSyncPath("b"));
    world.symlink("b", "a");
    await expect(folder.content(seen)).rejects.toMatchObject({ code: "changed" });
    await expect(folder.stat(seen.path)).rejects.toMatchObject({ code: "changed" });

    async function inodeOfFolder(): Promise<string> {
      const entry = await folder.stat(toSyncPath("a"));
      return entry?.kind === "folder" ? entry.inode : "";
    }
  });

  test("an aborted hash rejects with the reason", async () => {
    const folder = world.open();
    const reason = new Error("stop");
    await expect(folder.hash(await seeFile(folder, "a/x.txt"), ["md5"], AbortSignal.abort(reason))).rejects.toBe(
      reason,
    );
  });
});

test("a large file arrives whole, in chunks of 1 MiB", async () => {
  const world = createRealWorld();
  world.plant({ large: "x".repeat(2_500_000) });
  const folder = world.open();
  const content = await folder.content(await seeFile(folder, "large"));
  const lengths: number[] = [];
  for await (const chunk of content.open(0, content.sizeBytes)) lengths.push(Buffer.isBuffer(chunk) ? chunk.length : 0);
  expect(lengths).toEqual([1048576, 1048576, 402848]);
  await content.close();
  world.close();
});

test("a pipe that took the file's place does not hang", async () => {
  const world = createRealWorld();
  world.plant({ a: "1" });
  const folder = world.open();
  const seen = await seeFile(folder, "a");
  fs.rmSync(join(world.root, "a"));
  execFileSync("mkfifo", [join(world.root, "a")]);
  await expect(folder.hash(seen, ["md5"], NEVER)).rejects.toMatchObject({ code: "changed" });
  const handle = await world.files.open(join(world.root, "a"), "read");
  expect((await handle.stat()).isFIFO()).toBe(true);
  await handle.close();
  world.close();
});

test("an error of the disk while reading is said in words", async () => {
  const world = createSimulatedWorld();
  world.plant({ a: "1" });
  const folder = world.open();
  const content = await folder.content(await seeFile(folder, "a"));
  world.disk.fail = (call) => (call === "read" ? "EIO" : undefined);
  const error = await drain(content.open(0, 1)).catch((reason: unknown) => reason);
  expect(error).toMatchObject({ name: "LocalError", code: "failed" });
  expect(String(error)).toContain('"a"');
});
