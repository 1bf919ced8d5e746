import { describe, expect, test } from "vitest";
import { toSyncPath } from "../../../lib/model/path.js";
import { refusalOf } from "../../../providers/yandex/names.js";
import { childOf, createPaths, folderOf, isBase, lastNameOf, toRootPath } from "../../../providers/yandex/paths.js";
import { isSlowKind } from "../../../providers/yandex/slow-kinds.js";
import { isGoingAside, isTemporary, newAsideName, newUploadName } from "../../../providers/yandex/temporary-names.js";
import { hasProperties, modifiedMsOf, toProperties } from "../../../providers/yandex/times.js";

const limits = { maxFileBytes: undefined, root: "disk:/" };

describe("refusals", () => {
  test.each(["a".repeat(256), "tab\t", "a\u007f", "ends in a space ", newUploadName(), "a /b.txt"])("%j", (name) => {
    expect(refusalOf(toSyncPath(name), 1, limits)).toMatch(/Rename it/);
  });

  test.each([" a", 'a:b*?"<>|\\', "...", "😀".repeat(255), "CON", ".trisync", newAsideName("a", 0)])(
    "%j is fine",
    (name) => {
      expect(refusalOf(toSyncPath(name), 1, limits)).toBeUndefined();
    },
  );

  test("paths that are too long, with the root", () => {
    const path = toSyncPath(Array.from({ length: 131 }, () => "x".repeat(249)).join("/"));
    expect(refusalOf(path, 1, limits)).toBeUndefined();
    expect(refusalOf(path, 1, { ...limits, root: `disk:/${"y".repeat(100)}` })).toContain("32760");
  });

  test("sizes, by the account or by what anyone may have", () => {
    const path = toSyncPath("a");
    expect(refusalOf(path, 1024 ** 3 + 1, { ...limits, maxFileBytes: 1024 ** 3 })).toContain("1073741824");
    expect(refusalOf(path, 50 * 1024 ** 3, limits)).toBeUndefined();
    expect(refusalOf(path, 50 * 1024 ** 3 + 1, limits)).toContain("at most");
  });
});

describe("paths", () => {
  test("name their scheme", () => {
    expect(toRootPath("/")).toBe("disk:/");
    expect(toRootPath("/a/b")).toBe("disk:/a/b");
    expect(toRootPath("app:/a")).toBe("app:/a");
    expect(createPaths("disk:/").of(toSyncPath("trash:/x"))).toBe("disk:/trash:/x");
  });

  test("go up to their base and no further", () => {
    expect(folderOf("disk:/a/b")).toBe("disk:/a");
    expect(folderOf("disk:/a")).toBe("disk:/");
    expect(folderOf("app:/a")).toBe("app:/");
    expect([isBase("disk:/"), isBase("app:/"), isBase("disk:/a")]).toEqual([true, true, false]);
    expect([childOf("disk:/", "a"), childOf("disk:/a", "b"), lastNameOf("disk:/a/b")]).toEqual([
      "disk:/a",
      "disk:/a/b",
      "b",
    ]);
  });

  test("are spelt as the service spells them", () => {
    const paths = createPaths("disk:/r");
    paths.noteSpelling(toSyncPath("ü"), "u\u0308");
    expect(paths.of(toSyncPath("ü/a"))).toBe("disk:/r/u\u0308/a");
    expect(paths.of(toSyncPath("b/c"))).toBe("disk:/r/b/c");
    expect(paths.of(undefined)).toBe("disk:/r");
  });
});

describe("names of our own", () => {
  test("are told from all others", () => {
    expect(isTemporary(newUploadName())).toBe(true);
    expect([".trisync-upload-x.txt", "trisync-upload-0123456789abcdef.txt"].map(isTemporary)).toEqual([false, false]);
  });

  test("keep the ending, fit, and are hidden for an hour", () => {
    const now = Date.UTC(2026, 2, 1, 9, 30, 5);
    const name = newAsideName("Plan.v2.txt", now);
    expect(name).toMatch(/^Plan\.v2 \(replaced 20260301T093005Z-[0-9a-f]{4}\)\.txt$/);
    expect([isGoingAside(name, now), isGoingAside(name, now + 3_500_000), isGoingAside(name, now + 3_700_000)]).toEqual(
      [true, true, false],
    );
    expect(isGoingAside("Plan.v2.txt", now)).toBe(false);
    for (const long of ["x".repeat(255), `${"😀".repeat(251)}.txt`, ".hidden", "none"]) {
      const aside = newAsideName(long, now);
      expect(Array.from(aside).length).toBeLessThanOrEqual(255);
      expect(isGoingAside(aside, now)).toBe(true);
    }
  });
});

describe("slow kinds", () => {
  const large = 1024 * 1024;
  test.each(["a.zip", "a.MP4", "a.tar.gz", "noending", ".hidden", "a.sqlite"])("%s", (name) => {
    expect([isSlowKind(name, large), isSlowKind(name, 1000)]).toEqual([true, false]);
  });
  test.each(["a.jpg", "a.pdf", "a.zip.txt", "a.flac"])("not %s", (name) => {
    expect(isSlowKind(name, large)).toBe(false);
  });
});

describe("times", () => {
  const sha256 = "ab".repeat(32);
  const modified = "2026-03-01T09:30:00+00:00";
  const written = toProperties(Date.UTC(2020, 0, 2, 3, 4, 5, 678.9), sha256);

  test("are read back for the content that they were written for", () => {
    if (written === undefined) throw new Error("no properties");
    const item = { type: "file", sha256, modified, custom_properties: { ...written, other: 1 } };
    expect(modifiedMsOf(item)).toBe(Date.UTC(2020, 0, 2, 3, 4, 5, 678));
    expect(hasProperties(item, written)).toBe(true);
    expect(modifiedMsOf({ ...item, sha256: "cd".repeat(32) })).toBe(Date.UTC(2026, 2, 1, 9, 30));
  });

  test("are the service's where nobody has said better", () => {
    expect(modifiedMsOf({ type: "file", sha256, modified, custom_properties: null })).toBe(Date.UTC(2026, 2, 1, 9, 30));
    expect(modifiedMsOf({ type: "file", sha256, custom_properties: { trisync_modified: 5 } })).toBeUndefined();
  });

  test("that cannot be written down are not", () => {
    expect([-1, Number.NaN, 1e15].map((ms) => toProperties(ms, sha256))).toEqual([undefined, undefined, undefined]);
  });
});
