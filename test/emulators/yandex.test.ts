import { beforeEach, describe, expect, test } from "vitest";
import * as z from "zod";
import { type YandexEmulator, startYandexEmulator } from "./yandex/emulator.js";
import { startYandexProcess } from "./yandex/emulator-process.js";
import type { Fault } from "./yandex/faults.js";
import { get, postForm, put, RawClient } from "./yandex/raw-client.js";
import { expectRefused } from "./refused-faults.js";

const HELLO_MD5 = "5d41402abc4b2a76b9719d911017c592";
const TIMESTAMP: unknown = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00$/);
const RESOURCE_ID: unknown = expect.stringMatching(/^\d+:[0-9a-f]{64}$/);
const NUMBER: unknown = expect.any(Number);
const WEB_PAGE: unknown = expect.stringContaining("<html>");
const HELLO_SHA256 = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";

let emulator: YandexEmulator;
let client: RawClient;

beforeEach(async () => {
  emulator = await startYandexEmulator();
  client = new RawClient(emulator);
  return () => emulator.close();
});

const Listing = z.looseObject({
  _embedded: z.looseObject({
    total: z.number(),
    limit: z.number(),
    items: z.array(z.looseObject({ name: z.string() })),
  }),
});

async function list(path: string, query: Readonly<Record<string, string>> = {}): Promise<readonly string[]> {
  const { body } = await client.send("GET resources", { path, ...query });
  return Listing.parse(body)._embedded.items.map(({ name }) => name);
}

describe("metadata and listings", () => {
  test("a file shows its hashes and a link, a folder its children without theirs", async () => {
    emulator.remote.seed({ "/Docs/Plan.txt": "hello", "/Docs/Sub/deep.txt": "x" });
    const file = await client.send("GET resources", { path: "disk:/Docs/Plan.txt" });
    expect(file.body).toMatchObject({
      type: "file",
      name: "Plan.txt",
      path: "disk:/Docs/Plan.txt",
      size: 5,
      md5: HELLO_MD5,
      sha256: HELLO_SHA256,
      media_type: "document",
      created: TIMESTAMP,
      resource_id: RESOURCE_ID,
      revision: NUMBER,
    });
    expect(file.body).not.toHaveProperty("_embedded");
    const folder = await client.send("GET resources", { path: "/Docs/" });
    expect(folder.body).toMatchObject({
      type: "dir",
      path: "disk:/Docs",
      _embedded: { total: 2, limit: 20, offset: 0 },
    });
    expect(JSON.stringify(folder.body)).not.toContain("deep.txt");
    expect(emulator.misuse).toEqual([]);
  });

  test("names are told apart by case; a plus sign in the query is a space", async () => {
    emulator.remote.seed({ "/a b": "space", "/A b": "upper", "/a+b": "plus" });
    const size = async (raw: string): Promise<unknown> => {
      const response = await fetch(`${emulator.apiUrl}/v1/disk/resources?path=${raw}&fields=name`, {
        headers: { Authorization: `OAuth ${client.token}` },
      });
      return await response.json();
    };
    expect(await size("disk%3A%2Fa+b")).toEqual({ name: "a b" });
    expect(await size("disk%3A%2Fa%2Bb")).toEqual({ name: "a+b" });
    expect(await size("%2FA%20b")).toEqual({ name: "A b" });
    expect(emulator.misuse).toEqual([]);
  });

  test("pages: 20 by default, none for limit=0, sorted either way, in no order without sort", async () => {
    for (let index = 10; index < 35; index += 1) emulator.remote.write(`/f${String(index)}`, "x".repeat(100 - index));
    expect(await list("disk:/")).toHaveLength(20);
    expect(await list("disk:/", { limit: "0" })).toEqual([]);
    expect(await list("disk:/", { sort: "name", limit: "2", offset: "1" })).toEqual(["f11", "f12"]);
    expect(await list("disk:/", { sort: "-name", limit: "2" })).toEqual(["f34", "f33"]);
    expect(await list("disk:/", { sort: "size", limit: "1" })).toEqual(["f34"]);
    expect(await list("disk:/", { sort: "name", limit: "20", offset: "99" })).toEqual([]);
    const orders = new Set<string>();
    for (let round = 0; round < 5; round += 1) orders.add((await list("disk:/", { limit: "100" })).join());
    expect(orders.size).toBeGreaterThan(1);
    emulator.settings.pageCap = 7;
    expect(await list("disk:/", { limit: "100" })).toHaveLength(7);
    expect(emulator.misuse).toEqual([]);
  });

  test("400 for numbers and keys that are none, 404 for what is not there, 504 for a page too large", async () => {
    expect(await client.failure("GET resources", { path: "disk:/", limit: "ten" })).toBe("400 FieldValidationError");
    expect(await client.failure("GET resources", { path: "disk:/", sort: "colour" })).toBe("400 FieldValidationError");
    expect(await client.failure("GET resources", { path: "" })).toBe("400 FieldValidationError");
    expect(await client.failure("GET resources")).toBe("400 FieldValidationError");
    expect(await client.failure("GET resources", { path: "disk:/none" })).toBe("404 DiskNotFoundError");
    expect(emulator.misuse).toEqual([]);
    expect((await client.send("GET resources", { path: "disk:/", limit: "10000" })).status).toBe(504);
    expect(emulator.misuse).toEqual(["GET resources: a limit of 10000 takes too long"]);
  });

  test("fields: children restrict their parent, a parent alone is whole, unknown names are ignored", async () => {
    emulator.remote.write("/Plan.txt", "hello");
    const ask = async (fields: string): Promise<unknown> =>
      (await client.send("GET resources", { path: "disk:/", fields })).body;
    expect(await ask("type,colour")).toEqual({ type: "dir" });
    expect(await ask("_embedded.total,_embedded.items.name,_embedded.items.size")).toEqual({
      _embedded: { total: 1, items: [{ name: "Plan.txt", size: 5 }] },
    });
    expect(await ask("_embedded,_embedded.limit")).toEqual({ _embedded: { limit: 20 } });
    expect(await ask("_embedded.items")).toMatchObject({ _embedded: { items: [{ md5: HELLO_MD5 }] } });
    const link = await client.send("GET resources/upload", { path: "disk:/new.txt", fields: "href" });
    expect(Object.keys(z.looseObject({}).parse(link.body))).toEqual(["href"]);
  });

  test("keys come in another order every time", async () => {
    emulator.remote.write("/a.txt", "a");
    const orders = new Set<string>();
    for (let round = 0; round < 5; round += 1) {
      const { body } = await client.send("GET resources", { path: "disk:/a.txt", fields: "name,size,md5,type" });
      orders.add(Object.keys(z.looseObject({}).parse(body)).join());
    }
    expect(orders.size).toBeGreaterThan(1);
  });

  test("the Disk itself: space, limits and a revision that grows with every change", async () => {
    const revision = async (): Promise<unknown> => (await client.send("GET disk", { fields: "revision" })).body;
    const before = await revision();
    expect(await revision()).toEqual(before);
    emulator.remote.write("/a.txt", "hello");
    expect(await revision()).not.toEqual(before);
    emulator.remote.delete("/a.txt");
    expect((await client.send("GET disk")).body).toMatchObject({
      used_space: 5,
      trash_size: 5,
      user: { uid: "1000001" },
    });
  });

  test("space is used by copies and by the trash, and given back by what goes for good", async () => {
    const used = async (): Promise<unknown> => (await client.send("GET disk", { fields: "used_space" })).body;
    emulator.remote.seed({ "/a.txt": "1234567890", "/dir/b.txt": "12345" });
    await client.link("POST resources/copy", { from: "disk:/a.txt", path: "disk:/c.txt" });
    expect(await used()).toEqual({ used_space: 25 });
    await client.upload("disk:/c.txt", "1", { overwrite: "true" });
    await client.send("DELETE resources", { path: "disk:/a.txt", permanently: "true" });
    expect(await used()).toEqual({ used_space: 6 });
    emulator.remote.delete("/dir");
    expect(await used()).toEqual({ used_space: 6 });
    await client.send("DELETE trash/resources");
    emulator.settle();
    expect(await used()).toEqual({ used_space: 1 });
  });

  test("the flat list: all files by name, no folders, no total, with a lag", async () => {
    emulator.settings.flatListLagMs = 5000;
    emulator.remote.seed({ "/z/b.txt": "b", "/a.mp4": "a", "/empty": null });
    const names = async (query: Readonly<Record<string, string>> = {}): Promise<readonly string[]> => {
      const { body } = await client.send("GET resources/files", { fields: "items.path", ...query });
      expect(body).not.toHaveProperty("total");
      return z
        .object({ items: z.array(z.object({ path: z.string() })) })
        .parse(body)
        .items.map(({ path }) => path);
    };
    expect(await names()).toEqual([]);
    emulator.advanceClock(6000);
    expect(await names()).toEqual(["disk:/a.mp4", "disk:/z/b.txt"]);
    emulator.remote.delete("/a.mp4");
    emulator.remote.move("/z", "/y");
    expect(await names()).toEqual(["disk:/a.mp4", "disk:/z/b.txt"]);
    emulator.advanceClock(6000);
    expect(await names()).toEqual(["disk:/y/b.txt"]);
    expect(await names({ media_type: "video" })).toEqual([]);
    expect(await client.failure("GET resources/files", { media_type: "smell" })).toBe("400 FieldValidationError");
  });

  test("pages move under changes, entries go missing or come twice on demand", async () => {
    emulator.remote.seed({ "/b": "b", "/d": "d", "/f": "f" });
    const page = (offset: number): Promise<readonly string[]> =>
      list("disk:/", { sort: "name", limit: "2", offset: String(offset) });
    const edits = [{ kind: "delete", path: "/b" } as const];
    emulator.fault({ route: "GET resources", nth: 2, kind: "edits", edits });
    expect([...(await page(0)), ...(await page(2))]).toEqual(["b", "d"]);
    emulator.fault({
      route: "GET resources",
      nth: 2,
      kind: "edits",
      edits: [{ kind: "write", path: "/a", content: "" }],
    });
    expect([...(await page(0)), ...(await page(2))]).toEqual(["d", "f", "f"]);
    emulator.fault({ route: "GET resources", kind: "missing-entries", names: ["d"] });
    expect(await page(0)).toEqual(["a"]);
    emulator.fault({ route: "GET resources", kind: "repeated-entry" });
    expect(await page(0)).toEqual(["d", "a", "d"]);
    emulator.fault({ route: "GET resources", kind: "empty-page" });
    expect(await page(0)).toEqual([]);
    emulator.fault({ route: "GET resources", kind: "short-page", entries: 1 });
    expect(await page(0)).toEqual(["a"]);
    expect(emulator.pendingFaults()).toEqual([]);
  });
});

describe("uploads", () => {
  test("a link, one PUT, a stored file; the operation is over", async () => {
    const link = await client.link("GET resources/upload", { path: "disk:/Plan.txt" });
    expect(link.href).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/upload-target\//);
    const poll = async (): Promise<unknown> =>
      (await client.send(`GET operations/${link.operation_id ?? ""}`, { fields: "status" })).body;
    expect(await poll()).toEqual({ status: "in-progress" });
    expect(await put(link.href, "hello")).toMatchObject({ status: 201, body: "" });
    expect(await poll()).toEqual({ status: "success" });
    expect(emulator.remote.stat("/Plan.txt")).toMatchObject({ md5: HELLO_MD5, sha256: HELLO_SHA256 });
    expect(await client.upload("disk:/empty", "")).toBe(201);
    expect(emulator.unusedLinks()).toEqual([]);
    expect(emulator.misuse).toEqual([]);
    expect(emulator.countsByHost()).toEqual({ api: 4, uploader: 2 });
    expect(emulator.countsByRoute()).toMatchObject({ "PUT upload-target": 2, "GET operations": 2 });
  });

  test("a link is good for one use and for thirty minutes", async () => {
    const once = await client.link("GET resources/upload", { path: "disk:/once.txt" });
    expect((await put(once.href, "first")).status).toBe(201);
    expect((await put(once.href, "again")).status).toBe(404);
    expect(emulator.misuse).toEqual(["PUT upload-target: an upload link was used twice"]);
    const late = await client.link("GET resources/upload", { path: "disk:/late.txt" });
    emulator.advanceClock(31 * 60 * 1000);
    expect((await put(late.href, "late")).status).toBe(404);
    expect(await emulator.remote.tree()).toEqual({ "/once.txt": Buffer.from("first") });
  });

  test("also a PUT that was cut off uses its link up, and stores nothing", async () => {
    emulator.fault({ route: "PUT upload-target", kind: "cut-before", afterBodyBytes: 1 });
    const { href } = await client.link("GET resources/upload", { path: "disk:/cut.txt" });
    await expect(put(href, "hello")).rejects.toThrow();
    expect((await put(href, "hello")).status).toBe(404);
    expect(emulator.misuse).toHaveLength(1);
    expect(await emulator.remote.tree()).toEqual({});
  });

  test("parents are never made; files and folders in the way are told apart", async () => {
    emulator.remote.seed({ "/file.txt": "old", "/folder": null });
    const refusal = (path: string, overwrite = "false"): Promise<string> =>
      client.failure("GET resources/upload", { path, overwrite });
    expect(await refusal("disk:/none/a.txt")).toBe("409 DiskPathDoesntExistsError");
    expect(await refusal("disk:/file.txt/a.txt")).toBe("409 DiskPathDoesntExistsError");
    expect(await refusal("disk:/file.txt")).toBe("409 DiskResourceAlreadyExistsError");
    expect(await refusal("disk:/folder", "true")).toBe("409 DiskPathPointsToExistentDirectoryError");
    expect(await client.upload("disk:/file.txt", "new", { overwrite: "true" })).toBe(201);
    expect((await emulator.remote.read("/file.txt")).toString()).toBe("new");
    expect(emulator.remote.gone().map(({ path }) => path)).toEqual(["/file.txt"]);
    const { href } = await client.link("GET resources/upload", { path: "disk:/raced.txt" });
    emulator.remote.write("/raced.txt", "another client's");
    expect((await put(href, "ours")).status).toBe(409);
    expect((await emulator.remote.read("/raced.txt")).toString()).toBe("another client's");
    expect(emulator.misuse).toEqual([]);
  });

  test("a token at the uploader or the downloader is a leak", async () => {
    const { href } = await client.link("GET resources/upload", { path: "disk:/a.txt" });
    await put(href, "a", { Authorization: `OAuth ${client.token}` });
    const link = await client.link("GET resources/download", { path: "disk:/a.txt" });
    await get(link.href, { Authorization: `OAuth ${client.token}` });
    expect(emulator.misuse).toEqual([
      "PUT upload-target: a token was sent to the uploader",
      "GET download: a token was sent to the downloader",
    ]);
    await get(`${link.href}&oauth_token=${client.token}`);
    expect(emulator.misuse).toHaveLength(3);
  });

  test("limits: 413 for a large file, 507 for a full Disk, 423 once the traffic is used up", async () => {
    emulator.settings.fileBytes = 10;
    expect(await client.upload("disk:/large.txt", "x".repeat(11))).toBe(413);
    emulator.settings.quotaBytes = 15;
    expect(await client.upload("disk:/a.txt", "x".repeat(10))).toBe(201);
    expect(await client.upload("disk:/b.txt", "x".repeat(10))).toBe(507);
    emulator.settings.uploadTrafficBytes = 10;
    expect(await client.failure("GET resources/upload", { path: "disk:/c.txt" })).toBe(
      "423 DiskUploadTrafficLimitExceeded",
    );
    expect(await client.link("POST resources/move", { from: "disk:/a.txt", path: "disk:/d.txt" })).toBeDefined();
    emulator.settings.quotaBytes = 10;
    emulator.settings.uploadTrafficBytes = 1000;
    expect((await client.send("GET resources/upload", { path: "disk:/e.txt" })).status).toBe(507);
    expect(emulator.misuse).toEqual([]);
  });

  test("201 first, seen later; 202 and an operation that is done later or never", async () => {
    emulator.remote.write("/a.txt", "old");
    emulator.settings.visibilityDelayMs = 2000;
    const status = async (path: string): Promise<number> => (await client.send("GET resources", { path })).status;
    expect(await client.upload("disk:/late.txt", "late")).toBe(201);
    expect(await client.upload("disk:/a.txt", "new", { overwrite: "true" })).toBe(201);
    expect(await status("disk:/late.txt")).toBe(404);
    expect(emulator.remote.stat("/a.txt")?.sizeBytes).toBe(3);
    emulator.advanceClock(2500);
    expect(await status("disk:/late.txt")).toBe(200);
    expect((await emulator.remote.read("/a.txt")).toString()).toBe("new");
    emulator.settings.visibilityDelayMs = 0;

    emulator.settings.uploadAnswer = "accepted";
    const { href, operation_id: id = "" } = await client.link("GET resources/upload", { path: "disk:/accepted.txt" });
    expect((await put(href, "x")).status).toBe(202);
    expect(await status("disk:/accepted.txt")).toBe(404);
    expect((await client.send(`GET operations/${id}`)).body).toEqual({ status: "in-progress" });
    expect((await client.send(`GET operations/${id}`)).body).toEqual({ status: "success" });
    expect(await status("disk:/accepted.txt")).toBe(200);
    emulator.fault({ route: "PUT upload-target", kind: "accepted" });
    expect(await client.upload("disk:/never.txt", "x")).toBe(202);
    emulator.advanceClock(3_600_000);
    expect(await status("disk:/never.txt")).toBe(404);
  });

  test("a late answer: the file is there before it comes", async () => {
    emulator.fault({ route: "PUT upload-target", kind: "late-answer", ms: 400 });
    const startedMs = Date.now();
    const upload = client.upload("disk:/slow.txt", "slow");
    let seenMs: number | undefined;
    while (seenMs === undefined) {
      if ((await client.send("GET resources", { path: "disk:/slow.txt" })).status === 200)
        seenMs = Date.now() - startedMs;
    }
    expect(await upload).toBe(201);
    expect(seenMs).toBeLessThan(Date.now() - startedMs);
    emulator.settings.uploadSettleMsPerMib = 200;
    const beforeMs = Date.now();
    expect(await client.upload("disk:/large.txt", Buffer.alloc(1024 * 1024))).toBe(201);
    expect(Date.now() - beforeMs).toBeGreaterThanOrEqual(195);
    expect(emulator.remote.stat("/large.txt")?.sizeBytes).toBe(1024 * 1024);
  });

  test("what the service loses, cuts or spoils while it says 201", async () => {
    emulator.fault({ route: "PUT upload-target", path: "/lost.txt", kind: "late-visible" });
    emulator.fault({ route: "PUT upload-target", path: "/cut.txt", kind: "truncated-upload", bytes: 2 });
    emulator.fault({ route: "PUT upload-target", path: "/spoilt.txt", kind: "corrupt-upload" });
    for (const name of ["lost", "cut", "spoilt"]) expect(await client.upload(`disk:/${name}.txt`, "hello")).toBe(201);
    expect(emulator.remote.stat("/lost.txt")).toBeUndefined();
    expect((await emulator.remote.read("/cut.txt")).toString()).toBe("he");
    expect(emulator.remote.stat("/spoilt.txt")).toMatchObject({ sizeBytes: 5 });
    expect(emulator.remote.stat("/spoilt.txt")?.md5).not.toBe(HELLO_MD5);
  });

  test("data, compressed and video crawl, by the name at the link request", async () => {
    Object.assign(emulator.settings, { slowBytesPerSecond: 100_000, slowBurstBytes: 10_000 });
    const timed = async (path: string): Promise<number> => {
      const startedMs = Date.now();
      expect(await client.upload(path, Buffer.alloc(50_000))).toBe(201);
      return Date.now() - startedMs;
    };
    for (const name of ["a.zip", "b.mp4", "c.dat", "without extension"]) {
      expect(await timed(`disk:/${name}`)).toBeGreaterThan(350);
    }
    expect(await timed("disk:/a.txt")).toBeLessThan(350);
    await client.link("POST resources/move", { from: "disk:/a.txt", path: "disk:/moved.zip" });
    expect(emulator.misuse).toEqual([]);
    const init = { headers: { "User-Agent": 'Yandex.Disk {"os":"windows"}' } };
    await client.send("GET resources/upload", { path: "disk:/d.zip" }, init);
    expect(emulator.misuse).toEqual(["GET resources/upload: pretends to be the official client"]);
  });

  test("uploads in parts, where they are switched on", async () => {
    const refused = await client.link("GET resources/upload", { path: "disk:/r.txt" });
    expect((await put(refused.href, "he", { "Content-Range": "bytes 0-1/5" })).status).toBe(412);
    emulator.settings.resumableUploads = true;
    const { href } = await client.link("GET resources/upload", { path: "disk:/parts.txt" });
    expect((await put(href, "he", { "Content-Range": "bytes 0-1/5" })).status).toBe(202);
    const head = await fetch(href, { method: "HEAD", headers: { Etag: HELLO_MD5, Sha256: HELLO_SHA256, Size: "5" } });
    expect(head.headers.get("content-length")).toBe("2");
    expect((await put(href, "lo", { "Content-Range": "bytes 3-4/5" })).status).toBe(412);
    expect((await put(href, "llo", { "Content-Range": "bytes 2-4/5" })).status).toBe(201);
    expect(emulator.remote.stat("/parts.txt")?.sha256).toBe(HELLO_SHA256);
    expect(emulator.misuse).toEqual([]);
  });

  test("connections to the uploader break at their second request, where that is switched on", async () => {
    emulator.settings.uploaderConnections = "breaks";
    expect(await client.upload("disk:/a.txt", "a")).toBe(201);
    await expect(client.upload("disk:/b.txt", "b")).rejects.toThrow();
  });
});

describe("downloads", () => {
  const body = "0123456789";

  test("by a link request or by the link of a listing, whole or in part", async () => {
    emulator.remote.write("/a.txt", body);
    const { href } = await client.link("GET resources/download", { path: "disk:/a.txt" });
    expect(new URL(href).searchParams.get("etag")).toMatch(/^[0-9a-f]{32}$/);
    const listed = await client.send("GET resources", { path: "disk:/a.txt", fields: "file" });
    const { file } = z.object({ file: z.string() }).parse(listed.body);
    expect(await get(file)).toMatchObject({ status: 200, body });
    const part = await get(href, { Range: "bytes=2-4" });
    expect(part).toMatchObject({ status: 206, body: "234" });
    expect(part.headers.get("content-range")).toBe("bytes 2-4/10");
    expect((await get(href, { Range: "bytes=10-" })).status).toBe(416);
    const etag = new URL(href).searchParams.get("etag") ?? "";
    expect((await get(href, { "If-None-Match": etag })).status).toBe(304);
    expect(emulator.misuse).toEqual([]);
  });

  test("the second name of the link is the hour at which it expires, four hours from now", async () => {
    emulator.remote.write("/a.txt", body);
    const { href } = await client.link("GET resources/download", { path: "disk:/a.txt" });
    const seconds = Number.parseInt(new URL(href).pathname.split("/")[3] ?? "", 16);
    expect(Math.abs(seconds - Date.now() / 1000 - 4 * 3600)).toBeLessThan(10);
    emulator.advanceClock(4 * 3600 * 1000 + 1000);
    expect((await get(href)).status).toBe(410);
    expect(await get(`${emulator.downloaderUrl}/disk/a/b/c`)).toMatchObject({
      status: 500,
      body: WEB_PAGE,
    });
  });

  test("redirected on demand; a file replaced since, cut answers and wrong bytes", async () => {
    emulator.remote.write("/a.txt", body);
    const { href } = await client.link("GET resources/download", { path: "disk:/a.txt" });
    emulator.settings.downloadRedirects = true;
    const redirect = await get(href);
    expect(redirect.status).toBe(302);
    expect((await get(redirect.headers.get("location") ?? "")).body).toBe(body);
    emulator.settings.downloadRedirects = false;
    emulator.fault({ route: "GET download", kind: "truncated-download", quiet: true });
    expect((await get(href)).body).toBe("01234");
    emulator.fault({ route: "GET download", kind: "truncated-download" });
    await expect(get(href)).rejects.toThrow();
    emulator.fault({ route: "GET download", kind: "half-body" });
    expect((await get(href)).body).toBe("01234");
    emulator.fault({ route: "GET download", kind: "wrong-bytes" });
    expect((await get(href)).body).not.toBe(body);
    emulator.remote.write("/a.txt", "replaced");
    expect((await get(href)).body).toBe(body);
    emulator.settings.staleDownloads = "gone";
    expect((await get(href)).status).toBe(404);
    emulator.fault({ route: "GET download", kind: "expired-link" });
    expect((await get(href)).status).toBe(410);
  });
});

describe("folders, moves and deletes", () => {
  test("new folders, one level at a time, with the exact codes", async () => {
    emulator.remote.write("/file", "x");
    const refusal = (path: string): Promise<string> => client.failure("PUT resources", { path });
    const made = await client.send("PUT resources", { path: "disk:/New folder" });
    expect(made).toMatchObject({
      status: 201,
      body: { href: `${emulator.apiUrl}/v1/disk/resources?path=disk%3A%2FNew+folder`, method: "GET", templated: false },
    });
    expect(await refusal("disk:/New folder")).toBe("409 DiskPathPointsToExistentDirectoryError");
    expect(await refusal("disk:/none/a")).toBe("409 DiskPathDoesntExistsError");
    expect(await refusal("disk:/")).toBe("409 DiskPathDoesntExistsError");
    expect(await refusal("disk:/file")).toBe("409 DiskResourceAlreadyExistsError");
    expect(await refusal("")).toBe("400 FieldValidationError");
    expect(await refusal(`disk:/${"x".repeat(256)}`)).toBe("400 FieldValidationError");
    expect(emulator.misuse).toEqual([]);
  });

  test("deletes: at once or as an operation, guarded by md5, to the trash or for good", async () => {
    emulator.remote.seed({
      "/a.txt": "hello",
      "/b.txt": "b",
      "/empty": null,
      "/full/x.txt": "x",
      "/full/y/z.txt": "z",
    });
    const remove = (path: string, query: Readonly<Record<string, string>> = {}): Promise<string> =>
      client.failure("DELETE resources", { path, ...query });
    expect(await remove("disk:/b.txt", { md5: HELLO_MD5 })).toBe("409 MD5DifferError");
    expect(await remove("disk:/empty", { md5: HELLO_MD5 })).toBe("400 FieldValidationError");
    const plain = await client.send("DELETE resources", { path: "disk:/a.txt", md5: HELLO_MD5 });
    expect(plain).toMatchObject({ status: 204, body: "" });
    expect(await remove("disk:/a.txt")).toBe("404 DiskNotFoundError");
    expect((await client.send("DELETE resources", { path: "disk:/empty" })).status).toBe(204);
    expect((await client.send("DELETE resources", { path: "disk:/b.txt", permanently: "true" })).status).toBe(204);

    emulator.settings.operationPolls = 2;
    const { href } = await client.link("DELETE resources", { path: "disk:/full" });
    expect(href).toMatch(/\/v1\/disk\/operations\/[0-9a-f]{64}$/);
    const operation = `GET ${new URL(href).pathname.replace("/v1/disk/", "")}`;
    expect(await client.failure("PUT resources", { path: "disk:/full/new" })).toBe("423 DiskResourceLockedError");
    const states: unknown[] = [];
    for (let poll = 0; poll < 3; poll += 1) states.push((await client.send(operation)).body);
    expect(states).toEqual([{ status: "in-progress" }, { status: "in-progress" }, { status: "success" }]);
    expect(await emulator.remote.tree()).toEqual({});
    expect(emulator.remote.trash().map(({ path }) => path)).toEqual(["/a.txt", "/full/x.txt", "/full/y/z.txt"]);
    expect(emulator.remote.gone().map(({ path }) => path)).toEqual(["/b.txt"]);
    expect(await client.failure("GET operations/0000", { fields: "status" })).toBe("404 DiskOperationNotFoundError");
    expect(emulator.misuse).toEqual([]);
  });

  test("operations that fail, take long, or are linked in another way", async () => {
    emulator.remote.seed({ "/a/x": "x", "/b/x": "x" });
    emulator.fault({ route: "DELETE resources", kind: "failed-operation" });
    const failed = await client.link("DELETE resources", { path: "disk:/a" });
    const ask = async (href: string): Promise<unknown> =>
      (
        await client.send(
          `GET ${new URL(href).pathname.replace("/v1/disk/", "")}`,
          Object.fromEntries(new URL(href).searchParams),
        )
      ).body;
    await ask(failed.href);
    expect(await ask(failed.href)).toEqual({ status: "failed" });
    emulator.settings.operationLinks = "query";
    const asked = await client.link("DELETE resources", { path: "disk:/a" });
    expect(asked.href).toContain("/operations?id=");
    await ask(asked.href);
    expect(await ask(asked.href)).toEqual({ status: "success" });
    emulator.settings.operationLinks = "other-host";
    emulator.fault({ route: "DELETE resources", kind: "slow-operation", polls: 3 });
    const elsewhere = await client.link("DELETE resources", { path: "disk:/b" });
    expect(new URL(elsewhere.href).origin).toBe(emulator.downloaderUrl);
    for (let poll = 0; poll < 3; poll += 1) expect(await ask(elsewhere.href)).toEqual({ status: "in-progress" });
    expect(await ask(elsewhere.href)).toEqual({ status: "success" });
    expect(await emulator.remote.tree()).toEqual({});
  });

  test("moves and copies, with their conflicts", async () => {
    emulator.remote.seed({ "/a.txt": "a", "/b.txt": "b", "/dir/x.txt": "x", "/other": null });
    const refusal = (from: string, path: string, overwrite = "false"): Promise<string> =>
      client.failure("POST resources/move", { from, path, overwrite });
    expect(await refusal("disk:/none", "disk:/c.txt")).toBe("404 DiskNotFoundError");
    expect(await refusal("disk:/a.txt", "disk:/b.txt")).toBe("409 DiskResourceAlreadyExistsError");
    expect(await refusal("disk:/a.txt", "disk:/none/a.txt")).toBe("409 DiskPathDoesntExistsError");
    expect(await refusal("disk:/dir", "disk:/dir/in")).toBe("409 DiskPathDoesntExistsError");
    emulator.settings.overwriteByMove = "refuses";
    expect(await refusal("disk:/a.txt", "disk:/b.txt", "true")).toBe("409 DiskResourceAlreadyExistsError");
    emulator.settings.overwriteByMove = "replaces";
    const { id } = emulator.remote.stat("/a.txt") ?? {};
    expect((await client.send("POST resources/move", { from: "disk:/a.txt", path: "disk:/A.txt" })).status).toBe(201);
    expect(emulator.remote.stat("/A.txt")?.id).toBe(id);
    const over = { from: "disk:/A.txt", path: "disk:/b.txt", overwrite: "true" };
    expect((await client.send("POST resources/move", over)).status).toBe(201);
    const tree = await client.send("POST resources/move", { from: "disk:/dir", path: "disk:/other/dir" });
    expect(tree.status).toBe(202);
    emulator.settle();
    expect((await client.send("POST resources/copy", { from: "disk:/b.txt", path: "disk:/c.txt" })).status).toBe(201);
    expect(emulator.remote.stat("/c.txt")?.id).not.toBe(emulator.remote.stat("/b.txt")?.id);
    expect(Object.keys(await emulator.remote.tree()).sort()).toEqual([
      ...["/b.txt", "/c.txt", "/other", "/other/dir", "/other/dir/x.txt"],
    ]);
    expect(emulator.misuse).toEqual([]);
  });

  test("the trash lists, restores with the folders that are gone, and is emptied", async () => {
    emulator.remote.write("/deep/folder/a.txt", "hello");
    emulator.remote.delete("/deep/folder/a.txt");
    emulator.remote.delete("/deep");
    const { body } = await client.send("GET trash/resources", { path: "trash:/", sort: "deleted" });
    const { items } = z
      .object({ _embedded: z.object({ items: z.array(z.looseObject({ path: z.string(), origin_path: z.string() })) }) })
      .parse(body)._embedded;
    expect(items.map((item) => item.origin_path)).toEqual(["disk:/deep/folder/a.txt", "disk:/deep"]);
    expect(items[0]?.path).toMatch(/^trash:\/a\.txt_[0-9a-f]{40}$/);
    expect(await client.failure("GET trash/resources", { path: "trash:/", sort: "name" })).toBe(
      "400 FieldValidationError",
    );
    const path = items[0]?.path ?? "";
    expect((await client.send("PUT trash/resources/restore", { path })).status).toBe(201);
    expect((await emulator.remote.read("/deep/folder/a.txt")).toString()).toBe("hello");
    expect((await client.send("DELETE trash/resources")).status).toBe(202);
    emulator.settle();
    expect(emulator.remote.trash()).toEqual([]);
  });

  test("locks, and writes to one folder at the same time", async () => {
    emulator.remote.seed({ "/a/b/c.txt": "c" });
    emulator.remote.lock("/a/b");
    const refusal = (route: string, path: string): Promise<string> => client.failure(route, { path });
    expect(await refusal("DELETE resources", "disk:/a/b/c.txt")).toBe("423 DiskResourceLockedError");
    expect(await refusal("DELETE resources", "disk:/a")).toBe("423 DiskResourceLockedError");
    expect(await refusal("GET resources/upload", "disk:/a/b/new.txt")).toBe("423 DiskResourceLockedError");
    expect((await client.send("PUT resources", { path: "disk:/elsewhere" })).status).toBe(201);
    emulator.remote.unlock("/a/b");
    expect((await client.send("DELETE resources", { path: "disk:/a/b/c.txt" })).status).toBe(204);
    emulator.settings.parallelWrites = "refuse";
    emulator.latencyMs = 30;
    const answers = await Promise.all(
      ["x", "y"].map((name) => client.send("PUT resources", { path: `disk:/${name}` })),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 423]);
    expect(emulator.lockRejections).toBe(4);
  });
});

describe("custom properties", () => {
  const patch = async (path: string, properties: unknown): Promise<unknown> => {
    const body = JSON.stringify({ custom_properties: properties });
    const init = { body, headers: { "Content-Type": "application/json" } };
    return await client.send("PATCH resources", { path, fields: "custom_properties" }, init);
  };

  test("are merged key by key, null takes one away, and the last one leaves null", async () => {
    emulator.remote.write("/a.txt", "a");
    const before = emulator.remote.stat("/a.txt");
    expect(await patch("disk:/a.txt", { mtime: "1", n: 2 })).toMatchObject({
      body: { custom_properties: { mtime: "1", n: 2 } },
    });
    expect(emulator.remote.stat("/a.txt")?.revision).toBeGreaterThan(before?.revision ?? 0);
    expect(await patch("disk:/a.txt", { n: null })).toMatchObject({ body: { custom_properties: { mtime: "1" } } });
    expect(await patch("disk:/a.txt", { mtime: null })).toMatchObject({ body: { custom_properties: null } });
    expect(await patch("disk:/none", { a: 1 })).toMatchObject({ status: 404 });
    expect(await patch("disk:/a.txt", "text")).toMatchObject({ status: 400 });
    expect(emulator.misuse).toEqual([]);
    expect(await patch("disk:/a.txt", { a: "x".repeat(1024) })).toMatchObject({ status: 400 });
    const form = { body: "{}", headers: { "Content-Type": "text/plain" } };
    expect(await client.send("PATCH resources", { path: "disk:/a.txt" }, form)).toMatchObject({ status: 415 });
    expect(emulator.misuse).toHaveLength(2);
  });

  test("right after an upload they fail, or are taken and forgotten", async () => {
    emulator.settings.patchFailsWithinMs = 2000;
    await client.upload("disk:/a.txt", "a");
    expect(await patch("disk:/a.txt", { mtime: "1" })).toMatchObject({ status: 500 });
    emulator.advanceClock(2500);
    expect(await patch("disk:/a.txt", { mtime: "1" })).toMatchObject({ status: 200 });
    emulator.settings.patchFailsWithinMs = 0;
    emulator.settings.patchLostWithinMs = 2000;
    await client.upload("disk:/b.txt", "b");
    expect(await patch("disk:/b.txt", { mtime: "1" })).toMatchObject({
      status: 200,
      body: { custom_properties: { mtime: "1" } },
    });
    expect(emulator.remote.stat("/b.txt")?.properties).toBeUndefined();
    emulator.fault({ route: "PATCH resources", kind: "lost-patch" });
    expect(await patch("disk:/a.txt", { mtime: "2" })).toMatchObject({ body: { custom_properties: { mtime: "2" } } });
    expect(emulator.remote.stat("/a.txt")?.properties).toEqual({ mtime: "1" });
  });

  test("outlive moves and copies, not overwrites, unless told otherwise", async () => {
    emulator.remote.write("/a.txt", "a", { mtime: "1" });
    await client.link("POST resources/move", { from: "disk:/a.txt", path: "disk:/b.txt" });
    expect(emulator.remote.stat("/b.txt")?.properties).toEqual({ mtime: "1" });
    emulator.settings.propertiesSurvive = { move: false, copy: false, overwrite: true };
    await client.upload("disk:/b.txt", "new", { overwrite: "true" });
    expect(emulator.remote.stat("/b.txt")?.properties).toEqual({ mtime: "1" });
    await client.link("POST resources/copy", { from: "disk:/b.txt", path: "disk:/c.txt" });
    await client.link("POST resources/move", { from: "disk:/b.txt", path: "disk:/d.txt" });
    for (const path of ["/c.txt", "/d.txt"]) expect(emulator.remote.stat(path)?.properties).toBeUndefined();
  });
});

describe("the folder of the application", () => {
  test("is made at first use and shown by its real path; its token reaches nothing else", async () => {
    client.token = emulator.tokens.issue({ scopes: ["cloud_api:disk.app_folder"] }).accessToken;
    expect(await client.upload("app:/a.txt", "hello")).toBe(201);
    const { body } = await client.send("GET resources", { path: "app:/", fields: "path,_embedded.items.path" });
    expect(body).toEqual({
      path: "disk:/Приложения/trisync",
      _embedded: { items: [{ path: "disk:/Приложения/trisync/a.txt" }] },
    });
    expect((await client.send("GET resources", { path: "disk:/Приложения/trisync/a.txt" })).status).toBe(200);
    expect(await client.failure("GET resources", { path: "disk:/" })).toBe("403 ForbiddenError");
    expect(await client.failure("PUT resources", { path: "disk:/new" })).toBe("403 ForbiddenError");
    expect(await client.failure("GET disk")).toBe("403 ForbiddenError");
    client.token = emulator.tokens.issue({ scopes: ["cloud_api:disk.read"] }).accessToken;
    expect(await client.failure("PUT resources", { path: "disk:/new" })).toBe("403 ForbiddenError");
    expect(emulator.misuse).toEqual([]);
  });
});

describe("misuse", () => {
  const raw = async (method: string, place: string, init: RequestInit = {}): Promise<number> => {
    const headers = new Headers({ Authorization: `OAuth ${client.token}` });
    for (const [name, value] of new Headers(init.headers)) headers.set(name, value);
    return (await fetch(`${emulator.apiUrl}/v1/disk/${place}`, { ...init, method, headers })).status;
  };

  test.each([
    ["a path without percent encoding", "GET", "resources?path=disk:/a", 200, "is not percent-encoded"],
    ["escapes that are no UTF-8", "GET", "resources?path=disk%3A%2F%FF", 400, "is not percent-encoded UTF-8"],
    ["an unknown parameter", "GET", "resources?path=disk%3A%2Fa&recursive=true", 200, 'unknown parameter "recursive"'],
    ["a parameter given twice", "GET", "resources?path=disk%3A%2Fa&path=disk%3A%2Fa", 200, "comes twice"],
    ["a path without scheme or slash", "GET", "resources?path=a", 200, 'does not begin with "disk:/"'],
    ["a colon without disk:/", "GET", "resources?path=x%3Ay", 400, "is taken for a scheme"],
    ["two slashes in a row", "GET", "resources?path=disk%3A%2F%2Fa", 200, "two slashes"],
    ["dots as a name", "GET", "resources?path=disk%3A%2F..%2Fa", 400, "does not store"],
    ["a name that is not NFC", "PUT", "resources?path=disk%3A%2Fe%CC%81", 201, "is not NFC"],
    ["an unknown address", "GET", "resources/recursive", 404, "does not exist"],
    ["a wrong method", "POST", "resources?path=disk%3A%2Fa", 405, "does not exist"],
    ["a further page without sort", "GET", "resources?path=disk%3A%2F&offset=1", 200, "without sort"],
  ])("%s", async (_title, method, place, status, misuse) => {
    emulator.remote.seed({ "/a": null, "/b": null });
    expect(await raw(method, place)).toBe(status);
    expect(emulator.misuse).toHaveLength(1);
    expect(emulator.misuse[0]).toContain(misuse);
  });

  test("bodies where none belong, tokens that are missing, answers that are not wanted", async () => {
    const json = { "Content-Type": "application/json" };
    expect(await raw("PUT", "resources?path=disk%3A%2Fa", { body: "{}", headers: json })).toBe(415);
    expect(await raw("GET", "resources?path=disk%3A%2F", { headers: { Authorization: "" } })).toBe(401);
    expect(await raw("GET", "resources?path=disk%3A%2F", { headers: { Accept: "text/html" } })).toBe(406);
    const form = { "Content-Type": "application/x-www-form-urlencoded" };
    expect(await raw("PUT", "resources?path=disk%3A%2Fa", { headers: form })).toBe(201);
    expect(emulator.misuse).toHaveLength(3);
    emulator.resetCounters();
    expect(
      await raw("GET", "resources?path=disk%3A%2F", { headers: { Authorization: `Bearer ${client.token}` } }),
    ).toBe(200);
    expect(emulator.misuse).toEqual([]);
  });
});

describe("sign-in", () => {
  const form = (fields: Readonly<Record<string, string>>): Readonly<Record<string, string>> => ({
    client_id: emulator.app.id,
    client_secret: emulator.app.secret,
    ...fields,
  });
  const TokenAnswer = z.object({
    access_token: z.string(),
    refresh_token: z.string(),
    token_type: z.literal("bearer"),
  });

  test("by the verification page: the code is shown, works once and for ten minutes", async () => {
    const address = `${emulator.authUrl}/authorize?response_type=code&client_id=${emulator.app.id}`;
    const show = async (): Promise<string> => /id="code">([^<]+)/.exec(String((await get(address)).body))?.[1] ?? "";
    const redeem = (code: string) =>
      postForm(`${emulator.authUrl}/token`, form({ grant_type: "authorization_code", code }));
    const code = await show();
    const { body, status } = await redeem(code);
    expect(status).toBe(200);
    client.token = TokenAnswer.parse(body).access_token;
    expect((await client.send("GET disk")).status).toBe(200);
    expect(await redeem(code)).toMatchObject({ status: 400, body: { error: "invalid_grant" } });
    const late = await show();
    emulator.advanceClock(11 * 60 * 1000);
    expect(await redeem(late)).toMatchObject({ status: 400, body: { error: "invalid_grant" } });
    expect(emulator.misuse).toEqual([]);
  });

  test("by device code: pending, approved once, denied, expired; polled too often is misuse", async () => {
    emulator.settings.consent = "wait";
    const Device = z.object({
      device_code: z.string(),
      user_code: z.string(),
      interval: z.literal(5),
      expires_in: z.literal(300),
    });
    const begin = async () =>
      Device.parse((await postForm(`${emulator.authUrl}/device/code`, { client_id: emulator.app.id })).body);
    const poll = (code: string) => {
      emulator.advanceClock(5000);
      return postForm(`${emulator.authUrl}/token`, form({ grant_type: "device_code", code }));
    };
    const first = await begin();
    expect(await poll(first.device_code)).toMatchObject({ status: 400, body: { error: "authorization_pending" } });
    emulator.answerDevice(first.user_code, "approve");
    expect(await poll(first.device_code)).toMatchObject({ status: 200, body: { token_type: "bearer" } });
    expect(await poll(first.device_code)).toMatchObject({ status: 400, body: { error: "invalid_grant" } });
    const second = await begin();
    emulator.answerDevice(second.user_code, "deny");
    expect(await poll(second.device_code)).toMatchObject({ status: 400, body: { error: "access_denied" } });
    const third = await begin();
    emulator.advanceClock(301_000);
    expect(await poll(third.device_code)).toMatchObject({ status: 400, body: { error: "invalid_grant" } });
    expect(emulator.misuse).toEqual([]);
    const fourth = await begin();
    await postForm(`${emulator.authUrl}/token`, form({ grant_type: "device_code", code: fourth.device_code }));
    expect(emulator.misuse).toEqual(["POST token: the device code is polled too often"]);
  });

  test("refresh tokens rotate; old ones, wrong secrets and revoked tokens are refused", async () => {
    const { refreshToken, accessToken } = emulator.tokens.issue();
    const refresh = (token: string) =>
      postForm(`${emulator.authUrl}/token`, form({ grant_type: "refresh_token", refresh_token: token }));
    const next = TokenAnswer.parse((await refresh(refreshToken)).body);
    expect(next.refresh_token).not.toBe(refreshToken);
    expect(await refresh(refreshToken)).toMatchObject({ status: 400, body: { error: "invalid_grant" } });
    emulator.settings.refreshKeepsAccessToken = true;
    const kept = TokenAnswer.parse((await refresh(next.refresh_token)).body);
    expect(kept.access_token).toBe(next.access_token);
    const wrong = form({ grant_type: "refresh_token", refresh_token: kept.refresh_token, client_secret: "wrong" });
    expect(await postForm(`${emulator.authUrl}/token`, wrong)).toMatchObject({
      status: 400,
      body: { error: "invalid_client" },
    });
    const revoke = await postForm(`${emulator.authUrl}/revoke_token`, form({ access_token: accessToken }));
    expect(revoke).toMatchObject({ status: 200, body: { status: "ok" } });
    client.token = kept.access_token;
    expect(await client.failure("GET disk")).toBe("401 UnauthorizedError");
    expect(emulator.tokens.validRefreshTokens).toHaveLength(1);
    expect(emulator.misuse).toEqual([]);
  });

  test("401 after expiry, and after so many uses of a token", async () => {
    emulator.settings.accessTokenUses = 2;
    client.token = emulator.tokens.issue().accessToken;
    expect((await client.send("GET disk")).status).toBe(200);
    expect((await client.send("GET disk")).status).toBe(200);
    expect(await client.failure("GET disk")).toBe("401 UnauthorizedError");
    client.token = emulator.tokens.issue({ expiresInSeconds: 60, uses: 100 }).accessToken;
    expect((await client.send("GET disk")).status).toBe(200);
    emulator.advanceClock(61_000);
    expect(await client.failure("GET disk")).toBe("401 UnauthorizedError");
    client.token = emulator.tokens.issue({ uses: 100 }).accessToken;
    emulator.fault({ route: "GET disk", kind: "expired-token" });
    expect(await client.failure("GET disk")).toBe("401 UnauthorizedError");
    expect(await client.failure("GET disk")).toBe("401 UnauthorizedError");
  });
});

describe("trouble on demand", () => {
  test("the n-th request of a route: 429 with and without Retry-After, 500 before and after the work", async () => {
    emulator.fault({ route: "PUT resources", nth: 2, kind: "rate-limit", retryAfter: 3 });
    emulator.fault({ route: "PUT resources", nth: 3, kind: "rate-limit" });
    emulator.fault({ route: "PUT resources", nth: 4, kind: "status", status: 500 });
    emulator.fault({ route: "PUT resources", nth: 5, kind: "status", status: 503, processed: true, body: "<html>" });
    const answers = [];
    for (const name of ["a", "b", "c", "d", "e"])
      answers.push(await client.send("PUT resources", { path: `disk:/${name}` }));
    expect(answers.map(({ status }) => status)).toEqual([201, 429, 429, 500, 503]);
    expect(answers.map(({ headers }) => headers.get("retry-after"))).toEqual([null, "3", null, null, null]);
    expect(await emulator.remote.tree()).toEqual({ "/a": null, "/e": null });
    expect(emulator.earlyRequests).toBe(3);
  });

  test("connections cut before and after the work, half answers, web pages, errors of choice", async () => {
    const make = (name: string) => client.send("PUT resources", { path: `disk:/${name}` });
    emulator.fault({ route: "*", host: "api", kind: "cut-before" });
    await expect(make("before")).rejects.toThrow();
    emulator.fault({ route: "PUT resources", kind: "cut-after" });
    await expect(make("after")).rejects.toThrow();
    emulator.fault({ route: "PUT resources", kind: "cut-half" });
    await expect(make("cut half")).rejects.toThrow();
    emulator.fault({ route: "PUT resources", kind: "half-json" });
    await expect(make("half json")).rejects.toThrow(SyntaxError);
    emulator.fault({ route: "PUT resources", kind: "html" });
    expect(await make("html")).toMatchObject({ status: 200, body: WEB_PAGE });
    emulator.fault({ route: "PUT resources", kind: "error", status: 423, error: "DiskReadOnlyError" });
    expect(await make("error")).toMatchObject({ status: 423, body: { error: "DiskReadOnlyError" } });
    emulator.fault({ route: "PUT resources", kind: "locked" });
    expect(await make("locked")).toMatchObject({ status: 423, body: { error: "DiskResourceLockedError" } });
    emulator.fault({ route: "PUT upload-target", kind: "cut-after" });
    await expect(client.upload("disk:/stored.txt", "x")).rejects.toThrow();
    emulator.fault({ route: "PUT upload-target", kind: "cut-half" });
    await expect(client.upload("disk:/stored too.txt", "x")).rejects.toThrow();
    emulator.fault({ route: "GET resources/upload", kind: "traffic-limit", longName: true });
    expect(await client.failure("GET resources/upload", { path: "disk:/x" })).toBe(
      "423 DiskResourceUploadTrafficLimitExceededError",
    );
    emulator.fault({ route: "PUT upload-target", kind: "no-space" });
    expect(await client.upload("disk:/full.txt", "x")).toBe(507);
    expect(Object.keys(await emulator.remote.tree()).sort()).toEqual([
      "/after",
      "/cut half",
      "/half json",
      "/stored too.txt",
      "/stored.txt",
    ]);
    expect(emulator.misuse).toEqual([]);
  });

  test.each<Fault>([
    { route: "PUT upload-target", kind: "half-json" },
    { route: "DELETE resources", kind: "empty-body" },
    { route: "*", kind: "half-body" },
    { route: "GET resources/download", kind: "wrong-bytes" },
    { route: "PUT resources", kind: "accepted" },
    { route: "GET disk", kind: "empty-page" },
    { route: "POST token", kind: "expired-token" },
  ])("what could strike and change nothing is refused: $kind of $route", (fault) => {
    expectRefused(emulator, fault);
  });

  test("more than the allowed requests in any second are refused", async () => {
    emulator.settings.requestsPerSecond = 5;
    const burst = await Promise.all(Array.from({ length: 8 }, () => client.send("GET disk")));
    expect(burst.filter(({ status }) => status === 429)).toHaveLength(3);
    expect(emulator.rateLimited).toBe(3);
    expect(emulator.peakRate).toBe(8);
    // A bucket holds twice the rate, and fills up slowly enough for the twelve to come before the next one.
    Object.assign(emulator.settings, { rateCounting: "bucket", requestsPerSecond: 1 });
    const second = await Promise.all(Array.from({ length: 12 }, () => client.send("GET disk")));
    expect(second.filter(({ status }) => status === 429)).toHaveLength(10);
    expect(emulator.countsByHost()).toEqual({ api: 20 });
  });
});

test("as a process of its own, it is controlled from outside", async () => {
  const service = await startYandexProcess(["--rate-limit", "40"]);
  try {
    await service.control("remote.write", "/a.txt", "hello");
    await service.control("remote.writeMany", { "/b/c.txt": { base64: "aGVsbG8=" }, "/d": null });
    const response = await fetch(`${service.apiUrl}/v1/disk/resources?path=disk%3A%2Fa.txt&fields=sha256`, {
      headers: { Authorization: `OAuth ${service.accessToken}` },
    });
    expect(await response.json()).toEqual({ sha256: HELLO_SHA256 });
    expect(await service.control("remote.hashes")).toEqual({
      ...{ "/a.txt": HELLO_SHA256, "/b": null, "/b/c.txt": HELLO_SHA256, "/d": null },
    });
    expect(await service.control("countsByRoute")).toEqual({ "GET resources": 1 });
    await service.control("settings", { visibilityDelayMs: 5 });
    await expect(service.control("settings", { colour: 1 })).rejects.toThrow("there is no setting colour");
    await service.control("fault", { route: "GET disk", kind: "html" });
    expect(await service.control("pendingFaults")).toHaveLength(1);
    expect(await service.control("misuse")).toEqual([]);
    expect(service.env).toMatchObject({ YANDEX_API_URL: service.apiUrl, YANDEX_AUTH_URL: service.authUrl });
  } finally {
    await service.stop();
  }
});
