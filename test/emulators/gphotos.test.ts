import { createHash } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { beforeEach, describe, expect, test } from "vitest";
import * as z from "zod";
import { Caller, failureOf, type Result } from "./gphotos/caller.js";
import { type GooglePhotosEmulator, startGooglePhotosEmulator } from "./gphotos/emulator.js";
import { sampleJpeg, sampleMp4, samplePng } from "./gphotos/samples.js";

let emulator: GooglePhotosEmulator;
let caller: Caller;

beforeEach(async () => {
  emulator = await startGooglePhotosEmulator();
  caller = new Caller(emulator);
  return () => emulator.close();
});

describe("uploads in one request", () => {
  test("bytes become a token, the token becomes an item with what the picture says", async () => {
    const content = sampleJpeg(1, {
      takenAt: new Date("2023-11-14T22:13:20Z"),
      make: "Acme",
      width: 4000,
      height: 3000,
    });
    const [result] = await caller.results([
      { token: await caller.token(content), name: "IMG_1.jpg", description: "hi" },
    ]);
    expect(result?.status).toEqual({ message: "Success" });
    expect(result?.mediaItem).toMatchObject({
      filename: "IMG_1.jpg",
      description: "hi",
      mimeType: "image/jpeg",
      mediaMetadata: {
        creationTime: "2023-11-14T22:13:20Z",
        width: "4000",
        height: "3000",
        photo: { cameraMake: "Acme", cameraModel: "X1" },
      },
    });
    expect(result?.mediaItem).not.toHaveProperty("baseUrl");
    expect(emulator.remote.items()).toMatchObject([{ filename: "IMG_1.jpg", sha256: sha256(content), origin: "app" }]);
    expect(await emulator.remote.read(result?.mediaItem?.id ?? "")).toEqual(content);
    expect(emulator.misuse).toEqual([]);
  });

  test("any junk gets a token, and is refused when the item is made", async () => {
    const tokens = await Promise.all(["junk", sampleJpeg(1), ""].map((content) => caller.token(content)));
    const results = await caller.results(tokens.map((token, index) => ({ token, name: `${String(index)}.jpg` })));
    expect(results.map(({ status }) => status.code ?? 0)).toEqual([3, 0, 3]);
    expect(results[0]?.status.message).toMatch(/^BAD_IMAGE: /);
    expect(results[0]).not.toHaveProperty("mediaItem");
    expect(emulator.misuse).toEqual(["uploads.raw: an empty file"]);
  });

  test("a photo or a video above the limit of its kind", async () => {
    emulator.settings.photoBytes = 1000;
    emulator.settings.videoBytes = 5000;
    const contents = [
      sampleJpeg(1, { paddingBytes: 2000 }),
      sampleMp4(1, { paddingBytes: 2000 }),
      sampleMp4(1, { paddingBytes: 9000 }),
    ];
    const codes = await codesOf(contents);
    expect(codes).toEqual([3, 0, 3]);
  });

  test("all kinds of pictures and films are told by their bytes", async () => {
    const heads: Readonly<Record<string, string>> = {
      "image/gif": "474946383961",
      "image/bmp": "424d",
      "image/tiff": "49492a00",
      "image/webp": "524946460000000057454250",
      "image/heif": "00000018667479706865696300000000",
      "image/avif": "00000018667479706176696600000000",
      "video/quicktime": "00000014667479707174202000000000",
      "video/3gpp": "00000014667479703367703400000000",
      "video/avi": "524946460000000041564920",
      "video/x-matroska": "1a45dfa3",
      "video/x-ms-wmv": "3026b2758e66cf11",
      "video/mpeg": "000001ba",
    };
    for (const [type, head] of Object.entries(heads)) {
      await caller.add(Buffer.concat([Buffer.from(head, "hex"), Buffer.alloc(200, type)]));
      expect(emulator.remote.items().at(-1)?.mimeType).toBe(type);
    }
  });

  test("without a name an item is called after the day; the header's name is second to the request's", async () => {
    const today = new Date().toISOString().slice(0, 10);
    const token = await caller.token(sampleJpeg(1));
    await caller.post("mediaItems:batchCreate", { newMediaItems: [{ simpleMediaItem: { uploadToken: token } }] });
    const named = (await caller.raw(sampleJpeg(2), { "X-Goog-Upload-File-Name": "header.jpg" })).text;
    await caller.post("mediaItems:batchCreate", { newMediaItems: [{ simpleMediaItem: { uploadToken: named } }] });
    const both = (await caller.raw(sampleJpeg(3), { "X-Goog-Upload-File-Name": "header.jpg" })).text;
    await caller.batchCreate([{ token: both, name: "request.jpg" }]);
    const names = emulator.remote.items().map(({ filename }) => filename);
    expect(names).toEqual([`${today}.jpeg`, "header.jpg", "request.jpg"]);
    expect(emulator.misuse).toHaveLength(2);
  });

  test("tokens are good for a day", async () => {
    const token = await caller.token(sampleJpeg(1));
    emulator.advanceClock(24 * 3600 * 1000 + 1);
    const later = new Caller(emulator);
    expect((await later.results([{ token }]))[0]?.status).toMatchObject({ code: 3 });
    const fresh = await later.token(sampleJpeg(1));
    expect((await later.results([{ token: fresh }]))[0]?.mediaItem).toBeDefined();
  });

  test("a used token makes the same item again, or is refused", async () => {
    const token = await caller.token(sampleJpeg(1));
    const [first] = await caller.results([{ token }]);
    const [second] = await caller.results([{ token }]);
    expect(second?.mediaItem?.id).toBe(first?.mediaItem?.id);
    emulator.settings.usedUploadTokens = "refuse";
    expect((await caller.results([{ token }]))[0]?.status.code).toBe(3);
  });
});

describe("resumable uploads", () => {
  const content = sampleMp4("film", { paddingBytes: 600 * 1024 });

  test("chunks of the granularity, where am I, the end", async () => {
    const { url, granularity } = await startSession();
    expect((await caller.chunk(url, content.subarray(0, granularity), { offset: 0, isLast: false })).status).toBe(200);
    const query = await caller.command(url, "query");
    expect(query.headers.get("x-goog-upload-status")).toBe("active");
    expect(query.headers.get("x-goog-upload-size-received")).toBe(String(granularity));
    const rest = await caller.chunk(url, content.subarray(granularity), { offset: granularity, isLast: true });
    expect(rest.headers.get("x-goog-upload-status")).toBe("final");
    expect((await caller.command(url, "query")).headers.get("x-goog-upload-status")).toBe("final");
    await caller.results([{ token: rest.text, name: "film.mp4" }]);
    expect(emulator.remote.items()).toMatchObject([{ sha256: sha256(content), mimeType: "video/mp4" }]);
    expect(emulator.misuse).toEqual([]);
  });

  test("in one body, and given up", async () => {
    const { url } = await startSession();
    const whole = await caller.chunk(url, content, { offset: 0, isLast: true });
    expect((await caller.results([{ token: whole.text }]))[0]?.mediaItem).toBeDefined();
    const second = await startSession();
    expect((await caller.command(second.url, "cancel")).headers.get("x-goog-upload-status")).toBe("cancelled");
    expect((await caller.command(second.url, "query")).headers.get("x-goog-upload-status")).toBe("cancelled");
    expect(emulator.uploads.activeSessions).toEqual([]);
    expect(emulator.misuse).toEqual([]);
    expect((await caller.chunk(second.url, content, { offset: 0, isLast: true })).status).toBe(400);
  });

  test("what had come of a broken chunk is kept in whole blocks, and the upload goes on from there", async () => {
    const { url, granularity } = await startSession();
    emulator.fault({ route: "uploads.finalize", kind: "cut-before", afterBodyBytes: granularity + 50_000 });
    await expect(caller.chunk(url, content, { offset: 0, isLast: true })).rejects.toThrow("fetch failed");
    const query = await caller.command(url, "query");
    expect(query.headers.get("x-goog-upload-size-received")).toBe(String(granularity));
    const rest = await caller.chunk(url, content.subarray(granularity), { offset: granularity, isLast: true });
    await caller.results([{ token: rest.text }]);
    expect(emulator.remote.items()[0]?.sha256).toBe(sha256(content));
    expect(emulator.misuse).toEqual([]);
  });

  test("wrong offsets, odd chunks, too much, too little, no size: refused and recorded", async () => {
    const { url, granularity } = await startSession();
    const odd = content.subarray(0, 1000);
    expect((await caller.chunk(url, content.subarray(0, granularity), { offset: 5, isLast: false })).status).toBe(400);
    expect((await caller.chunk(url, odd, { offset: 0, isLast: false })).status).toBe(400);
    expect((await caller.chunk(url, odd, { offset: 0, isLast: true })).status).toBe(400);
    const tooMuch = Buffer.alloc(granularity * 4);
    expect((await caller.chunk(url, tooMuch, { offset: 0, isLast: true })).status).toBe(400);
    expect((await caller.start(1, { "X-Goog-Upload-Raw-Size": "many" })).status).toBe(400);
    expect(emulator.misuse).toHaveLength(5);
    expect((await caller.command(`${emulator.apiUrl}/v1/uploads?upload_id=none`, "query")).status).toBe(404);
  });

  test("sessions grow old and get lost", async () => {
    const { url } = await startSession();
    emulator.fault({ route: "uploads.query", kind: "lost-session" });
    expect((await caller.command(url, "query")).status).toBe(404);
    const second = await startSession();
    emulator.settings.accessTokenSeconds = 30 * 24 * 3600;
    const later = new Caller(emulator);
    emulator.advanceClock(8 * 24 * 3600 * 1000);
    expect((await later.command(second.url, "query")).status).toBe(404);
    expect(emulator.misuse).toEqual([]);
  });

  async function startSession(): Promise<{ readonly url: string; readonly granularity: number }> {
    const { headers } = await caller.start(content.length);
    expect(headers.get("x-goog-upload-status")).toBe("active");
    const granularity = Number(headers.get("x-goog-upload-chunk-granularity"));
    return { url: headers.get("x-goog-upload-url") ?? "", granularity };
  }
});

describe("identical bytes", () => {
  test("are one item with its first name, for each user by himself", async () => {
    const first = await caller.add(sampleJpeg(1), "first.jpg");
    expect(await caller.add(sampleJpeg(1), "second.jpg")).toBe(first);
    expect(emulator.remote.items().map(({ filename }) => filename)).toEqual(["first.jpg"]);
    const other = emulator.addAccount();
    const their = new Caller(emulator, emulator.tokens.issue({ accountId: other.accountId }).accessToken);
    expect(await their.add(sampleJpeg(1), "third.jpg")).not.toBe(first);
    expect(emulator.remoteOf(other).items()).toHaveLength(1);
    expect((await their.get(`mediaItems/${first}`)).status).toBe(404);
  });

  test("that the user had before: hidden but for the album they are created into, or seen, or refused", async () => {
    const content = sampleJpeg(1);
    await emulator.remote.addItem({ filename: "phone.jpg", content, origin: "user" });
    const album = await caller.album("Holidays");
    const id = await caller.add(content, "mine.jpg");
    expect((await caller.get(`mediaItems/${id}`)).status).toBe(404);
    expect((await caller.get("mediaItems")).json).toEqual({});
    expect(failureOf(await caller.post(`albums/${album}:batchAddMediaItems`, { mediaItemIds: [id] }))).toBe(
      "400 INVALID_ARGUMENT: Request contains an invalid media item id.",
    );
    await caller.add(content, "mine.jpg", { albumId: album });
    expect(emulator.remote.tree()).toEqual({ Holidays: { "phone.jpg": sha256(content) } });
    emulator.settings.userItems = "visible";
    await caller.add(content);
    expect((await caller.get(`mediaItems/${id}`)).status).toBe(200);
    emulator.settings.userItems = "refused";
    expect(await codesOf([content])).toEqual([3]);
    expect(emulator.misuse).toEqual([]);
  });

  test("that lie in the bin: a success that shows nowhere, until it is brought back or emptied", async () => {
    const id = await caller.add(sampleJpeg(1));
    emulator.remote.removeItem(id);
    expect((await caller.get(`mediaItems/${id}`)).status).toBe(404);
    expect(await caller.add(sampleJpeg(1))).toBe(id);
    expect(emulator.remote.items()).toEqual([]);
    expect(emulator.remote.items({ includeTrashed: true })).toHaveLength(1);
    emulator.settings.trashedItems = "restored";
    await caller.add(sampleJpeg(1));
    expect(emulator.remote.items()).toHaveLength(1);
    emulator.remote.removeItem(id, { forGood: true });
    expect(await caller.add(sampleJpeg(1))).not.toBe(id);
  });
});

describe("batchCreate", () => {
  test("into an album, at the end, the beginning, or behind something", async () => {
    const album = await caller.album("Holidays");
    const one = await caller.add(sampleJpeg(1), "1", { albumId: album });
    await caller.add(sampleJpeg(2), "2", { albumId: album });
    await caller.add(sampleJpeg(3), "3", { albumId: album, albumPosition: { position: "FIRST_IN_ALBUM" } });
    const after = { position: "AFTER_MEDIA_ITEM", relativeMediaItemId: one };
    await caller.add(sampleJpeg(4), "4", { albumId: album, albumPosition: after });
    await caller.add(sampleJpeg(1), "again", { albumId: album });
    expect(namesIn("Holidays")).toEqual(["3", "1", "4", "2"]);
    expect(emulator.misuse).toEqual([]);
    const lost = { position: "AFTER_MEDIA_ITEM", relativeMediaItemId: "none" };
    const token = await caller.token(sampleJpeg(5));
    expect((await caller.batchCreate([{ token }], { albumId: album, albumPosition: lost })).status).toBe(400);
    expect((await caller.batchCreate([{ token }], { albumPosition: after })).status).toBe(400);
    expect(emulator.remote.items()).toHaveLength(4);
    expect(emulator.misuse).toHaveLength(2);
  });

  test("results belong to tokens; each item stands for itself; a duplicate inside one batch is one item", async () => {
    const tokens = await Promise.all(
      [sampleJpeg(1), "junk", samplePng(2), sampleJpeg(1)].map((one) => caller.token(one)),
    );
    const album = await caller.album("A");
    const results = await caller.results(
      tokens.map((token, index) => ({ token, name: String(index) })),
      { albumId: album },
    );
    expect(results.map(({ uploadToken }) => uploadToken)).toEqual(tokens);
    expect(results.map(({ status }) => status.code)).toEqual([undefined, 3, undefined, undefined]);
    expect(results[3]?.mediaItem?.id).toBe(results[0]?.mediaItem?.id);
    expect(namesIn("A")).toEqual(["0", "2"]);
  });

  test("refused whole: none, 51, a malformed first token, long names, long descriptions, members that do not exist", async () => {
    const token = await caller.token(sampleJpeg(1));
    const replies = [
      await caller.batchCreate([]),
      await caller.batchCreate(Array.from({ length: 51 }, () => ({ token }))),
      await caller.batchCreate([{ token: "wrong" }, { token }]),
      await caller.batchCreate([{ token, name: "x".repeat(256) }]),
      await caller.batchCreate([{ token, description: "x".repeat(1001) }]),
      await caller.batchCreate([{ token }], { album: "x" }),
    ];
    expect(replies.map(({ status }) => status)).toEqual([400, 400, 400, 400, 400, 400]);
    expect(failureOf(replies[2] ?? replies[0]!)).toBe(
      "400 INVALID_ARGUMENT: Request must contain a valid upload token.",
    );
    expect(emulator.remote.items()).toEqual([]);
    expect(emulator.misuse.length).toBeGreaterThanOrEqual(6);
  });

  test("refused whole for an album that is not the app's, unknown, or full", async () => {
    const theirs = emulator.remote.addAlbum("Theirs", { origin: "user" });
    const token = await caller.token(sampleJpeg(1));
    expect(failureOf(await caller.batchCreate([{ token }], { albumId: theirs.id }))).toBe(
      "400 INVALID_ARGUMENT: No permission to add media items to this album.",
    );
    expect((await caller.batchCreate([{ token }], { albumId: "none" })).status).toBe(400);
    const album = await caller.album("Full");
    emulator.settings.albumItems = 1;
    await caller.add(sampleJpeg(2), "a", { albumId: album });
    expect((await caller.batchCreate([{ token }], { albumId: album })).status).toBe(400);
    expect(emulator.remote.items()).toHaveLength(1);
    expect(emulator.misuse).toEqual([]);
  });

  test("paths as names, missing names and tokens given twice are carried out and recorded", async () => {
    const token = await caller.token(sampleJpeg(1));
    await caller.batchCreate([{ token, name: "/home/me/a.jpg" }, { token }]);
    expect(emulator.misuse).toEqual([
      "mediaItems.batchCreate: a path as fileName",
      "mediaItems.batchCreate: one upload token twice in a batch",
    ]);
  });

  test("an account that is full", async () => {
    emulator.settings.storageBytes = 1000;
    expect(await codesOf([sampleJpeg(1), sampleJpeg(2, { paddingBytes: 2000 })])).toEqual([0, 8]);
  });
});

describe("one write at a time", () => {
  test("an overlapping write is answered with 429, and is only counted", async () => {
    emulator.latencyMs = 30;
    const replies = await Promise.all(["A", "B"].map((title) => caller.post("albums", { album: { title } })));
    expect(replies.map(({ status }) => status).sort()).toEqual([200, 429]);
    const refused = replies.find(({ status }) => status === 429);
    expect(refused?.text).toContain("Quota exceeded for quota 'concurrent write request'");
    expect(emulator.lockRejections).toBe(1);
    expect(emulator.misuse).toEqual([]);
    const other = emulator.addAccount();
    const their = new Caller(emulator, emulator.tokens.issue({ accountId: other.accountId }).accessToken);
    const both = await Promise.all([caller, their].map((one) => one.post("albums", { album: { title: "C" } })));
    expect(both.map(({ status }) => status)).toEqual([200, 200]);
  });

  test("bytes and listings go on beside a write", async () => {
    emulator.latencyMs = 30;
    const [album, upload, list] = await Promise.all([
      caller.post("albums", { album: { title: "A" } }),
      caller.raw(sampleJpeg(1)),
      caller.get("albums"),
    ]);
    expect([album.status, upload.status, list.status]).toEqual([200, 200, 200]);
  });

  test("the account stays busy for the hold time, and for the penalty after an overlap", async () => {
    emulator.settings.writeHoldMs = 200;
    emulator.settings.writePenaltyMs = 60_000;
    await caller.album("A");
    expect((await caller.post("albums", { album: { title: "B" } })).status).toBe(429);
    emulator.settings.writeHoldMs = 0;
    await delay(250);
    emulator.advanceClock(30_000);
    expect((await caller.post("albums", { album: { title: "B" } })).status).toBe(429);
    emulator.advanceClock(31_000);
    expect((await caller.post("albums", { album: { title: "B" } })).status).toBe(200);
  });
});

describe("reading", () => {
  test("list: newest capture first, in pages, `{}` when there is nothing", async () => {
    expect((await caller.get("mediaItems")).text).toBe("{}");
    await seed(5);
    const { names, sizes } = await caller.allPages((token) => caller.get(`mediaItems?pageSize=2&pageToken=${token}`));
    expect(names).toEqual(["5", "4", "3", "2", "1"]);
    expect(sizes).toEqual([2, 2, 1]);
    expect(emulator.requestCount("mediaItems.list")).toBe(4);
  });

  test("page sizes: 25 by default, 100 at most, negative ones refused", async () => {
    await seed(30);
    expect((await page("mediaItems")).length).toBe(25);
    expect(emulator.misuse).toEqual([]);
    expect((await page("mediaItems?pageSize=101")).length).toBe(30);
    expect(emulator.misuse).toHaveLength(1);
    emulator.settings.largePages = "refuse";
    expect((await caller.get("mediaItems?pageSize=101")).status).toBe(400);
    expect((await caller.get("mediaItems?pageSize=-1")).status).toBe(400);
  });

  test("a page token is bound to its request and grows old", async () => {
    await seed(3);
    const reply = await caller.get("mediaItems?pageSize=2");
    const token = z.object({ nextPageToken: z.string() }).parse(reply.json).nextPageToken;
    expect((await caller.post("mediaItems:search", { pageToken: token })).status).toBe(400);
    expect((await caller.get("mediaItems?pageToken=made-up")).status).toBe(400);
    expect(emulator.misuse).toHaveLength(2);
    emulator.advanceClock(2 * 3600 * 1000);
    expect((await new Caller(emulator).get(`mediaItems?pageSize=2&pageToken=${token}`)).status).toBe(400);
    expect(emulator.misuse).toHaveLength(2);
  });

  test("ragged pages: empty ones with a token, short ones, an item twice; still every item", async () => {
    emulator.settings.paging = "ragged";
    await seed(60);
    const { names, sizes } = await caller.allPages((token) => caller.get(`mediaItems?pageSize=5&pageToken=${token}`));
    expect(new Set(names).size).toBe(60);
    expect(names.length).toBeGreaterThan(60);
    expect(Math.min(...sizes)).toBe(0);
    expect(Math.max(...sizes)).toBe(5);
  });

  test("search: by album in its order, by type, by date, by favourites; archived ones on demand", async () => {
    const album = await caller.album("A");
    const ids = await seed(3);
    await caller.post(`albums/${album}:batchAddMediaItems`, { mediaItemIds: [ids[2], ids[0]] });
    await caller.add(sampleMp4(1), "film");
    expect(await search({ albumId: album })).toEqual(["3", "1"]);
    const only = (type: string): unknown => ({ filters: { mediaTypeFilter: { mediaTypes: [type] } } });
    expect(await search(only("VIDEO"))).toEqual(["film"]);
    expect(await search(only("PHOTO"))).toEqual(["3", "2", "1"]);
    const day = (number: number): unknown => ({ year: 2020, month: 1, day: number });
    const dates = { filters: { dateFilter: { ranges: [{ startDate: day(2), endDate: day(3) }] } } };
    expect(await search(dates)).toEqual(["3", "2"]);
    expect(await search({ ...dates, orderBy: "MediaMetadata.creation_time" })).toEqual(["2", "3"]);
    expect(await search({ filters: { dateFilter: { dates: [{ year: 2020, month: 1, day: 1 }] } } })).toEqual(["1"]);
    emulator.remote.mark(ids[0] ?? "", { isArchived: true, isFavorite: true });
    expect(await search(only("PHOTO"))).toEqual(["3", "2"]);
    const favourites = { featureFilter: { includedFeatures: ["FAVORITES"] }, includeArchivedMedia: true };
    expect(await search({ filters: favourites })).toEqual(["1"]);
    expect(await search({ albumId: album })).toEqual(["3", "1"]);
    expect(emulator.misuse).toEqual([]);
  });

  test("search is refused with an album and filters, a wrong order, a type that does not exist", async () => {
    const album = await caller.album("A");
    const bodies = [
      { albumId: album, filters: {} },
      { orderBy: "MediaMetadata.creation_time" },
      { orderBy: "filename" },
      { filters: { mediaTypeFilter: { mediaTypes: ["AUDIO"] } } },
      { filter: {} },
    ];
    for (const body of bodies) expect((await caller.post("mediaItems:search", body)).status).toBe(400);
    expect(emulator.misuse).toHaveLength(5);
    expect((await caller.post("mediaItems:search", { albumId: "none" })).status).toBe(404);
  });

  test("get and batchGet, in the order of the request, with what is gone as code 5", async () => {
    const ids = await seed(2);
    const query = ["none", ids[1], ids[0]].map((id) => `mediaItemIds=${String(id)}`).join("&");
    const { json } = await caller.get(`mediaItems:batchGet?${query}`);
    expect(json).toMatchObject({
      mediaItemResults: [{ status: { code: 5 } }, { mediaItem: { filename: "2" } }, { mediaItem: { filename: "1" } }],
    });
    const many = Array.from({ length: 51 }, (_, index) => `mediaItemIds=${String(index)}`).join("&");
    expect((await caller.get(`mediaItems:batchGet?${many}`)).status).toBe(400);
    expect((await caller.get("mediaItems:batchGet")).status).toBe(400);
    expect((await caller.get("mediaItems:batchGet?mediaItemIds=a&mediaItemIds=a")).status).toBe(400);
    expect(emulator.misuse).toHaveLength(3);
    for (const status of [404, 403, 400] as const) {
      emulator.settings.unknownIdStatus = status;
      expect((await caller.get("mediaItems/none")).status).toBe(status);
    }
  });

  test("new items come up late in listings, never late by id", async () => {
    emulator.settings.listLagMs = 60_000;
    const id = await caller.add(sampleJpeg(1));
    expect((await caller.get("mediaItems")).json).toEqual({});
    expect((await caller.get(`mediaItems/${id}`)).status).toBe(200);
    emulator.advanceClock(61_000);
    expect(await page("mediaItems")).toHaveLength(1);
    emulator.settings.listLagMs = 0;
    emulator.freezeListings(1);
    await delay(2);
    await caller.add(sampleJpeg(2));
    expect(await page("mediaItems")).toHaveLength(1);
    expect(await page("mediaItems")).toHaveLength(2);
  });

  test("what the user made is not there for the app; a broken item spoils its page", async () => {
    const { id } = await emulator.remote.addItem({ filename: "phone", content: sampleJpeg(9), origin: "user" });
    expect((await caller.get("mediaItems")).json).toEqual({});
    expect((await caller.get(`mediaItems/${id}`)).status).toBe(404);
    const [first = ""] = await seed(2);
    emulator.remote.mark(first, { isBroken: true });
    expect((await caller.get("mediaItems")).status).toBe(500);
    expect((await caller.get("mediaItems?pageSize=1")).status).toBe(200);
    expect((await caller.get(`mediaItems:batchGet?mediaItemIds=${first}`)).status).toBe(500);
  });

  test("a description can be changed, and nothing else", async () => {
    const id = await caller.add(sampleJpeg(1));
    await caller.patch(`mediaItems/${id}?updateMask=description`, { description: "new" });
    expect(emulator.remote.items()[0]?.description).toBe("new");
    expect((await caller.patch(`mediaItems/${id}?updateMask=filename`, {})).status).toBe(400);
    expect((await caller.patch(`mediaItems/${id}`, { description: "x" })).status).toBe(400);
    const long = { description: "x".repeat(1001) };
    expect((await caller.patch(`mediaItems/${id}?updateMask=description`, long)).status).toBe(400);
  });
});

describe("albums", () => {
  test("create, list, get; titles may repeat and hold slashes; an empty album counts nothing", async () => {
    expect((await caller.get("albums")).text).toBe("{}");
    const { json } = await caller.post("albums", { album: { title: "2020/Holidays" } });
    expect(json).toMatchObject({ title: "2020/Holidays", isWriteable: true });
    await caller.album("2020/Holidays");
    const id = z.object({ id: z.string() }).parse(json).id;
    expect((await caller.get(`albums/${id}`)).json).not.toHaveProperty("mediaItemsCount");
    const item = await caller.add(sampleJpeg(1), "a", { albumId: id });
    expect((await caller.get(`albums/${id}`)).json).toMatchObject({
      mediaItemsCount: "1",
      coverPhotoMediaItemId: item,
    });
    emulator.remote.addAlbum("Theirs", { origin: "user" });
    const list = await caller.get("albums?excludeNonAppCreatedData=true&pageSize=50");
    expect(z.object({ albums: z.array(z.unknown()) }).parse(list.json).albums).toHaveLength(2);
    expect(emulator.misuse).toEqual([]);
    for (const title of ["", "x".repeat(501)]) {
      expect((await caller.post("albums", { album: { title } })).status).toBe(400);
    }
    expect((await caller.get("albums/none")).status).toBe(404);
  });

  test("more albums than a page holds, in no promised order", async () => {
    for (let index = 0; index < 55; index += 1) emulator.remote.addAlbum(String(index));
    const Page = z.object({ albums: z.array(z.object({ title: z.string() })), nextPageToken: z.string().optional() });
    const first = Page.parse((await caller.get("albums?pageSize=50")).json);
    const second = Page.parse((await caller.get(`albums?pageSize=50&pageToken=${first.nextPageToken ?? ""}`)).json);
    const titles = [...first.albums, ...second.albums].map(({ title }) => title);
    expect(new Set(titles).size).toBe(55);
    expect(titles).not.toEqual([...titles].sort((a, b) => Number(a) - Number(b)));
    expect(Page.parse((await caller.get("albums")).json).albums).toHaveLength(20);
    emulator.settings.albumLagMs = 60_000;
    expect((await caller.get("albums")).json).toEqual({});
  });

  test("items are added and removed all or none", async () => {
    const album = await caller.album("A");
    const [a = "", b = ""] = await seed(2);
    const add = (...mediaItemIds: readonly string[]) =>
      caller.post(`albums/${album}:batchAddMediaItems`, { mediaItemIds });
    const remove = (...mediaItemIds: readonly string[]) =>
      caller.post(`albums/${album}:batchRemoveMediaItems`, { mediaItemIds });
    expect((await add(a, "none")).status).toBe(400);
    expect(namesIn("A")).toEqual([]);
    expect((await add(a)).json).toEqual({});
    expect((await add(a, b)).status).toBe(200);
    expect(namesIn("A")).toEqual(["1", "2"]);
    expect((await remove(a, "none")).status).toBe(400);
    expect((await remove(a)).json).toEqual({});
    expect((await remove(a)).status).toBe(400);
    emulator.settings.absentRemovals = "accept";
    expect((await remove(a)).status).toBe(200);
    expect((await remove(a, "none")).status).toBe(400);
    expect(namesIn("A")).toEqual(["2"]);
    expect(emulator.remote.items()).toHaveLength(2);
    expect(emulator.misuse).toEqual([]);
    expect((await add()).status).toBe(400);
    expect((await add(...Array.from({ length: 51 }, (_, index) => String(index)))).status).toBe(400);
    expect(emulator.misuse).toHaveLength(2);
  });

  test("title and cover are changed by mask, in either spelling", async () => {
    const album = await caller.album("Old");
    await caller.add(sampleJpeg(1), "1", { albumId: album });
    const second = await caller.add(sampleJpeg(2), "2", { albumId: album });
    const body = { title: "New", coverPhotoMediaItemId: second };
    const reply = await caller.patch(`albums/${album}?updateMask=title,cover_photo_media_item_id`, body);
    expect(reply.json).toMatchObject({ title: "New", coverPhotoMediaItemId: second, mediaItemsCount: "2" });
    await caller.patch(`albums/${album}?updateMask=title`, { title: "Newer", coverPhotoMediaItemId: "ignored" });
    expect(emulator.remote.albums()).toMatchObject([{ title: "Newer", coverItemId: second }]);
    expect((await caller.patch(`albums/${album}?updateMask=isWriteable`, {})).status).toBe(400);
    expect((await caller.patch(`albums/${album}?updateMask=coverPhotoMediaItemId`, {})).status).toBe(400);
  });

  test("texts between the pictures", async () => {
    const album = await caller.album("A");
    await caller.add(sampleJpeg(1), "1", { albumId: album });
    const newEnrichmentItem = { textEnrichment: { text: "Day one" } };
    const position = { position: "FIRST_IN_ALBUM" };
    const reply = await caller.post(`albums/${album}:addEnrichment`, { newEnrichmentItem, albumPosition: position });
    const { enrichmentItem } = z.object({ enrichmentItem: z.object({ id: z.string() }) }).parse(reply.json);
    const after = { position: "AFTER_ENRICHMENT_ITEM", relativeEnrichmentItemId: enrichmentItem.id };
    await caller.add(sampleJpeg(2), "2", { albumId: album, albumPosition: after });
    expect(namesIn("A")).toEqual(["2", "1"]);
    expect((await caller.get(`albums/${album}`)).json).toMatchObject({ mediaItemsCount: "2" });
  });

  test("nothing can be deleted: no such verb", async () => {
    const album = await caller.album("A");
    const id = await caller.add(sampleJpeg(1));
    for (const path of [`albums/${album}`, `mediaItems/${id}`, `albums/${album}:batchDelete`]) {
      const headers = { Authorization: `Bearer ${caller.accessToken}` };
      const reply = await caller.send(`${emulator.apiUrl}/v1/${path}`, { method: "DELETE", headers });
      expect(reply.status).toBe(404);
      expect(reply.headers.get("content-type")).toContain("text/html");
    }
    expect(emulator.misuse).toHaveLength(3);
    expect(emulator.remote.items()).toHaveLength(1);
  });

  test("what the user does in the product", async () => {
    const album = await caller.album("A");
    const id = await caller.add(sampleJpeg(1), "1", { albumId: album });
    emulator.remote.renameAlbum(album, "B");
    emulator.remote.removeFromAlbum(album, id);
    expect(emulator.remote.tree()).toEqual({ B: {} });
    emulator.remote.removeAlbum(album);
    expect((await caller.get(`albums/${album}`)).status).toBe(404);
    emulator.remote.removeItem(id);
    expect((await caller.get("mediaItems")).json).toEqual({});
    emulator.remote.restoreItem(id);
    expect(await page("mediaItems")).toHaveLength(1);
  });
});

describe("bytes", () => {
  test("a download is never what went up: no position, other bytes, another size", async () => {
    const content = sampleJpeg(1, { hasPosition: true });
    expect(content.includes(Buffer.from("0000003400000001", "hex"))).toBe(true);
    const url = await caller.baseUrl(await caller.add(content));
    const response = await fetch(`${url}=d`);
    const bytes = Buffer.from(await response.arrayBuffer());
    expect(response.headers.get("content-type")).toBe("image/jpeg");
    expect(bytes.includes(Buffer.from("0000003400000001", "hex"))).toBe(false);
    expect(bytes.includes(Buffer.from("Acme"))).toBe(true);
    expect(bytes.length).not.toBe(content.length);
    const head = await fetch(`${url}=d`, { method: "HEAD" });
    expect(head.headers.get("content-length")).toBe(String(bytes.length));
    const part = await fetch(`${url}=d`, { headers: { Range: "bytes=2-5" } });
    expect(part.status).toBe(206);
    expect(Buffer.from(await part.arrayBuffer())).toEqual(bytes.subarray(2, 6));
    expect(emulator.requestCounts()).toMatchObject({ "media.get": 2, "media.head": 1 });
    expect(emulator.misuse).toEqual([]);
  });

  test("a video is another one when it is ready, and an error before", async () => {
    emulator.settings.videoProcessingMs = 60_000;
    const id = await caller.add(sampleMp4(1), "film.mov");
    const status = async (): Promise<number> => (await fetch(`${await caller.baseUrl(id)}=dv`)).status;
    expect(await status()).toBe(404);
    expect((await caller.get(`mediaItems/${id}`)).text).toContain('"PROCESSING"');
    emulator.advanceClock(61_000);
    const response = await fetch(`${await caller.baseUrl(id)}=dv`);
    expect(response.headers.get("content-type")).toBe("video/mp4");
    expect(Buffer.from(await response.arrayBuffer())).not.toEqual(sampleMp4(1));
    emulator.remote.mark(id, { isFailed: true });
    expect(await status()).toBe(404);
  });

  test("addresses last an hour; scaled pictures; nonsense; a token that is not wanted", async () => {
    const id = await caller.add(sampleJpeg(1));
    const url = await caller.baseUrl(id);
    for (const suffix of ["", "=w2048-h1024", "=w100-c"]) expect((await fetch(url + suffix)).status).toBe(200);
    expect(emulator.misuse).toEqual([]);
    await fetch(`${url}=d`, { headers: { Authorization: "Bearer x" } });
    expect((await fetch(`${url}=original`)).status).toBe(400);
    expect((await fetch(`${emulator.imageUrl}/other`)).status).toBe(404);
    expect(emulator.misuse).toHaveLength(3);
    emulator.advanceClock(3_600_001);
    const late = await fetch(`${url}=d`);
    expect(late.status).toBe(403);
    expect(late.headers.get("content-type")).toContain("text/html");
    expect((await fetch(`${await new Caller(emulator).baseUrl(id)}=d`)).status).toBe(200);
  });
});

async function seed(count: number): Promise<readonly string[]> {
  const ids: string[] = [];
  for (let number = 1; number <= count; number += 1) {
    const takenAt = new Date(Date.UTC(2020, 0, number));
    const content = sampleJpeg(number, { takenAt });
    ids.push((await emulator.remote.addItem({ filename: String(number), content })).id);
  }
  return ids;
}

async function page(path: string): Promise<readonly unknown[]> {
  const { json } = await caller.get(path);
  return z.object({ mediaItems: z.array(z.unknown()) }).parse(json).mediaItems;
}

async function search(body: unknown): Promise<readonly string[]> {
  const { json } = await caller.post("mediaItems:search", body);
  const { mediaItems } = z.object({ mediaItems: z.array(z.object({ filename: z.string() })) }).parse(json);
  return mediaItems.map(({ filename }) => filename);
}

async function codesOf(contents: readonly (Buffer | string)[]): Promise<readonly number[]> {
  const tokens: string[] = [];
  for (const content of contents) tokens.push(await caller.token(content));
  const results: readonly Result[] = await caller.results(tokens.map((token) => ({ token })));
  return results.map(({ status }) => status.code ?? 0);
}

function namesIn(title: string): readonly string[] {
  const album = emulator.remote.albums().find((one) => one.title === title);
  return (album?.items ?? []).map(({ filename }) => filename);
}

function sha256(content: Buffer): string {
  return createHash("sha256").update(content).digest("hex");
}
