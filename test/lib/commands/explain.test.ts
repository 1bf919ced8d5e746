import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { main } from "../../../lib/cli.js";
import { createFakeWorld } from "../../support/fake-world.js";

test("explain tells what either side holds, in words that fit one byte as well as many", async () => {
  const world = createFakeWorld({ env: { TRISYNC_LOCAL: "docs", TRISYNC_REMOTE: "folder:copy" } });
  for (const side of ["docs", "copy"]) mkdirSync(join(world.dir, side));
  writeFileSync(join(world.dir, "docs/a.txt"), "1");
  writeFileSync(join(world.dir, "copy/a.txt"), "22");
  expect(await main(["explain", "a.txt"], world)).toBe(0);
  expect(world.out()).toMatch(/^local: a file of 1 byte, modified .*\nremote: a file of 2 bytes, modified /);
});
