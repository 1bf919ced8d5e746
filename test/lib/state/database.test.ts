import { join } from "node:path";
import { expect, test } from "vitest";
import { LocalError, UsageError } from "../../../lib/model/errors.js";
import { openDatabase } from "../../../lib/state/database.js";
import { DamagedValueError, translateError } from "../../../lib/state/sql-errors.js";
import { tempDir } from "./builders.js";

function catchError(work: () => void): unknown {
  try {
    work();
  } catch (error) {
    return error;
  }
  return undefined;
}

test("a full disk is an error of this machine that names the directory and the option", () => {
  const dir = tempDir();
  const db = openDatabase(join(dir, "x.sqlite"), { pragmas: ["max_page_count = 4"] });
  db.exec("CREATE TABLE t (a TEXT)");
  const error = catchError(() => db.run("INSERT INTO t VALUES (?)", "x".repeat(100_000)));
  expect(error).toBeInstanceOf(LocalError);
  expect(error).toMatchObject({
    code: "full",
    message: `no space left for the state in ${dir}; another directory can be given with --state`,
  });
  db.close();
});

test("a failed transaction leaves nothing, and the next one works", () => {
  const db = openDatabase(join(tempDir(), "x.sqlite"), { pragmas: ["max_page_count = 4"] });
  db.exec("CREATE TABLE t (a TEXT)");
  const error = catchError(() => {
    db.transaction(() => {
      db.run("INSERT INTO t VALUES ('small')");
      db.run("INSERT INTO t VALUES (?)", "x".repeat(100_000));
    });
  });
  expect(error).toBeInstanceOf(LocalError);
  db.transaction(() => db.run("INSERT INTO t VALUES ('next')"));
  expect(db.all("SELECT a FROM t", [], (row) => row["a"])).toEqual(["next"]);
  db.close();
});

test("what is found broken after the disk was full is no damage", () => {
  let damages = 0;
  const db = openDatabase(join(tempDir(), "x.sqlite"), {
    pragmas: ["max_page_count = 4"],
    onDamage: () => damages++,
  });
  const findDamage = () =>
    catchError(() =>
      db.get("SELECT 1", [], () => {
        throw new DamagedValueError("not a row of ours");
      }),
    );
  db.exec("CREATE TABLE t (a TEXT)");
  expect(catchError(() => db.run("INSERT INTO t VALUES (?)", "x".repeat(100_000)))).toMatchObject({ code: "full" });
  expect(findDamage()).toMatchObject({ code: "full" });
  expect(damages).toBe(0);
  db.close();
});

test("damage is told and noted otherwise", () => {
  let damages = 0;
  const db = openDatabase(join(tempDir(), "x.sqlite"), { pragmas: [], onDamage: () => damages++ });
  const error = catchError(() => db.count("SELECT 'one'"));
  expect(String(error)).toMatch(/is damaged; nothing more was done/);
  expect(damages).toBe(1);
  db.close();
});

test("a database that may not be written is a mistake of configuration", () => {
  const dir = tempDir();
  const db = openDatabase(join(dir, "x.sqlite"), { pragmas: [] });
  db.exec("CREATE TABLE t (a TEXT); PRAGMA query_only = 1");
  const error = catchError(() => db.run("INSERT INTO t VALUES ('x')"));
  expect(error).toBeInstanceOf(UsageError);
  expect(String(error)).toContain(dir);
  db.close();
});

test.each([
  { code: "ENOSPC", type: LocalError },
  { code: "EDQUOT", type: LocalError },
  { code: "EIO", type: LocalError },
  { code: "EACCES", type: UsageError },
  { code: "EROFS", type: UsageError },
])("$code of the file system is told in the same way", ({ code, type }) => {
  const cause = Object.assign(new Error(`${code}: reason, open '/d/x'`), { code, syscall: "open" });
  const error = translateError(cause, "/d/x");
  expect(error).toBeInstanceOf(type);
  expect(error).toHaveProperty("cause", cause);
  expect(String(error)).toMatch(/state in \/d.*--state/);
});

test("any other error is a bug and stays what it is", () => {
  const bug = new TypeError("x is not a function");
  expect(translateError(bug, "/d/x")).toBe(bug);
  const db = openDatabase(join(tempDir(), "x.sqlite"), { pragmas: [] });
  const error = catchError(() => db.exec("SELECT nonsense FROM nowhere"));
  expect(error).not.toBeInstanceOf(LocalError);
  expect(error).not.toBeInstanceOf(UsageError);
  db.close();
});
