import { describe, expect, test } from "vitest";
import { UsageError } from "../../../lib/model/errors.js";
import { toSyncPath } from "../../../lib/model/path.js";
import { parseTarget } from "../../../providers/onedrive/config.js";
import { normaliseDriveId } from "../../../providers/onedrive/drive.js";
import { MAX_FILE_BYTES, refusalOf, refusalOfFolder } from "../../../providers/onedrive/names.js";
import { mayBeRewritten } from "../../../providers/onedrive/rewritten.js";

const LIBRARY = { target: "/", isPersonal: false };
const PERSONAL = { target: "/", isPersonal: true };

describe("names", () => {
  test.each([
    ...['a"b', "a*b", "a:b", "a<b", "a>b", "a?b", "a\\b", "a|b", "a\nb", "a\u007f"],
    ...[" a", "a ", "a.", "...", ".lock", "CON", "com0", "LPT9", "Desktop.ini", "~$a.docx", "x_VTI_y", "a&#169;b"],
    ...["d/CON/x", "x".repeat(256)],
  ])("%j is refused, with a sentence", (name) => {
    expect(refusalOf(toSyncPath(name), 1, PERSONAL)).toMatch(
      /^[A-Z].*\. (Rename it|Shorten it), or leave it out with --exclude\.$/,
    );
  });

  test.each([
    ".hidden",
    "con.txt",
    "COM10",
    "a#b%c",
    "~a",
    ".ds_store",
    "x.tmp",
    "forms",
    "~folder/x",
    "x".repeat(255),
  ])("%j is taken", (name) => {
    expect(refusalOf(toSyncPath(name), 1, PERSONAL)).toBeUndefined();
  });

  test("libraries keep some names for themselves", () => {
    expect(refusalOf(toSyncPath("~folder/x"), 1, LIBRARY)).toContain("SharePoint");
    expect(refusalOf(toSyncPath("Forms/x"), 1, LIBRARY)).toContain("forms");
    expect(refusalOfFolder(toSyncPath("a/~folder"), LIBRARY)).toContain("SharePoint");
    expect(refusalOf(toSyncPath("a/~file"), 1, LIBRARY)).toBeUndefined();
    expect(refusalOfFolder(toSyncPath("a/~folder"), PERSONAL)).toBeUndefined();
    expect(refusalOfFolder(toSyncPath("Forms"), LIBRARY)).toContain("forms");
    expect(refusalOf(toSyncPath("Forms/x"), 1, { ...LIBRARY, target: "/Docs" })).toBeUndefined();
  });

  test("the whole path in the drive has at most 400 characters", () => {
    const path = toSyncPath(`${"d".repeat(199)}/${"f".repeat(200)}`);
    expect(refusalOf(path, 1, PERSONAL)).toBeUndefined();
    expect(refusalOf(path, 1, { ...PERSONAL, target: "/D" })).toContain("400 characters");
  });

  test("a file has at most 250 GiB", () => {
    expect(refusalOf(toSyncPath("a"), MAX_FILE_BYTES, PERSONAL)).toBeUndefined();
    expect(refusalOf(toSyncPath("a"), MAX_FILE_BYTES + 1, PERSONAL)).toContain("at most");
  });
});

test("only drives of companies rewrite documents", () => {
  const names = ["a.docx", "A.XLSX", "b.html", "c.aspx", "d.pdf", "e.doc", "f.txt", "docx", "g.docx.gz"];
  const rewritten = (isPersonal: boolean): readonly string[] =>
    names.filter((name) => mayBeRewritten(toSyncPath(name), isPersonal));
  expect(rewritten(false)).toEqual(names.slice(0, 6));
  expect(rewritten(true)).toEqual([]);
});

test("drive ids of personal accounts are written in one way", () => {
  expect(normaliseDriveId("A1B2C3D4E5F6071")).toBe("0a1b2c3d4e5f6071");
  expect(normaliseDriveId("0a1b2c3d4e5f6071")).toBe("0a1b2c3d4e5f6071");
  expect(normaliseDriveId("b!DicTZZ4mN02yp03kUua0OCQ")).toBe("b!DicTZZ4mN02yp03kUua0OCQ");
});

describe("targets", () => {
  test.each([
    ["", "/"],
    ["/", "/"],
    ["/Documents/", "/Documents"],
    ["/Ä/b", "/Ä/b"],
  ])("%j is %j", (given, target) => {
    expect(parseTarget(given)).toBe(target);
  });

  test.each(["Documents", "/a//b", "/a/../b", "/a:b", "/a*", "/a\\b"])("%j is none", (given) => {
    expect(() => parseTarget(given)).toThrow(UsageError);
  });
});
