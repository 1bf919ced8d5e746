import { describe, expect, test } from "vitest";
import type { Fault } from "../../emulators/gphotos/faults.js";
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

/** Ten photos in one album, whatever happens on the way: each is there once. */
async function survives(...faults: readonly Fault[]): Promise<void> {
  const provider = await openProvider(emulator());
  for (const fault of faults) emulator().fault(fault);
  const uploads = photoUploads(10);
  expect(codesOf(await provider.uploadBatch(uploads, signal))).toEqual(uploads.map(() => "ok"));
  expect(emulator().remote.items()).toHaveLength(10);
  expect(emulator().remote.albums()).toHaveLength(1);
  expect(albumsOf(emulator())["album 0"]).toHaveLength(10);
  expect(emulator().pendingFaults()).toEqual([]);
}

const CREATE = "mediaItems.batchCreate";

describe("the library ends with every photo once, and one album", () => {
  const cases: readonly (readonly [title: string, faults: readonly Fault[], used?: "refuse"])[] = [
    ["the answer to a batch is lost", [{ route: CREATE, kind: "cut-after" }]],
    ["the answer is lost, and tokens are good for once", [{ route: CREATE, kind: "cut-after" }], "refuse"],
    ["the answer to a batch is half", [{ route: CREATE, kind: "cut-half" }]],
    [
      "a batch is answered with 503, and carried out",
      [{ route: CREATE, kind: "status", status: 503, processed: true }],
    ],
    ["a batch is aborted", [{ route: CREATE, kind: "status", status: 409 }]],
    ["tokens have lapsed", [{ route: CREATE, kind: "lapsed-tokens" }]],
    ["some items fail for a moment", [{ route: CREATE, kind: "fail-items", code: 13, items: [1, 4] }]],
    ["an item fails, and was made", [{ route: CREATE, kind: "fail-items", code: 14, items: [2], stored: true }]],
    ["an item is said to exist", [{ route: CREATE, kind: "fail-items", code: 6, items: [3], stored: true }]],
    ["results are missing", [{ route: CREATE, kind: "drop-results", count: 3 }]],
    ["results come in another order", [{ route: CREATE, kind: "shuffle-results" }]],
    ["successes that are none", [{ route: CREATE, kind: "phantom-items" }]],
    ["the answer to a new album is lost", [{ route: "albums.create", kind: "cut-after" }]],
    [
      "a new album is answered with 500, and made",
      [{ route: "albums.create", kind: "status", status: 500, processed: true }],
    ],
    ["a new album is not made", [{ route: "albums.create", kind: "cut-before" }]],
    ["bytes break off", [{ route: "uploads.raw", kind: "cut-before", afterBodyBytes: 100, times: 3 }]],
    ["an upload brings no token", [{ route: "uploads.raw", kind: "status", status: 503 }]],
    [
      "the upload of bytes is throttled with a flat 400",
      [{ route: "uploads.raw", kind: "quota", limit: "uploads-flat" }],
    ],
    ["writes are throttled", [{ route: CREATE, kind: "quota", limit: "concurrent-write", times: 2 }]],
    ["a token expires", [{ route: CREATE, kind: "expired-token" }]],
    ["the look afterwards fails", [{ route: "mediaItems.batchGet", kind: "status", status: 500 }]],
  ];
  for (const [title, faults, used = "same-item"] of cases) {
    test(title, async () => {
      emulator().settings.usedUploadTokens = used;
      await survives(...faults);
    });
  }

  test("a new album shows late, and its answer was lost", async () => {
    emulator().settings.albumLagMs = 9_000;
    await survives({ route: "albums.create", kind: "cut-after" });
  });

  test("the remembered album was deleted by its owner", async () => {
    const memory = createMemory();
    await put(await openProvider(emulator(), { memory }), "a/1.jpg");
    const [album] = emulator().remote.albums();
    emulator().remote.removeAlbum(album?.id ?? "");
    await put(await openProvider(emulator(), { memory }), "a/2.jpg");
    expect(albumsOf(emulator())).toEqual({ a: ["2.jpg"] });
  });

  test("an album of the same title that is somebody else's is left alone", async () => {
    emulator().remote.addAlbum("a", { origin: "user" });
    await put(await openProvider(emulator()), "a/1.jpg");
    expect(
      emulator()
        .remote.albums()
        .map(({ origin, items }) => [origin, items.length]),
    ).toEqual([
      ["user", 0],
      ["app", 1],
    ]);
  });
});

describe("bytes that Google has by another way", () => {
  test("are stored, though nobody may see them", async () => {
    await emulator().remote.addItem({ filename: "mine.jpg", content: photo("x"), origin: "user" });
    const provider = await openProvider(emulator());
    await put(provider, "a/x.jpg", photo("x"));
    expect(emulator().remote.items()).toHaveLength(1);
    expect(emulator().remote.items()[0]?.albums).toEqual(["a"]);
  });
});

describe("too many requests", () => {
  test("those of a moment are waited out for at least half a minute, and twice as long the next time", async () => {
    const waits: number[] = [];
    const provider = await openProvider(emulator(), { waits });
    emulator().fault({ route: CREATE, kind: "quota", limit: "writes-per-minute", times: 3 });
    await put(provider, "a/1.jpg");
    expect(waits.map((ms) => Math.floor(ms / 30_000))).toEqual([1, 2, 4]);
  });

  test("those that stay are given up after some minutes", async () => {
    const waits: number[] = [];
    const provider = await openProvider(emulator(), { waits });
    emulator().fault({ route: CREATE, kind: "quota", limit: "concurrent-write", times: 99 });
    expect((await errorOf(put(provider, "a/1.jpg"))).code).toBe("unavailable");
    expect(waits.reduce((sum, ms) => sum + ms, 0)).toBeLessThan(15 * 60_000);
  });

  test("those of the day end the run at once, and the next day sends nothing twice", async () => {
    const memory = createMemory();
    const first = await openProvider(emulator(), { memory });
    emulator().fault({ route: CREATE, kind: "quota", limit: "per-day" });
    const uploads = photoUploads(30);
    const codes = codesOf(await first.uploadBatch(uploads, signal));
    expect(new Set(codes)).toEqual(new Set(["exhausted"]));
    await first.close(signal);
    emulator().resetCounters();
    const sameDay = await openProvider(emulator(), { memory });
    expect((await errorOf(listAll(sameDay).then(() => undefined))).code).toBe("exhausted");
    expect(emulator().requests).toEqual([]);
    // Before tokens lapse, and yet on another day of Pacific time: what is remembered of today is set back by a day.
    memory.set("day", memory.get("day")?.replace(/\d{4}-\d\d-\d\d/, "2020-01-01"));
    const tomorrow = await openProvider(emulator(), { memory, aheadMs: 22 * 3_600_000 });
    expect(codesOf(await tomorrow.uploadBatch(uploads, signal))).toEqual(uploads.map(() => "ok"));
    expect(emulator().requestCount("uploads")).toBe(0);
    expect(emulator().remote.items()).toHaveLength(30);
  });

  test("requests are counted from run to run, and the last ones kept for what was sent already", async () => {
    const memory = createMemory();
    const settings = { GOOGLE_REQUESTS_PER_DAY: "100" };
    const refresh = { GOOGLE_REFRESH_TOKEN: emulator().tokens.issue().refreshToken };
    for (let run = 0; run < 3; run++) {
      const provider = await openProvider(emulator(), { memory, settings: { ...settings, ...refresh } });
      await provider.uploadBatch(
        photoUploads(50).map((one) => ({ ...one, path: photoUpload(`a/${run} ${one.path.slice(8)}`).path })),
        signal,
      );
      await provider.close(signal);
    }
    expect(emulator().requests.length).toBeLessThanOrEqual(100);
    expect(emulator().uploads.unusedTokens).toBe(0);
  });
});

describe("what stops the run says what to do", () => {
  const cases: readonly (readonly [title: string, fault: Fault, code: string, words: string])[] = [
    ["the service is not switched on", { route: "*", kind: "service-disabled" }, "unauthorized", "Photos Library API"],
    ["a permission is missing", { route: "*", kind: "missing-scope" }, "unauthorized", "trisync login gphotos"],
    ["a captive portal answers", { route: "albums.list", kind: "html" }, "malformed", "sign-in page"],
    ["half of a listing comes", { route: "albums.list", kind: "half-body" }, "malformed", "cut off"],
  ];
  test.each(cases)("%s", async (_title, fault, code, words) => {
    const provider = await openProvider(emulator());
    await provider.identify(signal);
    await provider.stat(photoUpload("warm/up.jpg").path, signal);
    emulator().fault({ ...fault, route: "albums.list" });
    const error = await errorOf(listAll(provider));
    expect(error.code).toBe(code);
    expect(error.message).toContain(words);
  });

  test("the storage is full: nothing more is sent up", async () => {
    emulator().settings.storageBytes = 10;
    const provider = await openProvider(emulator());
    expect((await errorOf(put(provider, "a/1.jpg"))).code).toBe("quota");
  });
});

test.each([
  "No session https://photoslibrary.example/v1/uploads?upload_id=ABCsecret&upload_protocol=resumable here.",
  "Token ya29.secret is bad.",
  "Token 1//0secret is bad.",
  `Token ${"secret".repeat(20)} is bad.`,
])("what the service says is told without what is secret in it: %s", async (body) => {
  emulator().fault({ route: "uploads.raw", kind: "status", status: 400, body, contentType: "text/plain" });
  const error = await errorOf(put(await openProvider(emulator()), "a/x.jpg"));
  expect(error.message).toMatch(/No session … here|Token … is bad/);
  expect(error.message).not.toContain("secret");
});
