import { beforeEach, describe, expect, test } from "vitest";
import * as z from "zod";
import { type FlickrEmulator, startFlickrEmulator } from "./flickr/emulator.js";
import type { FaultEffect } from "./flickr/faults.js";
import { RawClient } from "./flickr/raw-client.js";
import { sampleJpeg } from "./gphotos/samples.js";

let emulator: FlickrEmulator;
let client: RawClient;

beforeEach(async () => {
  emulator = await startFlickrEmulator();
  client = new RawClient(emulator);
  return () => emulator.close();
});

describe("answers in place of the service's own", () => {
  test("a rate limit is a page of HTML, with a time to wait only where told to", async () => {
    const login = { method: "flickr.test.login", format: "json", nojsoncallback: "1" };
    const url = `${emulator.apiUrl}/services/rest/`;
    emulator.fault({ route: "test.login", kind: "rate-limit" });
    emulator.fault({ route: "test.login", kind: "rate-limit", nth: 2, retryAfterSeconds: 7 });
    const first = await client.send(url, login);
    expect([first.status, first.headers.get("retry-after")]).toEqual([429, null]);
    expect(first.headers.get("content-type")).toBe("text/html; charset=utf-8");
    const second = await client.send(url, login);
    expect([second.status, second.headers.get("retry-after")]).toEqual([429, "7"]);
    expect((await client.send(url, login)).status).toBe(200);
    expect(emulator.earlyRequests).toBe(2);
    expect(emulator.pendingFaults()).toEqual([]);
  });

  test("server errors come as pages, before the effect or after it", async () => {
    emulator.fault({ route: "upload", kind: "status", status: 502 });
    expect(await client.upload(sampleJpeg(1))).toContain("<h1>Bad Gateway</h1>");
    expect(emulator.remote.photos()).toEqual([]);
    emulator.fault({ route: "upload", kind: "status", status: 504, processed: true });
    expect(await client.upload(sampleJpeg(1), { title: "a" })).toContain("<h1>Gateway Time-out</h1>");
    expect(emulator.remote.photos()).toMatchObject([{ title: "a" }]);
    emulator.fault({ route: "*", kind: "status", status: 503, body: "{}", contentType: "application/json" });
    expect(await client.call("test.login")).toEqual({});
    emulator.fault({ route: "test.login", kind: "html" });
    expect(await client.call("test.login")).toMatchObject({ httpStatus: 200 });
  });

  test("failures of the API come in the format that was asked for, before the effect or after it", async () => {
    const id = await client.uploaded(sampleJpeg(1), { title: "a" });
    emulator.fault({ route: "photos.setMeta", kind: "failure", code: 105 });
    const setTitle = (title: string): Promise<unknown> => client.call("photos.setMeta", { photo_id: id, title });
    expect(await setTitle("b")).toEqual({ stat: "fail", code: 105, message: "Service currently unavailable" });
    expect(emulator.remote.photos()[0]?.title).toBe("a");
    emulator.fault({ route: "photos.setMeta", kind: "failure", code: 106, processed: true });
    expect(await setTitle("c")).toMatchObject({ code: 106 });
    expect(emulator.remote.photos()[0]?.title).toBe("c");
    const elements = { non_pro_desktop_upload_wait_time: "5" };
    emulator.fault({ route: "upload", kind: "failure", code: 14, message: "Busy", elements });
    expect(await client.upload(sampleJpeg(2))).toContain(
      '<err code="14" msg="Busy" /><non_pro_desktop_upload_wait_time>5</non_pro_desktop_upload_wait_time>',
    );
  });

  test("tokens are revoked in the middle, and signatures refused", async () => {
    emulator.fault({ route: "photos.getNotInSet", kind: "oauth-problem", problem: "signature_invalid" });
    expect(await client.call("photos.getNotInSet")).toEqual({
      httpStatus: 401,
      text: "oauth_problem=signature_invalid",
    });
    emulator.fault({ route: "photos.getNotInSet", kind: "revoked-token" });
    expect(await client.call("photos.getNotInSet")).toMatchObject({ code: 98 });
    expect(await client.call("test.login")).toMatchObject({ code: 98 });
  });
});

describe("lines that break", () => {
  test("before the effect: nothing is stored", async () => {
    emulator.fault({ route: "upload", kind: "cut-before", afterBodyBytes: 100_000 });
    await expect(client.upload(sampleJpeg(1, { paddingBytes: 3_000_000 }))).rejects.toThrow("fetch failed");
    emulator.fault({ route: "upload", kind: "cut-before" });
    await expect(client.upload(sampleJpeg(1))).rejects.toThrow("fetch failed");
    emulator.fault({ route: "photosets.create", kind: "cut-before" });
    await expect(client.call("photosets.create", { title: "S", primary_photo_id: "1" })).rejects.toThrow();
    expect(emulator.remote.photos()).toEqual([]);
    expect(emulator.requests.map(({ status }) => status)).toEqual([0, 0, 0]);
  });

  test("after the effect: it is there all the same", async () => {
    for (const kind of ["cut-after", "cut-half"] as const) {
      emulator.fault({ route: "upload", kind });
      await expect(client.upload(sampleJpeg(kind), { title: kind })).rejects.toThrow();
    }
    emulator.fault({ route: "upload", kind: "half-body" });
    expect(await client.upload(sampleJpeg(3))).not.toContain("</rsp>");
    emulator.fault({ route: "upload", kind: "empty-body" });
    expect(await client.upload(sampleJpeg(4))).toBe("");
    expect(emulator.remote.photos()).toHaveLength(4);
    expect(emulator.misuse).toEqual([]);
  });

  test("answers may be slow, or never come", async () => {
    emulator.fault({ route: "test.login", kind: "slow", ms: 60 });
    const startMs = Date.now();
    await client.call("test.login");
    expect(Date.now() - startMs).toBeGreaterThanOrEqual(59);
    emulator.latencyMs = 40;
    const secondMs = Date.now();
    await client.call("test.login");
    expect(Date.now() - secondMs).toBeGreaterThanOrEqual(39);
    emulator.fault({ route: "test.login", kind: "hang" });
    const hanging = fetch(`${emulator.apiUrl}/services/rest/?method=flickr.test.login`, {
      signal: AbortSignal.timeout(120),
    });
    await expect(hanging).rejects.toThrow("timeout");
  });

  test("a form that ends too early stores nothing", async () => {
    const url = `${emulator.uploadUrl}/services/upload/`;
    const Authorization = client.authorization(url, { title: "a" });
    const body =
      '--x\r\nContent-Disposition: form-data; name="title"\r\n\r\na\r\n--x\r\nContent-Disposition: form-data; name="ph';
    const headers = { Authorization, "Content-Type": "multipart/form-data; boundary=x" };
    const response = await fetch(url, { method: "POST", headers, body });
    expect(await response.text()).toContain('<err code="2"');
    expect(emulator.misuse).toContain("upload: a body that is no complete form");
  });
});

describe("listings that are not to be trusted", () => {
  const Photos = z.object({
    photos: z.object({ total: z.string(), photo: z.array(z.object({ title: z.string() })) }),
  });
  async function listed(fault: FaultEffect): Promise<readonly [total: string, titles: readonly string[]]> {
    emulator.fault({ route: "people.getPhotos", ...fault });
    const { photos } = Photos.parse(await client.call("people.getPhotos", { user_id: "me" }));
    return [photos.total, photos.photo.map(({ title }) => title)];
  }

  test("totals that are empty, pages too short, entries that come twice", async () => {
    expect(await listed({ kind: "blank-total" })).toEqual(["", []]);
    for (const title of ["a", "b"]) await emulator.remote.addPhoto({ title, content: sampleJpeg(title) });
    expect(await listed({ kind: "short-page", entries: 1 })).toEqual(["2", ["b"]]);
    expect(await listed({ kind: "repeat-entry" })).toEqual(["2", ["b", "a", "b"]]);
    emulator.settings.emptyTotal = "blank";
    expect(await client.call("photos.search", { user_id: "me", tags: "none" })).toMatchObject({
      photos: { total: "" },
    });
  });

  test("sets without their titles", async () => {
    await emulator.remote.addPhoto({ title: "a", content: sampleJpeg(1), sets: ["S"] });
    emulator.fault({ route: "photosets.getList", kind: "blank-titles" });
    const title = (_content: string): object => ({ photosets: { photoset: [{ title: { _content } }] } });
    expect(await client.call("photosets.getList")).toMatchObject(title(""));
    expect(await client.call("photosets.getList")).toMatchObject(title("S"));
  });

  test("an upload that was answered and is not there", async () => {
    emulator.fault({ route: "upload", kind: "phantom" });
    const id = await client.uploaded(sampleJpeg(1));
    expect(await client.call("photos.getInfo", { photo_id: id })).toMatchObject({ code: 1 });
  });
});

describe("downloads that are not to be trusted", () => {
  async function download(fault: FaultEffect): Promise<Response> {
    emulator.fault({ route: "image.get", ...fault });
    const extras = { user_id: "me", extras: "url_o" };
    const Urls = z.object({ photos: z.object({ photo: z.array(z.object({ url_o: z.string() })) }) });
    const { photos } = Urls.parse(await client.call("people.getPhotos", extras));
    return await fetch(photos.photo[0]?.url_o ?? "");
  }

  test("end early, with or without a sign of it; hold other bytes; or lead nowhere", async () => {
    const content = sampleJpeg(1, { paddingBytes: 100_000 });
    await client.uploaded(content);
    await expect((await download({ kind: "truncated-download" })).arrayBuffer()).rejects.toThrow();
    const quiet = await download({ kind: "truncated-download", afterBytes: 10, quiet: true });
    expect(Buffer.from(await quiet.arrayBuffer())).toEqual(content.subarray(0, 10));
    const other = Buffer.from(await (await download({ kind: "other-bytes" })).arrayBuffer());
    expect([other.length, other.equals(content)]).toEqual([content.length, false]);
    expect((await download({ kind: "dead-image" })).status).toBe(404);
    expect((await download({ kind: "rate-limit" })).status).toBe(429);
    expect((await download({ kind: "status", status: 503 })).status).toBe(503);
  });
});

describe("the hour's allowance", () => {
  test("is 3,600 calls of the key; more are counted and answered with a page", async () => {
    emulator.spendRequests(3599);
    expect(await client.call("test.login")).toMatchObject({ stat: "ok" });
    expect(await client.call("test.login")).toMatchObject({ httpStatus: 429 });
    expect(await client.upload(sampleJpeg(1))).toContain("Too Many Requests");
    expect(emulator.requestsPastLimit).toBe(2);
    expect(emulator.earlyRequests).toBe(0);
    emulator.advanceClock(3_600_001);
    expect(await client.call("test.login")).toMatchObject({ stat: "ok" });
    expect(emulator.earlyRequests).toBe(1);
    expect(emulator.requestsInHour).toBe(1);
    expect(emulator.misuse).toEqual([]);
  });

  test("leaves uploads out where told to, and downloads always", async () => {
    emulator.settings.uploadsCount = false;
    await client.uploaded(sampleJpeg(1));
    expect(emulator.requestsInHour).toBe(0);
    emulator.resetCounters();
    expect(emulator.requests).toEqual([]);
  });
});
