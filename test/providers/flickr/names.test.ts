import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseSyncPath, toSyncPath } from "../../../lib/model/path.js";
import { sniffMedia } from "../../../providers/flickr/media.js";
import {
  albumOfFolder,
  fileNameOf,
  folderOfAlbum,
  refusalOf,
  toName,
  withId,
} from "../../../providers/flickr/names.js";
import { createSuffixes } from "../../../providers/flickr/suffixes.js";
import { readTags, tagsOf } from "../../../providers/flickr/tags.js";
import { sampleJpeg, sampleMp4, samplePng } from "../../emulators/gphotos/samples.js";
import { createMemory } from "./support.js";

describe("titles as names", () => {
  test.each([
    ["Holidays", "Holidays"],
    ["a/b", "a_b"],
    ["..", "__"],
    [".", "_"],
    ["", "untitled"],
    ["   ", "untitled"],
    ["../../etc/passwd", ".._.._etc_passwd"],
    ["new\nline\0", "new_line_"],
    ["  spaces  ", "spaces"],
    ["\ud800x", "_x"],
    ["Gru\u0308ße", "Grüße"],
    ["x".repeat(300), "x".repeat(255)],
    ["😀".repeat(100), "😀".repeat(63)],
  ])("%j is %j", (title, name) => {
    expect(toName(title)).toBe(name);
  });

  test("every title gives a name that stays where it is put, and that gives itself", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 400 }), (title) => {
        const name = toName(title);
        expect(parseSyncPath(`a/${name}`)).toBe(`a/${name}`);
        expect(name).not.toContain("/");
        expect(Buffer.byteLength(name)).toBeLessThanOrEqual(255);
        expect(toName(name)).toBe(name);
        const file = fileNameOf({ title, media: "photo", format: "jpg", isFileName: false });
        expect(Buffer.byteLength(file)).toBeLessThanOrEqual(255);
        expect(file).toMatch(/\.jpe?g?$/i);
      }),
    );
  });

  test("folders and albums go there and back", () => {
    expect(folderOfAlbum("a / b", "flat")).toBe("a _ b");
    expect(folderOfAlbum("a / b", "nested")).toBe("a/b");
    expect(folderOfAlbum("a/b", "nested")).toBe("a_b");
    expect(folderOfAlbum(" / ..", "nested")).toBe("untitled/__");
    expect(albumOfFolder(toSyncPath("a/b/c"))).toBe("a / b / c");
  });
});

describe("endings", () => {
  const photo = { media: "photo", format: "jpg", isFileName: false } as const;
  const video = { media: "video", format: "mov", isFileName: false } as const;
  test.each([
    ["a title without one gets that of the content", { ...photo, title: "Beach" }, "Beach.jpg"],
    ["one that fits stays as it is spelled", { ...photo, title: "Beach.JPEG" }, "Beach.JPEG"],
    ["one of another kind is part of the title", { ...photo, title: "Beach.png" }, "Beach.png.jpg"],
    ["a full stop is none", { ...photo, title: "At example.com" }, "At example.com.jpg"],
    ["what trisync uploaded keeps its name", { ...photo, title: "Beach.png", isFileName: true }, "Beach.png"],
    [
      "but not when somebody gave it a title since",
      { ...photo, title: "At the beach", isFileName: true },
      "At the beach.jpg",
    ],
    ["a video gets its own", { ...video, title: "Waves" }, "Waves.mov"],
    ["or a usual one", { ...video, format: undefined, title: "Waves" }, "Waves.mp4"],
    ["a video keeps any of a video", { ...video, title: "Waves.avi" }, "Waves.avi"],
  ] as const)("%s", (_title, titled, name) => {
    expect(fileNameOf(titled)).toBe(name);
  });
});

describe("several of one name", () => {
  const wanting = (id: string, name: string, isFirst = false) => ({ id, name, isFirst });

  test("the oldest has it plain, also when the ids differ in length", () => {
    const names = createSuffixes(createMemory()).assign(
      "p",
      [wanting("100", "x.jpg"), wanting("99", "x.jpg"), wanting("101", "x.jpg")],
      new Set(),
    );
    expect(Object.fromEntries(names)).toEqual({ "99": "x.jpg", "100": "x (100).jpg", "101": "x (101).jpg" });
  });

  test("what trisync uploaded goes first", () => {
    const names = createSuffixes(createMemory()).assign("p", [wanting("1", "x"), wanting("2", "x", true)], new Set());
    expect(Object.fromEntries(names)).toEqual({ "1": "x (1)", "2": "x" });
  });

  test("a title that looks like a number is not run over", () => {
    const names = createSuffixes(createMemory()).assign(
      "p",
      [wanting("1", "x (3)"), wanting("2", "x"), wanting("3", "x")],
      new Set(["y"]),
    );
    expect(new Set(names.values()).size).toBe(3);
    expect(names.get("1")).toBe("x (3)");
  });

  test("a name is kept when the one before it is gone, in this run and the next", () => {
    const memory = createMemory();
    const first = createSuffixes(memory);
    first.assign("p", [wanting("1", "x"), wanting("2", "x")], new Set());
    first.save();
    const later = createSuffixes(memory);
    expect(later.assign("p", [wanting("2", "x")], new Set()).get("2")).toBe("x (2)");
    expect(later.assign("q", [wanting("2", "x")], new Set()).get("2")).toBe("x");
    later.release("p", "2");
    expect(later.assign("p", [wanting("2", "x")], new Set()).get("2")).toBe("x");
  });

  test("the number goes before the ending, into the last name, and long names make room for it", () => {
    expect(withId("a.b/c.jpg", "7")).toBe("a.b/c (7).jpg");
    expect(withId("a.b/c", "7")).toBe("a.b/c (7)");
    expect(Buffer.byteLength(withId(`${"é".repeat(125)}.jpg`, "53000000001"))).toBeLessThanOrEqual(255);
  });
});

describe("refusals", () => {
  const good = ["A/a.jpg", "A/b.PNG", "Not in an album/a.gif", "A b/ü 😀.mp4"];
  test.each(good)("%j is taken", (path) => {
    expect(refusalOf(toSyncPath(path), 1, "flat")).toBeUndefined();
  });

  test.each([
    ["a.jpg", 1, "album"],
    ["A/B/a.jpg", 1, "--albums nested"],
    ["A/a.txt", 1, "jpg, png and gif"],
    ["A/.jpg", 1, "jpg, png and gif"],
    ["A/a.heic", 1, "as they are"],
    ["A/ a.jpg", 1, "space"],
    ["A/new\nline.jpg", 1, "control"],
    ["A /a.jpg", 1, "space"],
    ["A/a.mp4", 2 ** 31, "1 GiB"],
  ])("%j of %d bytes is refused, and why", (path, sizeBytes, word) => {
    expect(refusalOf(toSyncPath(path), sizeBytes, "flat")).toContain(word);
  });

  test("nested folders are albums where that is wanted", () => {
    expect(refusalOf(toSyncPath("A/B/a.jpg"), 1, "nested")).toBeUndefined();
    expect(refusalOf(toSyncPath("a.jpg"), 1, "nested")).toContain("album");
    expect(refusalOf(toSyncPath("Not in an album/B/a.jpg"), 1, "nested")).toContain("Not in an album");
  });

  test("a folder may be renamed to what an album can be called", () => {
    expect(refusalOf(toSyncPath("B"), 0, "flat")).toBeUndefined();
    expect(refusalOf(toSyncPath("A/B"), 0, "nested")).toBeUndefined();
  });
});

describe("content", () => {
  test("is told by its first bytes", () => {
    expect(sniffMedia(sampleJpeg(1))?.type).toBe("image/jpeg");
    expect(sniffMedia(samplePng(1))?.type).toBe("image/png");
    expect(sniffMedia(Buffer.from("GIF89a…"))?.type).toBe("image/gif");
    expect(sniffMedia(sampleMp4(1))?.kind).toBe("video");
    expect(sniffMedia(Buffer.from("RIFF\0\0\0\0AVI LIST"))?.kind).toBe("video");
  });

  test.each([
    ["text", Buffer.from("hello")],
    ["nothing", Buffer.alloc(0)],
    ["a sound", Buffer.from("RIFF\0\0\0\0WAVEfmt ")],
    ["a picture that Flickr converts", Buffer.from("RIFF\0\0\0\0WEBPVP8 ")],
    ["a picture in a film's wrapping", Buffer.from("\0\0\0\x18ftypheic\0\0\0\0mif1heic")],
  ])("%s is none that it keeps", (_title, head) => {
    expect(sniffMedia(head)).toBeUndefined();
  });
});

describe("tags", () => {
  const sum = "d41d8cd98f00b204e9800998ecf8427e";

  test("come back as they were written", () => {
    const facts = { hash: `md5:${sum}`, sizeBytes: 12, modifiedMs: 1_700_000_000_123 } as const;
    const text = tagsOf(facts);
    expect(text).toBe(`checksum:md5=${sum} trisync:file=s12m1700000000123`);
    expect(text.replace(/checksum:md5=|trisync:file=/g, "")).toMatch(/^[0-9a-z ]+$/);
    const read = readTags([...text.split(" "), ...text.split(" ")]);
    expect(read).toEqual({
      hash: facts.hash,
      file: { sizeBytes: 12, modifiedMs: 1_700_000_000_123 },
      isFromFile: true,
    });
  });

  test.each([
    ["of other programs are read", [`checksum:md5=${sum.toUpperCase()}`], `md5:${sum}`],
    ["of another form are read", [`checksum:${sum}`], `md5:${sum}`],
    ["in their clean form are read", [`checksum${sum}`], `md5:${sum}`],
    ["that contradict each other say nothing", [`checksum:md5=${sum}`, `checksum:md5=${"0".repeat(32)}`], undefined],
    ["of another hash say nothing", [`checksum:sha1=${"0".repeat(40)}`], undefined],
    ["of people say nothing", ["beach", "", "checksum:md5=none"], undefined],
  ])("%s", (_title, words, hash) => {
    expect(readTags(words)).toEqual({ hash, file: undefined, isFromFile: false });
  });
});
