import { createHash } from "node:crypto";
import {
  appendFileSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { LocalError, UsageError } from "../../../lib/model/errors.js";
import { openDatabase } from "../../../lib/state/database.js";
import { FORMAT_VERSION } from "../../../lib/state/schema.js";
import {
  agree,
  baseFile,
  fullPage,
  hashOf,
  key,
  keysOf,
  listed,
  localFile,
  openPlan,
  openSync,
  pages,
  plan,
  remoteFile,
  tempDir,
  upload,
} from "./builders.js";

const FILE = "state.sqlite";

/** A job directory whose base holds `files` files, closed properly. */
function withBase(files = 1): string {
  const dir = join(tempDir(), "job");
  const { state } = openSync(dir);
  agree(state, ...Array.from({ length: files }, (_, i) => baseFile(`f${i}`)));
  state.close();
  return dir;
}

/** Every file in the directory with content, mode and time. */
function contentOf(dir: string): string[] {
  const itself = statSync(dir, { bigint: true });
  const files = readdirSync(dir).map((name) => {
    const { size, mtimeNs, mode, ino } = statSync(join(dir, name), { bigint: true });
    const hash = createHash("sha256")
      .update(readFileSync(join(dir, name)))
      .digest("hex");
    return `${name} ${size} ${mtimeNs} ${mode} ${ino} ${hash}`;
  });
  return [`. ${itself.mtimeNs}`, ...files];
}

function execute(dir: string, sql: string): void {
  const db = openDatabase(join(dir, FILE), { pragmas: [] });
  db.exec(sql);
  db.exec("PRAGMA wal_checkpoint(TRUNCATE)");
  db.close();
}

test("the directory and the files in it are for their owner only", () => {
  const dir = join(tempDir(), "state", "job");
  const { state } = openSync(dir);
  agree(state, baseFile("a"));
  expect(statSync(dir).mode & 0o777).toBe(0o700);
  for (const name of [FILE, `${FILE}-wal`]) expect(statSync(join(dir, name)).mode & 0o777).toBe(0o600);
  expect(existsSync(join(dir, "scratch.sqlite"))).toBe(true);
  state.close();
  expect(existsSync(join(dir, "scratch.sqlite"))).toBe(false);
});

test("a scratch file that a killed run left is no obstacle", () => {
  const dir = withBase();
  writeFileSync(join(dir, "scratch.sqlite"), "left over");
  writeFileSync(join(dir, "scratch.sqlite-journal"), "left over");
  const { state } = openSync(dir);
  state.scan.add(key("a"), localFile("a"));
  expect(state.scan.countFiles()).toBe(1);
  state.close();
  expect(readdirSync(dir).filter((name) => name.startsWith("scratch"))).toEqual([]);
});

describe("a damaged file", () => {
  const damages: readonly { title: string; damage: (path: string) => void }[] = [
    { title: "cut to half", damage: (path) => truncateSync(path, Math.floor(statSync(path).size / 2)) },
    { title: "cut within the header", damage: (path) => truncateSync(path, 50) },
    { title: "of random bytes", damage: (path) => writeFileSync(path, createHash("sha512").update("x").digest()) },
    { title: "of text", damage: (path) => writeFileSync(path, "not a database at all\n".repeat(999)) },
    { title: "of zeros", damage: (path) => writeFileSync(path, Buffer.alloc(8_192)) },
    { title: "with a table missing", damage: (path) => execute(join(path, ".."), "DROP TABLE run") },
    {
      title: "with a table of another shape",
      damage: (path) => execute(join(path, ".."), "ALTER TABLE run ADD COLUMN more"),
    },
    { title: "of another program", damage: (path) => execute(join(path, ".."), "PRAGMA application_id = 1") },
  ];

  test.each(damages)("$title is kept aside, and a first run starts", ({ damage }) => {
    const dir = withBase(500);
    damage(join(dir, FILE));
    const { state, notices } = openSync(dir);
    expect(notices).toEqual([
      expect.stringMatching(/was damaged and is kept as state\.damaged-\w+\.sqlite; .* nothing is deleted/),
    ]);
    expect([...state.base.rows()]).toEqual([]);
    agree(state, baseFile("new"));
    state.close();
    expect(readdirSync(dir).filter((name) => /^state\.damaged-\w+\.sqlite$/.test(name))).toHaveLength(1);
    const again = openSync(dir);
    expect(again.notices).toEqual([]);
    expect(keysOf(again.state.base.rows())).toEqual(["new"]);
    again.state.close();
  });

  test.each(damages)("$title is not touched by a plan, which starts from nothing", ({ damage }) => {
    const dir = withBase(500);
    damage(join(dir, FILE));
    for (const name of ["-wal", "-shm"]) if (existsSync(join(dir, FILE + name))) truncateSync(join(dir, FILE + name));
    const before = contentOf(dir);
    const { state, notices } = openPlan(dir);
    expect(notices).toEqual([expect.stringContaining("is damaged and will be put aside")]);
    expect([...state.base.rows()]).toEqual([]);
    state.close();
    expect(contentOf(dir)).toEqual(before);
  });

  test("is kept at most three times", () => {
    const dir = withBase();
    for (let i = 0; i < 5; i++) {
      writeFileSync(join(dir, FILE), `damage ${i}`);
      openSync(dir).state.close();
    }
    const kept = readdirSync(dir).filter((name) => /^state\.damaged-\w+\.sqlite$/.test(name));
    expect(kept.map((name) => readFileSync(join(dir, name), "utf8")).sort()).toEqual([
      "damage 2",
      "damage 3",
      "damage 4",
    ]);
  });

  /** Overwrites one page in the middle of the base, which a start after a proper end does not look at. */
  function damageInside(dir: string): void {
    const path = join(dir, FILE);
    const bytes = readFileSync(path);
    const at = bytes.indexOf("stamp of f3000");
    const page = at - (at % 4_096);
    bytes.fill(0xa5, page, page + 4_096);
    writeFileSync(path, bytes);
  }

  test("in the middle is met while reading, and the next run starts anew", () => {
    const dir = withBase(5_000);
    damageInside(dir);
    const first = openSync(dir).state;
    expect(() => [...first.base.rows()]).toThrow(LocalError);
    expect(() => [...first.base.rows()]).toThrow(/is damaged; .* next sync starts with a fresh one/);
    expect(() => first.close()).not.toThrow();
    const second = openSync(dir);
    expect(second.notices).toEqual([expect.stringContaining("kept as state.damaged-")]);
    expect([...second.state.base.rows()]).toEqual([]);
    second.state.close();
    const third = openSync(dir);
    expect(third.notices).toEqual([]);
    third.state.close();
  });

  test("in the middle is found at once when the last run did not end properly", () => {
    const dir = withBase(5_000);
    const { state } = openSync(dir);
    agree(state, baseFile("later"));
    const crashed = join(tempDir(), "crashed");
    mkdirSync(crashed);
    for (const suffix of ["", "-wal"]) copyFileSync(join(dir, FILE + suffix), join(crashed, FILE + suffix));
    state.close();
    damageInside(crashed);
    const found = openSync(crashed);
    expect(found.notices).toEqual([expect.stringContaining("was damaged")]);
    found.state.close();
  });

  test("of a row that this program never writes counts as well", () => {
    const dir = withBase();
    execute(dir, "UPDATE base SET kind = 9");
    const first = openSync(dir).state;
    expect(() => first.base.get(key("f0"))).toThrow(/is damaged/);
    first.close();
    expect(openSync(dir).notices).toHaveLength(1);
  });
});

describe("a file of another version", () => {
  test("newer: refused, and not touched, by sync and by plan", () => {
    const dir = withBase();
    execute(dir, `PRAGMA user_version = ${FORMAT_VERSION + 1}`);
    const before = contentOf(dir);
    for (const open of [openSync, openPlan]) {
      expect(() => open(dir)).toThrow(UsageError);
      expect(() => open(dir)).toThrow(`a newer trisync wrote the state ${join(dir, FILE)}`);
    }
    expect(contentOf(dir)).toEqual(before);
  });

  test("older: kept aside, and a first run starts", () => {
    const dir = withBase();
    execute(dir, "PRAGMA user_version = 0");
    const { state, notices } = openSync(dir);
    expect(notices).toEqual([expect.stringMatching(/was too old and is kept as state\.old-\w+\.sqlite/)]);
    expect([...state.base.rows()]).toEqual([]);
    state.close();
    expect(openSync(dir).notices).toEqual([]);
  });
});

describe("a plan", () => {
  async function useEverything(dir: string, scratchDir: string): Promise<void> {
    const { state } = openPlan(dir, scratchDir);
    state.scan.add(key("a"), localFile("a"));
    await state.mirror.take(pages(fullPage([listed(remoteFile("new"))], "other cursor")), false);
    state.facts.set("local-root", "x");
    state.memory.set("m", "x");
    state.hashes.put(key("h"), "s", hashOf("1"));
    plan(state, upload("a"));
    agree(state, baseFile("settled"));
    state.runs.begin({ id: "1", startedMs: 1 });
    expect(state.base.get(key("settled"))).toBeDefined();
    state.close();
  }

  test("sees the state and changes no byte and no time in its directory", async () => {
    const dir = withBase(2_000);
    const scratchDir = tempDir();
    const before = contentOf(dir);
    const { state } = openPlan(dir, scratchDir);
    expect(state.base.countFiles()).toBe(2_000);
    expect(readdirSync(scratchDir)).toEqual([]);
    state.close();
    await useEverything(dir, scratchDir);
    expect(contentOf(dir)).toEqual(before);
    expect(readdirSync(scratchDir)).toEqual([]);
  });

  test("sees what a killed run had settled, and leaves its log as it is", async () => {
    const live = withBase(10);
    const { state } = openSync(live);
    agree(state, baseFile("last words"));
    const dir = join(tempDir(), "killed");
    mkdirSync(dir);
    for (const suffix of ["", "-wal", "-shm"]) copyFileSync(join(live, FILE + suffix), join(dir, FILE + suffix));
    state.close();
    const before = contentOf(dir);
    const found = openPlan(dir);
    expect(keysOf(found.state.base.rows())).toContain("last words");
    expect(found.notices).toEqual([]);
    found.state.close();
    await useEverything(dir, tempDir());
    expect(contentOf(dir)).toEqual(before);
  });

  test("passes over a torn end of the log", () => {
    const live = withBase(10);
    const { state } = openSync(live);
    agree(state, baseFile("last words"));
    const dir = join(tempDir(), "killed");
    mkdirSync(dir);
    for (const suffix of ["", "-wal"]) copyFileSync(join(live, FILE + suffix), join(dir, FILE + suffix));
    state.close();
    appendFileSync(join(dir, `${FILE}-wal`), Buffer.alloc(3_000, 7));
    const found = openPlan(dir);
    expect(keysOf(found.state.base.rows())).toContain("last words");
    found.state.close();
  });

  test("needs no directory and creates none", async () => {
    const dir = join(tempDir(), "never", "made");
    await useEverything(dir, tempDir());
    expect(existsSync(join(dir, ".."))).toBe(false);
  });
});

describe("a directory that cannot be used", () => {
  test("is refused by name, with the option that helps", () => {
    const file = join(tempDir(), "file");
    writeFileSync(file, "in the way");
    for (const dir of [file, join(file, "below"), "/proc/trisync/state"]) {
      expect(() => openSync(dir)).toThrow(UsageError);
      expect(() => openSync(dir)).toThrow(new RegExp(`cannot write the state in ${dir}: .*--state`));
    }
  });

  test("likewise when a directory has the file's name", () => {
    const dir = tempDir();
    mkdirSync(join(dir, FILE));
    expect(() => openSync(dir)).toThrow(/state in/);
  });
});
