import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import * as z from "zod";
import { findRclone } from "../../bench/rclone.js";
import type { TlsProxy } from "./shared/tls-proxy.js";
import { type GooglePhotosEmulator, startGooglePhotosEmulator } from "./gphotos/emulator.js";
import { startEmulatorProcess } from "./gphotos/emulator-process.js";
import { sampleJpeg, sampleMp4 } from "./gphotos/samples.js";
import { openTlsProxy } from "./gphotos/tls-proxy.js";

const run = promisify(execFile);
const hasRclone = (await findRclone()) !== undefined;

const PHOTO = sampleJpeg("photo", { takenAt: new Date("2020-02-03T04:05:06Z"), hasPosition: true });
const FILM = sampleMp4("film", { paddingBytes: 300_000 });

let emulator: GooglePhotosEmulator;
let directory: string;
let proxy: TlsProxy;

beforeEach(async () => {
  emulator = await startGooglePhotosEmulator();
  directory = await mkdtemp(join(tmpdir(), "gphotos-clients-"));
  proxy = await openTlsProxy(emulator, directory);
});

afterEach(async () => {
  await proxy.close();
  await emulator.close();
  await rm(directory, { recursive: true, force: true });
});

describe("the googlephotos package, as it is published, by the service's own host names", () => {
  test("creates an album, uploads into it, finds everything again", async () => {
    const file = join(directory, "a.jpg");
    await writeFile(file, PHOTO);
    const results = await callPackage([
      ["albums", "create", ["Holidays"]],
      ["mediaItems", "upload", ["#1.id", "a.jpg", file, "a beach"]],
      ["mediaItems", "search", ["#1.id"]],
      ["mediaItems", "list", []],
      ["mediaItems", "get", ["#2.newMediaItemResults.0.mediaItem.id"]],
      ["mediaItems", "batchGet", [["#2.newMediaItemResults.0.mediaItem.id"]]],
      ["albums", "list", []],
      ["albums", "addEnrichment", ["#1.id", { textEnrichment: { text: "x" } }, { position: "FIRST_IN_ALBUM" }]],
      ["albums", "batchRemoveMediaItems", ["#1.id", ["#2.newMediaItemResults.0.mediaItem.id"]]],
      ["albums", "batchAddMediaItems", ["#1.id", ["#2.newMediaItemResults.0.mediaItem.id"]]],
      ["albums", "get", ["#1.id"]],
    ]);
    const item = { filename: "a.jpg", mimeType: "image/jpeg", description: "a beach" };
    expect(results).toMatchObject([
      { title: "Holidays" },
      { newMediaItemResults: [{ status: { message: "Success" }, mediaItem: item }] },
      { mediaItems: [item] },
      { mediaItems: [item] },
      item,
      { mediaItemResults: [{ mediaItem: item }] },
      { albums: [{ title: "Holidays", mediaItemsCount: "1" }] },
      { enrichmentItem: {} },
      {},
      {},
      { title: "Holidays", mediaItemsCount: "1" },
    ]);
    expect(emulator.remote.tree()).toEqual({ Holidays: { "a.jpg": sha256(PHOTO) } });
    // The package is from before these rules; nothing else about it is out of order.
    expect(new Set(emulator.misuse)).toEqual(
      new Set([
        "mediaItems.batchCreate: a slash before the colon of the method",
        "mediaItems.batchCreate: an item without fileName shows a date as its name",
        "mediaItems.batchGet: a slash before the colon of the method",
      ]),
    );
  });

  test("is refused what has gone since, and told so by status", async () => {
    const album = emulator.remote.addAlbum("A");
    const results = await callPackage([
      ["albums", "share", [album.id, true, true]],
      ["albums", "unshare", [album.id]],
      ["sharedAlbums", "list", []],
      ["mediaItems", "get", ["none"]],
      ["mediaItems", "batchGet", [["none"]]],
    ]);
    expect(results).toEqual([
      { failed: 403 },
      { failed: 403 },
      { failed: 403 },
      { failed: 404 },
      { mediaItemResults: [{ status: { code: 5, message: "Requested entity was not found." } }] },
    ]);
  });
});

describe.runIf(hasRclone)("rclone", () => {
  test("refreshes its token, uploads two files into a new album, lists, downloads and removes", async () => {
    const source = join(directory, "source");
    await mkdir(source);
    await writeFile(join(source, "photo.jpg"), PHOTO);
    await writeFile(join(source, "film.mp4"), FILM);
    expect(await rclone("lsf", "gphotos:album")).toBe("");
    await rclone("copy", "--transfers", "1", source, "gphotos:album/Holidays/Beach");
    expect(emulator.remote.tree()).toEqual({
      "Holidays/Beach": { "film.mp4": sha256(FILM), "photo.jpg": sha256(PHOTO) },
    });
    expect(await lines("lsf", "-R", "--files-only", "gphotos:album")).toEqual([
      "Holidays/Beach/film.mp4",
      "Holidays/Beach/photo.jpg",
    ]);
    expect(await rclone("lsl", "gphotos:media/by-year/2020")).toContain("2020-02-03 04:05:06");
    await rclone("copy", "gphotos:album/Holidays/Beach", join(directory, "back"));
    expect(await readdir(join(directory, "back"))).toEqual(["film.mp4", "photo.jpg"]);
    expect(await readFile(join(directory, "back", "photo.jpg"))).not.toEqual(PHOTO);
    await rclone("deletefile", "gphotos:album/Holidays/Beach/film.mp4");
    expect(Object.keys(emulator.remote.tree()["Holidays/Beach"] ?? {})).toEqual(["photo.jpg"]);
    expect(emulator.remote.items()).toHaveLength(2);
    expect(emulator.requestCounts()).toMatchObject({
      "oauth.token": 1,
      "albums.create": 1,
      "uploads.raw": 2,
      "mediaItems.batchCreate": 2,
      "media.get": 2,
      "albums.batchRemoveMediaItems": 1,
    });
    expect(new Set(emulator.misuse)).toEqual(
      new Set([
        'uploads.raw: bytes sent as ""',
        "uploads.raw: an upload without Content-Length",
        "mediaItems.batchCreate: an item without fileName shows a date as its name",
        "media.get: a token was sent to the image host",
      ]),
    );
  });

  test("survives a 503 and a passing 429 by trying again", async () => {
    await emulator.remote.addItem({ filename: "a.jpg", content: PHOTO });
    emulator.fault({ route: "mediaItems.search", kind: "status", status: 503 });
    expect(await lines("lsf", "gphotos:media/by-year/2020")).toEqual(["a.jpg"]);
    emulator.fault({ route: "mediaItems.search", kind: "quota", limit: "per-minute" });
    expect(await lines("lsf", "gphotos:media/by-year/2020")).toEqual(["a.jpg"]);
    expect(emulator.pendingFaults()).toEqual([]);
  });
});

describe("a process of its own", () => {
  test("answers with latency, is looked into from outside, and ends when told to", async () => {
    const service = await startEmulatorProcess(["--latency-ms", "50"]);
    try {
      const headers = { Authorization: `Bearer ${service.accessToken}` };
      const startMs = Date.now();
      expect((await fetch(`${service.apiUrl}/v1/albums`, { headers })).status).toBe(200);
      expect(Date.now() - startMs).toBeGreaterThanOrEqual(49);
      const album = z.object({ id: z.string() }).parse(await service.control("remote.addAlbum", "A"));
      const content = { base64: PHOTO.toString("base64") };
      const seed = { filename: "a.jpg", content, albumIds: [album.id] };
      const item = z.object({ id: z.string() }).parse(await service.control("remote.addItem", seed));
      expect(await service.control("remote.tree")).toEqual({ A: { "a.jpg": sha256(PHOTO) } });
      expect(await service.control("remote.read", item.id)).toEqual(content);
      await service.control("remote.removeItem", item.id);
      expect(await service.control("remote.items")).toEqual([]);
      await service.control("fault", { route: "albums.list", kind: "status", status: 500 });
      expect((await fetch(`${service.apiUrl}/v1/albums`, { headers })).status).toBe(500);
      await service.control("settings", { latencyMs: 0, listLagMs: 5 });
      expect(await service.control("requestCounts")).toEqual({ "albums.list": 2 });
      expect(await service.control("counters")).toMatchObject({ requestsToday: 1, lockRejections: 0 });
      await expect(service.control("settings", { latency: 1 })).rejects.toThrow("there is no setting latency");
      expect(service.env).toMatchObject({ GOOGLE_API_URL: service.apiUrl });
      expect(service.clientFile).toHaveProperty("installed.client_id", service.app.clientId);
      expect(await service.control("misuse")).toEqual([]);
    } finally {
      await service.stop();
    }
    await expect(fetch(`${service.apiUrl}/v1/albums`)).rejects.toThrow("fetch failed");
  });
});

type PackageCall = readonly [group: string, method: string, args: readonly unknown[]];

async function callPackage(calls: readonly PackageCall[]): Promise<unknown> {
  const child = fileURLToPath(new URL("gphotos/children/googlephotos-calls.ts", import.meta.url));
  const tsx = createRequire(import.meta.url).resolve("tsx");
  const { accessToken } = emulator.tokens.issue();
  const args = ["--import", tsx, child, proxy.url, accessToken, JSON.stringify(calls)];
  const env = { ...process.env, NODE_EXTRA_CA_CERTS: proxy.caFile };
  const { stdout } = await run(process.execPath, args, { env });
  return JSON.parse(stdout);
}

async function rclone(...args: readonly string[]): Promise<string> {
  const config = join(directory, "rclone.conf");
  const { refreshToken } = emulator.tokens.issue();
  const token = {
    access_token: "old",
    refresh_token: refreshToken,
    token_type: "Bearer",
    expiry: "2020-01-01T00:00:00Z",
  };
  const { clientId, clientSecret } = emulator.app;
  const section = ["[gphotos]", "type = google photos", `client_id = ${clientId}`, `client_secret = ${clientSecret}`];
  // Written once: the refreshed token is kept there.
  await writeFile(config, [...section, `token = ${JSON.stringify(token)}`, ""].join("\n"), { flag: "wx" }).catch(
    () => undefined,
  );
  const env = { PATH: process.env["PATH"] ?? "", HOME: directory, HTTPS_PROXY: proxy.url };
  const { stdout } = await run("rclone", ["--config", config, "--ca-cert", proxy.caFile, ...args], { env });
  return stdout;
}

async function lines(...args: readonly string[]): Promise<readonly string[]> {
  const text = await rclone(...args);
  return text
    .split("\n")
    .filter((line) => line !== "")
    .sort();
}

function sha256(content: Buffer): string {
  return createHash("sha256").update(content).digest("hex");
}
