import { beforeEach, describe, expect, test } from "vitest";
import { Caller, failureOf } from "./gphotos/caller.js";
import { type GooglePhotosEmulator, startGooglePhotosEmulator } from "./gphotos/emulator.js";
import { sampleJpeg } from "./gphotos/samples.js";

let emulator: GooglePhotosEmulator;
let caller: Caller;

beforeEach(async () => {
  emulator = await startGooglePhotosEmulator();
  caller = new Caller(emulator);
  return () => emulator.close();
});

describe("allowances", () => {
  test("10,000 requests in a day, uploads included, until midnight Pacific time", async () => {
    emulator.quota.spend({ requests: 9_998 });
    await caller.token(sampleJpeg(1));
    await caller.get("albums");
    const reply = await caller.get("albums");
    expect(failureOf(reply)).toMatch(/^429 RESOURCE_EXHAUSTED: Quota exceeded .* 'All requests per day'/);
    expect(reply.text).toContain('"RATE_LIMIT_EXCEEDED"');
    expect(reply.headers.get("retry-after")).toBeNull();
    expect((await caller.raw(sampleJpeg(2))).status).toBe(429);
    expect(emulator.requestsPastDay).toBe(1);
    expect(emulator.quota.requestsToday).toBe(10_000);
    emulator.settings.accessTokenSeconds = 100_000;
    const later = new Caller(emulator);
    emulator.advanceClock(24 * 3600 * 1000);
    expect((await later.get("albums")).status).toBe(200);
    expect(emulator.quota.requestsToday).toBe(1);
    expect(emulator.misuse).toEqual([]);
  });

  test("75,000 requests for bytes, as a page", async () => {
    const url = await caller.baseUrl(await caller.add(sampleJpeg(1)));
    emulator.quota.spend({ mediaRequests: 74_999 });
    expect((await fetch(`${url}=d`, { method: "HEAD" })).status).toBe(200);
    const refused = await fetch(`${url}=d`);
    expect(refused.status).toBe(429);
    expect(refused.headers.get("content-type")).toContain("text/html");
  });

  test("writes and uploads of one minute; the latter as a flat 400", async () => {
    emulator.settings.writesPerMinute = 1;
    emulator.settings.uploadsPerMinute = 1;
    await caller.album("A");
    expect(failureOf(await caller.post("albums", { album: { title: "B" } }))).toContain("WritesPerMinutePerUser");
    await caller.token("x");
    const flat = await caller.raw("y");
    expect(flat.status).toBe(400);
    expect(flat.json).toMatchObject({ code: 3 });
    expect(flat.text).toContain("UploadsPerMinute");
    expect(emulator.earlyRequests).toBe(2);
    emulator.advanceClock(61_000);
    await caller.album("B");
    expect((await caller.raw("y")).status).toBe(200);
  });

  test("chunks count as requests, unless they are said not to", async () => {
    const content = sampleJpeg(1);
    const upload = async (): Promise<number> => {
      const before = emulator.quota.requestsToday;
      const { headers } = await caller.start(content.length);
      await caller.chunk(headers.get("x-goog-upload-url") ?? "", content, { offset: 0, isLast: true });
      return emulator.quota.requestsToday - before;
    };
    expect(await upload()).toBe(2);
    emulator.settings.countChunks = false;
    expect(await upload()).toBe(1);
  });

  test("requests are counted by route and by group", async () => {
    await caller.add(sampleJpeg(1));
    await caller.album("A");
    await caller.get("albums");
    expect(emulator.requestCounts()).toEqual({
      "uploads.raw": 1,
      "mediaItems.batchCreate": 1,
      "albums.create": 1,
      "albums.list": 1,
    });
    expect([emulator.requestCount(), emulator.requestCount("albums"), emulator.requestCount("uploads.raw")]).toEqual([
      4, 2, 1,
    ]);
    expect(emulator.requests[0]).toMatchObject({ route: "uploads.raw", host: "api", status: 200 });
    emulator.resetCounters();
    expect(emulator.requestCounts()).toEqual({});
  });
});

describe("faults strike the n-th request of a route", () => {
  const limits = [
    ["per-day", 429, "All requests per day"],
    ["per-minute", 429, "All requests per minute"],
    ["writes-per-minute", 429, "WritesPerMinutePerUser"],
    ["concurrent-write", 429, "concurrent write request"],
    ["uploads-flat", 400, "UploadsPerMinute"],
  ] as const;
  test.each(limits)("quota %s", async (limit, status, words) => {
    emulator.fault({ route: "albums.list", nth: 2, times: 2, kind: "quota", limit, retryAfterSeconds: 7 });
    const replies = [];
    for (let index = 0; index < 4; index += 1) replies.push(await caller.get("albums"));
    expect(replies.map((reply) => reply.status)).toEqual([200, status, status, 200]);
    expect(replies[1]?.text).toContain(words);
    expect(replies[1]?.headers.get("retry-after")).toBe("7");
    expect(emulator.pendingFaults()).toEqual([]);
    expect(emulator.requestsPastDay).toBe(limit === "per-day" ? 2 : 0);
  });

  test("500 and 503 before the work, 500 and a cut connection after it", async () => {
    emulator.fault({ route: "albums.create", kind: "status", status: 503 });
    expect(failureOf(await caller.post("albums", { album: { title: "A" } }))).toMatch(/^503 UNAVAILABLE: /);
    expect(emulator.remote.albums()).toEqual([]);
    emulator.fault({ route: "albums.create", kind: "status", status: 500, processed: true });
    expect(failureOf(await caller.post("albums", { album: { title: "A" } }))).toMatch(/^500 INTERNAL: /);
    expect(emulator.remote.albums()).toHaveLength(1);
    emulator.fault({ route: "albums.create", kind: "cut-before" });
    await expect(caller.post("albums", { album: { title: "B" } })).rejects.toThrow("fetch failed");
    expect(emulator.remote.albums()).toHaveLength(1);
    emulator.fault({ route: "albums.create", kind: "cut-after" });
    await expect(caller.post("albums", { album: { title: "B" } })).rejects.toThrow("fetch failed");
    expect(emulator.remote.albums()).toHaveLength(2);
    emulator.fault({ route: "albums.create", kind: "status", status: 409, message: "The operation was aborted." });
    expect(failureOf(await caller.post("albums", { album: { title: "C" } }))).toBe(
      "409 ABORTED: The operation was aborted.",
    );
    expect(emulator.misuse).toEqual([]);
  });

  test("truncated, halved, empty and foreign bodies", async () => {
    emulator.fault({ route: "albums.list", kind: "cut-half" });
    await expect(caller.get("albums")).rejects.toThrow("terminated");
    emulator.remote.addAlbum("A");
    emulator.fault({ route: "albums.list", kind: "half-body" });
    await expect(caller.get("albums")).rejects.toThrow(SyntaxError);
    emulator.fault({ route: "uploads.raw", kind: "empty-body" });
    expect(await caller.raw("x")).toMatchObject({ status: 200, text: "" });
    emulator.fault({ route: "albums.list", kind: "html" });
    const portal = await caller.get("albums");
    expect(portal.status).toBe(200);
    expect(portal.text).toContain("sign in");
    emulator.fault({ route: "albums.list", kind: "html", status: 502 });
    expect((await caller.get("albums")).headers.get("content-type")).toContain("text/html");
    emulator.fault({ route: "uploads.raw", kind: "status", status: 400, body: '{"code":3,"message":"x"}' });
    expect((await caller.raw("x")).text).toBe('{"code":3,"message":"x"}');
    emulator.fault({ route: "*", kind: "slow", ms: 40 });
    const startMs = Date.now();
    await caller.get("albums");
    expect(Date.now() - startMs).toBeGreaterThanOrEqual(39);
  });

  test("the answer of a batchCreate is lost; the same request again makes nothing twice", async () => {
    const album = await caller.album("A");
    const tokens = [await caller.token(sampleJpeg(1)), await caller.token(sampleJpeg(2))];
    const items = tokens.map((token, index) => ({ token, name: String(index) }));
    emulator.fault({ route: "mediaItems.batchCreate", kind: "cut-after" });
    await expect(caller.batchCreate(items, { albumId: album })).rejects.toThrow("fetch failed");
    expect(emulator.remote.albums()[0]?.items).toHaveLength(2);
    const results = await caller.results(items, { albumId: album });
    expect(results.map(({ mediaItem }) => mediaItem?.id)).toEqual(emulator.remote.items().map(({ id }) => id));
    expect(emulator.remote.albums()[0]?.items).toHaveLength(2);
    emulator.fault({ route: "mediaItems.batchCreate", kind: "hang" });
    const body = { newMediaItems: [] };
    await expect(
      fetch(`${emulator.apiUrl}/v1/mediaItems:batchCreate`, {
        method: "POST",
        body: JSON.stringify(body),
        signal: AbortSignal.timeout(60),
      }),
    ).rejects.toThrow("timeout");
  });

  test("single items fail, for good or for now, stored or not", async () => {
    const batch = async () => {
      const tokens = [await caller.token(sampleJpeg(1)), await caller.token(sampleJpeg(2))];
      const results = await caller.results(tokens.map((token, index) => ({ token, name: `${String(index)}.jpg` })));
      return results.map(
        ({ status, mediaItem }) => `${String(status.code ?? 0)} ${mediaItem === undefined ? "-" : "item"}`,
      );
    };
    const route = "mediaItems.batchCreate";
    emulator.fault({ route, kind: "fail-items", code: 3, message: "BAD_IMAGE: no", items: [1] });
    expect(await batch()).toEqual(["0 item", "3 -"]);
    expect(emulator.remote.items()).toHaveLength(1);
    emulator.fault({ route, kind: "fail-items", code: 13, filenames: ["1.jpg"], stored: true });
    expect(await batch()).toEqual(["0 item", "13 -"]);
    expect(emulator.remote.items()).toHaveLength(2);
    emulator.fault({ route, kind: "fail-items", code: 14 });
    expect(await batch()).toEqual(["14 -", "14 -"]);
    emulator.fault({ route, kind: "lapsed-tokens" });
    expect(await batch()).toEqual(["3 -", "3 -"]);
    emulator.fault({ route, kind: "drop-results", count: 1 });
    expect(await batch()).toEqual(["0 item"]);
    expect(await batch()).toEqual(["0 item", "0 item"]);
    const unused = emulator.uploads.unusedTokens;
    await caller.token(sampleJpeg(3));
    expect(emulator.uploads.unusedTokens).toBe(unused + 1);
    emulator.uploads.lapseAll();
    expect(await batch()).toEqual(["0 item", "0 item"]);
  });

  test("a success that stored nothing, and results in another order", async () => {
    const route = "mediaItems.batchCreate";
    emulator.fault({ route, kind: "phantom-items" });
    const album = await caller.album("A");
    const id = await caller.add(sampleJpeg(1), "a", { albumId: album });
    expect((await caller.get(`mediaItems/${id}`)).status).toBe(404);
    expect(emulator.remote.albums()[0]?.items).toEqual([]);
    const tokens: string[] = [];
    for (let index = 0; index < 8; index += 1) tokens.push(await caller.token(sampleJpeg(index)));
    emulator.fault({ route, kind: "shuffle-results" });
    const results = await caller.results(tokens.map((token) => ({ token })));
    const order = results.map(({ uploadToken }) => uploadToken);
    expect(order).not.toEqual(tokens);
    expect(new Set(order)).toEqual(new Set(tokens));
  });

  test("pages: empty, short, with an entry again", async () => {
    for (let index = 0; index < 4; index += 1) {
      await emulator.remote.addItem({
        filename: String(index),
        content: sampleJpeg(index),
        createdAt: new Date(index),
      });
    }
    const list = () => caller.allPages((token) => caller.get(`mediaItems?pageSize=2&pageToken=${token}`));
    emulator.fault({ route: "mediaItems.list", kind: "empty-page" });
    expect((await list()).sizes).toEqual([0, 2, 2]);
    emulator.fault({ route: "mediaItems.list", kind: "short-page", entries: 1, nth: 2 });
    expect((await list()).sizes).toEqual([2, 1, 1]);
    emulator.fault({ route: "mediaItems.list", kind: "repeat-entry", nth: 2 });
    expect((await list()).names).toEqual(["3", "2", "2", "1", "0"]);
  });

  test("downloads: cut short, quietly or not, error pictures, refused", async () => {
    const url = `${await caller.baseUrl(await caller.add(sampleJpeg(1, { paddingBytes: 5000 })))}=d`;
    const whole = (await (await fetch(url)).arrayBuffer()).byteLength;
    emulator.fault({ route: "media.get", kind: "truncated-download", afterBytes: 100 });
    await expect(fetch(url).then((response) => response.arrayBuffer())).rejects.toThrow("terminated");
    emulator.fault({ route: "media.get", kind: "truncated-download", quiet: true });
    expect((await (await fetch(url)).arrayBuffer()).byteLength).toBe(Math.floor(whole / 2));
    emulator.fault({ route: "media.get", kind: "error-image", status: 404 });
    const picture = await fetch(url);
    expect([picture.status, picture.headers.get("content-type")]).toEqual([404, "image/png"]);
    emulator.fault({ route: "media.get", kind: "quota", limit: "media" });
    expect((await fetch(url)).status).toBe(429);
    emulator.fault({ route: "media.head", kind: "status", status: 500 });
    expect((await fetch(url, { method: "HEAD" })).status).toBe(500);
  });

  test("tokens: one expires in the middle, every n requests, a scope is missing, the service is not enabled", async () => {
    emulator.fault({ route: "albums.list", kind: "expired-token" });
    expect(failureOf(await caller.get("albums"))).toMatch(/^401 UNAUTHENTICATED: /);
    expect((await caller.get("albums")).status).toBe(401);
    emulator.settings.accessTokenUses = 2;
    const short = new Caller(emulator);
    const statuses = [];
    for (let index = 0; index < 3; index += 1) statuses.push((await short.get("albums")).status);
    expect(statuses).toEqual([200, 200, 401]);
    emulator.settings.accessTokenUses = 100;
    const good = new Caller(emulator);
    emulator.fault({ route: "albums.list", kind: "missing-scope" });
    expect((await good.get("albums")).text).toContain('"ACCESS_TOKEN_SCOPE_INSUFFICIENT"');
    emulator.fault({ route: "albums.list", kind: "service-disabled" });
    expect((await good.get("albums")).text).toContain('"SERVICE_DISABLED"');
    emulator.settings.serviceDisabled = true;
    expect(failureOf(await good.get("albums"))).toContain(
      "403 PERMISSION_DENIED: Photos Library API has not been used",
    );
    expect(emulator.misuse).toEqual([]);
  });

  test("a client that goes away in the middle of an upload leaves nothing, and is no misuse", async () => {
    const upload = fetch(`${emulator.apiUrl}/v1/uploads`, {
      method: "POST",
      headers: { "X-Goog-Upload-Protocol": "raw", Authorization: `Bearer ${caller.accessToken}` },
      body: new ReadableStream({
        pull(controller) {
          controller.enqueue(new Uint8Array(1024));
          return new Promise((resolve) => setTimeout(resolve, 5));
        },
      }),
      duplex: "half",
      signal: AbortSignal.timeout(50),
    });
    await expect(upload).rejects.toThrow();
    expect(emulator.uploads.unusedTokens).toBe(0);
    expect(emulator.misuse).toEqual([]);
  });
});

describe("misuse is refused and recorded", () => {
  test("no token, a token in the address, no such method, a body that is no JSON, odd upload headers", async () => {
    const api = `${emulator.apiUrl}/v1`;
    expect((await caller.send(`${api}/albums`)).status).toBe(401);
    expect((await caller.send(`${api}/albums?access_token=${caller.accessToken}`)).status).toBe(400);
    expect((await caller.get("nothing")).status).toBe(404);
    const headers = { Authorization: `Bearer ${caller.accessToken}`, "Content-Type": "application/json" };
    expect((await caller.send(`${api}/albums`, { method: "POST", headers, body: "{" })).status).toBe(400);
    expect((await caller.send(`${api}/uploads`, { method: "POST", headers, body: "x" })).status).toBe(404);
    expect(emulator.misuse).toHaveLength(5);
    emulator.resetCounters();
    await caller.raw("x", { "Content-Type": "text/plain", "X-Goog-Upload-File-Name": "a/b.jpg" });
    await caller.raw("x", { "X-Goog-Upload-File-Name": "na\u00efve.jpg" });
    expect(emulator.misuse).toEqual([
      "uploads.raw: a path as X-Goog-Upload-File-Name",
      'uploads.raw: bytes sent as "text/plain"',
      "uploads.raw: X-Goog-Upload-File-Name is not ASCII",
    ]);
  });
});
