import { describe, expect, test } from "vitest";
import { RefusedContentError } from "../../../lib/model/errors.js";
import { sampleMp4 } from "../../emulators/gphotos/samples.js";
import { changingContent, patternOf, uploadOf } from "../../support/builders.js";
import {
  albumsOf,
  codesOf,
  createMemory,
  errorOf,
  listAll,
  openProvider,
  photo,
  photoUpload,
  photoUploads,
  put,
  signal,
  useEmulator,
} from "./support.js";

const emulator = useEmulator();
const MIB = 1024 * 1024;

function ids(): readonly string[] {
  return emulator()
    .remote.items()
    .map(({ id }) => id);
}

describe("few requests", () => {
  test("fifty files of one album: one request each, one for all, one for the album, one to verify", async () => {
    const provider = await openProvider(emulator());
    const uploads = photoUploads(50);
    expect(codesOf(await provider.uploadBatch(uploads, signal))).toEqual(uploads.map(() => "ok"));
    expect(emulator().requestCounts()).toMatchObject({
      "uploads.raw": 50,
      "mediaItems.batchCreate": 1,
      "mediaItems.batchGet": 1,
      "albums.create": 1,
      "albums.list": 1,
    });
    expect(albumsOf(emulator())["album 0"]).toEqual(uploads.map(({ path }) => path.slice("album 0/".length)));
  });

  test("batches that run side by side share their calls, and no two writes overlap", async () => {
    emulator().settings.latencyMs = 5;
    const provider = await openProvider(emulator());
    const uploads = photoUploads(150, 2);
    const attempts = await Promise.all(
      [0, 50, 100].map((at) => provider.uploadBatch(uploads.slice(at, at + 50), signal)),
    );
    expect(codesOf(attempts.flat())).toEqual(uploads.map(() => "ok"));
    expect(emulator().requestCount("mediaItems.batchCreate")).toBe(4);
    expect(emulator().lockRejections).toBe(0);
    expect(ids()).toHaveLength(150);
  });

  test("the same bytes in another album join it, and are not sent", async () => {
    const memory = createMemory();
    const provider = await openProvider(emulator(), { memory });
    const first = await put(provider, "a/one.jpg", photo("x"));
    const later = await openProvider(emulator(), { memory });
    emulator().resetCounters();
    const second = await put(later, "b/two.jpg", photo("x"));
    expect(second.id).toBe(first.id);
    expect(emulator().requestCounts()).toMatchObject({ "albums.batchAddMediaItems": 1 });
    expect(emulator().requestCount("uploads")).toBe(0);
    expect(ids()).toHaveLength(1);
    expect((await listAll(later)).names).toEqual(["a/", "a/one.jpg", "b/", "b/one.jpg", "b/two.jpg"]);
  });

  test("bytes that the user has deleted meanwhile are sent again", async () => {
    const memory = createMemory();
    const provider = await openProvider(emulator(), { memory });
    const { id = "" } = await put(provider, "a/one.jpg", photo("x"));
    await put(provider, "a/two.jpg", photo("y"));
    emulator().remote.removeItem(id, { forGood: true });
    const uploads = [photoUpload("b/x.jpg", photo("x")), photoUpload("b/y.jpg", photo("y"))];
    expect(codesOf(await provider.uploadBatch(uploads, signal))).toEqual(["ok", "ok"]);
    expect(Object.values(albumsOf(emulator())["b"] ?? []).sort()).toEqual(["two.jpg", "x.jpg"]);
  });
});

describe("lost state", () => {
  test("sending everything again makes no second item and no second album", async () => {
    const first = await openProvider(emulator());
    await first.uploadBatch(photoUploads(60, 3), signal);
    const before = ids();
    const second = await openProvider(emulator());
    const { entries } = await listAll(second);
    const uploads = photoUploads(60, 3).map((upload) => {
      const replaces = entries.find((entry) => entry.kind === "file" && entry.path === upload.path);
      return replaces?.kind === "file" ? { ...upload, replaces } : upload;
    });
    expect(uploads.filter(({ replaces }) => replaces !== undefined)).toHaveLength(60);
    const attempts = await second.uploadBatch(uploads, signal);
    expect(codesOf(attempts)).toEqual(uploads.map(() => "ok"));
    expect(ids()).toEqual(before);
    expect(emulator().remote.albums()).toHaveLength(3);
  });
});

describe("versions", () => {
  test("a changed file stands beside the old one, and has its name from then on", async () => {
    const memory = createMemory();
    const provider = await openProvider(emulator(), { memory });
    const old = await put(provider, "a/x.jpg", photo("old"));
    const now = await put(provider, "a/x.jpg", photo("new"), { replaces: old });
    expect(now.id).not.toBe(old.id);
    const { entries, names } = await listAll(provider);
    expect(names[1]).toMatch(/^a\/x \([0-9a-f]{8}\)\.jpg$/);
    expect(names[2]).toBe("a/x.jpg");
    expect(entries.find(({ path }) => path === "a/x.jpg")).toMatchObject({ id: now.id, version: now.id });
    // Back to the bytes of before: nothing is sent, and the name goes along.
    const again = await put(provider, "a/x.jpg", photo("old"), { replaces: now });
    expect(again.id).toBe(old.id);
    const later = await listAll(await openProvider(emulator(), { memory }));
    expect(later.entries.find(({ path }) => path === "a/x.jpg")).toMatchObject({ id: old.id });
    expect(ids()).toHaveLength(2);
  });

  test("two files with the same bytes are one item, and both are listed", async () => {
    const provider = await openProvider(emulator());
    const uploads = [photoUpload("a/1.jpg", photo("x")), photoUpload("a/2.jpg", photo("x"))];
    expect(codesOf(await provider.uploadBatch(uploads, signal))).toEqual(["ok", "ok"]);
    expect(ids()).toHaveLength(1);
    expect((await listAll(provider)).names).toEqual(["a/", "a/1.jpg", "a/2.jpg"]);
  });
});

describe("large files", () => {
  const large = (): Buffer => Buffer.concat([sampleMp4("large"), patternOf(52 * MIB)]);

  test("go in a session, which is gone on with where the connection broke", async () => {
    const provider = await openProvider(emulator());
    emulator().fault({ route: "uploads.finalize", kind: "cut-before", afterBodyBytes: 20 * MIB });
    await put(provider, "a/film.mp4", large());
    expect(emulator().requestCounts()).toMatchObject({
      "uploads.start": 1,
      "uploads.query": 1,
      "uploads.finalize": 2,
      "mediaItems.batchCreate": 1,
    });
    const [item] = emulator().remote.items();
    expect((await emulator().remote.read(item?.id ?? "")).equals(large())).toBe(true);
  });

  test("a later run goes on with the session, and hashes the whole", async () => {
    const memory = createMemory();
    const first = await openProvider(emulator(), { memory });
    emulator().fault({ route: "uploads.finalize", kind: "cut-before", afterBodyBytes: 20 * MIB });
    emulator().fault({ route: "uploads.query", kind: "status", status: 403 });
    await errorOf(put(first, "a/film.mp4", large()));
    const second = await openProvider(emulator(), { memory });
    const { sentHash } = await second.upload(photoUpload("a/film.mp4", large()), signal);
    const [item] = emulator().remote.items();
    expect(sentHash).toBe(`sha256:${item?.sha256 ?? ""}`);
    expect(emulator().requestCount("uploads.start")).toBe(1);
  });

  test("a session that is lost is begun anew", async () => {
    const provider = await openProvider(emulator());
    emulator().fault({ route: "uploads.finalize", kind: "lost-session" });
    await put(provider, "a/film.mp4", large());
    expect(emulator().requestCount("uploads.start")).toBe(2);
    expect(ids()).toHaveLength(1);
  });

  test("below 50 MiB they are streamed with one request, and the token survives the run", async () => {
    const memory = createMemory();
    const content = Buffer.concat([sampleMp4("middle"), patternOf(20 * MIB)]);
    emulator().fault({ route: "mediaItems.batchCreate", kind: "status", status: 404, times: 2 });
    const first = await openProvider(emulator(), { memory });
    await errorOf(put(first, "a/film.mp4", content));
    const second = await openProvider(emulator(), { memory });
    await put(second, "a/film.mp4", content);
    expect(emulator().requestCount("uploads.raw")).toBe(1);
    expect(emulator().remote.albums()).toHaveLength(1);
  });
});

describe("one file of many", () => {
  test("each has an outcome of its own", async () => {
    const provider = await openProvider(emulator());
    const uploads = [
      photoUpload("a/good.jpg"),
      photoUpload("a/text.jpg", Buffer.from("no picture")),
      photoUpload("a/doc.pdf"),
      photoUpload("top.jpg"),
      uploadOf("a/moving.jpg", changingContent("0123456789", 5)),
      photoUpload("b/good.jpg"),
    ];
    const attempts = await provider.uploadBatch(uploads, signal);
    expect(codesOf(attempts)).toEqual(["ok", "rejected", "rejected", "rejected", "changed", "ok"]);
    expect(albumsOf(emulator())).toEqual({ a: ["good.jpg"], b: ["good.jpg"] });
  });

  test("what Google has looked at and refused is not sent again", async () => {
    const memory = createMemory();
    const first = await openProvider(emulator(), { memory });
    const refused = photoUpload("a/text.jpg", Buffer.from("no picture"));
    expect(await errorOf(first.upload(refused, signal))).toBeInstanceOf(RefusedContentError);
    const second = await openProvider(emulator(), { memory });
    emulator().resetCounters();
    const error = await errorOf(second.upload(refused, signal));
    expect(error).toBeInstanceOf(RefusedContentError);
    expect(error.message).toContain("upload a/text.jpg: Google Photos finds no photo");
    expect(emulator().requests).toHaveLength(0);
  });
});

describe("what is taken for stored", () => {
  test("is looked for first: the hash of an item that is gone is not told", async () => {
    const provider = await openProvider(emulator());
    const [kept, gone] = [await put(provider, "a/kept.jpg"), await put(provider, "a/gone.jpg")];
    emulator().remote.removeItem(gone.id!);
    expect(await provider.hash(kept, signal)).toMatch(/^sha256:/);
    expect(await provider.hash(gone, signal)).toBeUndefined();
    expect(await provider.hash(gone, signal)).toBeUndefined();
  });
});

describe("a session at another address", () => {
  const large = photoUpload("a/large.jpg", photo("large", 51 * MIB));

  test("that Google names is never used: the access token would go along", async () => {
    const headers = { "x-goog-upload-url": "https://elsewhere.example/upload", "x-goog-upload-status": "active" };
    emulator().fault({ route: "uploads.start", kind: "status", status: 200, body: "", headers, processed: true });
    const error = await errorOf((await openProvider(emulator())).upload(large, signal));
    expect(error.code).toBe("malformed");
    expect(error.message).not.toContain("elsewhere");
  });

  test("that an earlier run kept is given up for a new one", async () => {
    const memory = createMemory();
    const url = "https://elsewhere.example/upload?upload_id=secret";
    const session = { url, sizeBytes: large.content.sizeBytes, savedMs: Date.now() };
    memory.set(`session:${large.resumeKey}`, JSON.stringify(session));
    await (await openProvider(emulator(), { memory })).upload(large, signal);
    expect(ids()).toHaveLength(1);
  });
});

test.each(["mov", "jpg", "heic"])("%s without a dot is a name, and no type", async (name) => {
  const provider = await openProvider(emulator());
  expect(provider.refusal(photoUpload(`a/${name}`).path, 5)).toContain("none by its name");
  expect(provider.refusal(photoUpload(`a/x.${name.toUpperCase()}`).path, 5)).toBeUndefined();
});
