import { existsSync, mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { main } from "../../../lib/cli.js";
import { createFakeWorld } from "../../support/fake-world.js";
import type { FakeWorld } from "../../support/fake-world.js";

/** A folder with so many files, and another to synchronise it with. */
function prepare(files: number): FakeWorld {
  const world = createFakeWorld({ env: { TRISYNC_LOCAL: "docs", TRISYNC_REMOTE: "folder:copy" } });
  for (const side of ["docs", "copy"]) mkdirSync(join(world.dir, side));
  for (let i = 0; i < files; i++) writeFileSync(join(world.dir, "docs", `f${String(i)}`), String(i));
  return world;
}

function namesIn(world: FakeWorld, side: string): readonly string[] {
  return readdirSync(join(world.dir, side)).filter((name) => name !== ".trisync");
}

test("a limit of time longer than a timer can be does not end the run", async () => {
  const world = prepare(1);
  expect(await main(["--max-duration", "30d"], world)).toBe(0);
  expect(namesIn(world, "copy")).toEqual(["f0"]);
});

test("patterns that cannot be read as a file stop the run before anything is sent", async () => {
  const world = prepare(1);
  writeFileSync(join(world.dir, "patterns"), "f0\n");
  symlinkSync("../patterns", join(world.dir, "docs", ".trisyncignore"));
  expect(await main(["sync"], world)).toBe(2);
  expect(world.err()).toContain(".trisyncignore is a symbolic link; put a plain file");
  expect(namesIn(world, "copy")).toEqual([]);
});

test("a run that is refused leaves the trash alone", async () => {
  const world = prepare(20);
  expect(await main(["sync"], world)).toBe(0);
  const old = join(world.dir, "docs/.trisync/trash/20250101T000000Z-aaaa");
  mkdirSync(old, { recursive: true });
  for (const name of namesIn(world, "docs")) rmSync(join(world.dir, "docs", name));
  expect(await main(["sync"], world)).toBe(4);
  expect(existsSync(old)).toBe(true);
  expect(namesIn(world, "copy")).toHaveLength(20);
});

test("a link where the other side has a file is told, every time, and both stay", async () => {
  for (const [linkSide, fileSide] of [
    ["docs", "copy"],
    ["copy", "docs"],
  ] as const) {
    const world = prepare(0);
    symlinkSync("nowhere", join(world.dir, linkSide, "x"));
    writeFileSync(join(world.dir, fileSide, "x"), "1");
    for (const _ of ["first run", "second run"]) expect(await main(["sync"], world)).toBe(3);
    expect(world.err()).toContain("x: a symbolic link is where the other side has a file; both are kept as they are");
    expect(namesIn(world, fileSide)).toEqual(["x"]);
  }
});

test("a link that is in nobody's way is no error", async () => {
  const world = prepare(1);
  for (const side of ["docs", "copy"]) symlinkSync("nowhere", join(world.dir, side, "both"));
  symlinkSync("nowhere", join(world.dir, "docs", "here"));
  expect(await main(["sync"], world)).toBe(0);
});

test("a file that comes where an excluded folder is says what is in its way", async () => {
  const world = prepare(0);
  mkdirSync(join(world.dir, "docs", "build"));
  writeFileSync(join(world.dir, "copy", "build"), "1");
  expect(await main(["sync", "--exclude", "build/"], world)).toBe(3);
  expect(world.err()).toContain('"build": something is in the way');
});
