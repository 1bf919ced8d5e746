import { createHash } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createFlickr, type FlickrServicesWithOAuth } from "flickr-sdk";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import * as z from "zod";
import type { TlsProxy } from "./shared/tls-proxy.js";
import { type FlickrEmulator, startFlickrEmulator } from "./flickr/emulator.js";
import { startEmulatorProcess } from "./flickr/emulator-process.js";
import { leadThrough } from "./flickr/lead-through.js";
import { RawClient } from "./flickr/raw-client.js";
import { openTlsProxy } from "./flickr/tls-proxy.js";
import { sampleJpeg, sampleMp4 } from "./gphotos/samples.js";

const PHOTO = sampleJpeg("photo", { takenAt: new Date("2020-02-03T04:05:06Z"), width: 1200, height: 900 });
const OTHER = sampleJpeg("other", { paddingBytes: 300_000 });

describe("the official SDK, as it is published, by the service's own host names", () => {
  let emulator: FlickrEmulator;
  let directory: string;
  let proxy: TlsProxy;
  let undo: () => void;

  beforeEach(async () => {
    emulator = await startFlickrEmulator({ requireTls: true });
    directory = await mkdtemp(join(tmpdir(), "flickr-clients-"));
    proxy = await openTlsProxy(emulator, directory);
    undo = await leadThrough(proxy);
  });

  afterEach(async () => {
    undo();
    await proxy.close();
    await emulator.close();
    await rm(directory, { recursive: true, force: true });
  });

  function sdk(token = emulator.token): FlickrServicesWithOAuth {
    return createFlickr({
      consumerKey: emulator.app.key,
      consumerSecret: emulator.app.secret,
      oauthToken: token.token,
      oauthTokenSecret: token.secret,
    });
  }

  test("signs in by its three legs", async () => {
    const { key: consumerKey, secret: consumerSecret } = emulator.app;
    const first = createFlickr({ consumerKey, consumerSecret, oauthToken: false, oauthTokenSecret: false });
    const { requestToken, requestTokenSecret } = await first.oauth.request("http://localhost:3000/oauth/callback");
    const page = await fetch(first.oauth.authorizeUrl(requestToken, "delete"), { redirect: "manual" });
    const verifier = new URL(page.headers.get("location") ?? "").searchParams.get("oauth_verifier") ?? "";
    const second = createFlickr({
      ...{ consumerKey, consumerSecret, oauthToken: requestToken, oauthTokenSecret: requestTokenSecret },
    });
    const verified = await second.oauth.verify(verifier);
    expect(verified).toMatchObject({ nsid: "12345678@N00", username: "jane", fullname: "Jane Doe" });
    const { flickr } = createFlickr({
      ...{ consumerKey, consumerSecret, oauthToken: verified.oauthToken },
      oauthTokenSecret: verified.oauthTokenSecret,
    });
    expect(await flickr("flickr.test.login", {})).toMatchObject({ user: { id: "12345678@N00" } });
    expect(emulator.misuse).toEqual([]);
  });

  test("uploads, finds, replaces, sorts into albums and deletes", async () => {
    const file = join(directory, "Ein Bild.jpg");
    await writeFile(file, PHOTO);
    const { flickr, replace, upload } = sdk();
    const sent = await upload(file, {
      title: "Ein Bild (1)!",
      tags: 'checksum:sha1=00ff "zwei Wörter"',
      is_public: "0",
    });
    expect(sent.id).toMatch(/^\d{11}$/);
    const second = await upload(new File([OTHER], "other.jpg", { type: "image/jpeg" }), { title: "other" });
    const found: unknown = await flickr("flickr.photos.search", {
      ...{ user_id: "me", machine_tags: 'checksum:sha1="00ff"', extras: "url_o,original_format,machine_tags" },
    });
    expect(found).toMatchObject({
      photos: { total: "1", photo: [{ id: sent.id, machine_tags: "checksum:sha1=00ff" }] },
    });
    expect(await hashAt(urlOf(found))).toBe(sha256(PHOTO));
    await replace(sent.id, new File([OTHER], "new.jpg"));
    const all: unknown = await flickr("flickr.people.getPhotos", {
      user_id: "me",
      extras: "url_o",
      per_page: "1",
      page: "2",
    });
    expect(await hashAt(urlOf(all))).toBe(sha256(OTHER));
    const created: unknown = await flickr("flickr.photosets.create", { title: "Ferien", primary_photo_id: sent.id });
    const { photoset } = z.object({ photoset: z.object({ id: z.string() }) }).parse(created);
    await flickr("flickr.photosets.addPhoto", { photoset_id: photoset.id, photo_id: second.id });
    expect(await flickr("flickr.photosets.getList", {})).toMatchObject({
      photosets: { photoset: [{ id: photoset.id, photos: 2, title: { _content: "Ferien" } }] },
    });
    const { nsid: user_id } = emulator.account;
    expect(await flickr("flickr.photosets.getPhotos", { photoset_id: photoset.id, user_id })).toMatchObject({
      photoset: { photo: [{ id: sent.id, isprimary: "1" }, { id: second.id }] },
    });
    await flickr("flickr.photosets.editPhotos", {
      ...{ photoset_id: photoset.id, primary_photo_id: second.id, photo_ids: second.id },
    });
    await flickr("flickr.photosets.editMeta", { photoset_id: photoset.id, title: "Ferien & mehr" });
    await flickr("flickr.photos.setMeta", { photo_id: second.id, title: "ä'(*)" });
    expect(emulator.remote.tree()).toEqual({
      "": { "Ein Bild (1)!": sha256(OTHER) },
      "Ferien & mehr": { "ä'(*)": sha256(OTHER) },
    });
    await flickr("flickr.photos.delete", { photo_id: second.id });
    expect(emulator.remote.sets()).toEqual([]);
    expect(emulator.misuse).toEqual([]);
  });

  test("is told of failures in its own words", async () => {
    const { flickr, upload } = sdk(emulator.tokens.issue({ perms: "write" }));
    await expect(upload(new File(["no picture"], "a.txt"), {})).rejects.toThrow("Filetype was not recognised");
    await expect(flickr("flickr.photos.getInfo", { photo_id: "1" })).rejects.toThrow("Photo not found");
    await expect(flickr("flickr.photos.delete", { photo_id: "1" })).rejects.toThrow("Insufficient permissions");
    emulator.fault({ route: "test.login", kind: "rate-limit" });
    await expect(flickr("flickr.test.login", {})).rejects.toThrow("Too Many Requests");
    emulator.tokens.revokeAll();
    await expect(flickr("flickr.test.login", {})).rejects.toThrow("Invalid auth token");
  });

  test("sees public photos with the key alone", async () => {
    await emulator.remote.addPhoto({ title: "open", content: PHOTO, isPublic: true });
    await emulator.remote.addPhoto({ title: "secret", content: OTHER });
    const { flickr } = createFlickr(emulator.app.key);
    const { nsid: user_id } = emulator.account;
    expect(await flickr("flickr.people.getPhotos", { user_id })).toMatchObject({
      photos: { total: "1", photo: [{ title: "open" }] },
    });
    await expect(flickr("flickr.test.login", {})).rejects.toThrow("not logged in");
  });

  test("follows a video to the image host by its real names", async () => {
    const film = sampleMp4("film", { paddingBytes: 50_000 });
    const { flickr, upload } = sdk();
    const { id } = await upload(new File([film], "film.mp4"), { title: "film" });
    const { sizes } = z
      .object({ sizes: z.object({ size: z.array(z.object({ label: z.string(), source: z.string() })) }) })
      .parse(await flickr("flickr.photos.getSizes", { photo_id: id }));
    const source = sizes.size.find(({ label }) => label === "Video Original")?.source ?? "";
    expect(source).toMatch(/^https:\/\/www\.flickr\.com\/photos\//);
    const response = await fetch(source);
    expect(response.url).toMatch(/^https:\/\/live\.staticflickr\.com\/video\//);
    expect(sha256(Buffer.from(await response.arrayBuffer()))).toBe(sha256(film));
  });
});

describe("a process of its own", () => {
  test("answers with latency, is looked into from outside, and ends when told to", async () => {
    const service = await startEmulatorProcess(["--latency-ms", "50"]);
    try {
      const client = new RawClient(service);
      const startMs = Date.now();
      expect(await client.call("test.login")).toMatchObject({ user: { id: service.nsid } });
      expect(Date.now() - startMs).toBeGreaterThanOrEqual(49);
      const content = { base64: PHOTO.toString("base64") };
      const Photo = z.object({ id: z.string() });
      const photo = Photo.parse(await service.control("remote.addPhoto", { title: "a", content, sets: ["S"] }));
      expect(await service.control("remote.tree")).toEqual({ S: { a: sha256(PHOTO) } });
      expect(await service.control("remote.read", photo.id)).toEqual(content);
      await service.control("remote.removePhoto", photo.id);
      expect(await service.control("remote.photos")).toEqual([]);
      await service.control("fault", { route: "test.login", kind: "status", status: 500 });
      expect(await client.call("test.login")).toMatchObject({ httpStatus: 500 });
      await service.control("settings", { latencyMs: 0, searchLagMs: 5 });
      expect(await service.control("requestCounts")).toEqual({ "test.login": 2 });
      expect(await service.control("counters")).toMatchObject({ requestsInHour: 1, openTickets: 0 });
      await expect(service.control("settings", { latency: 1 })).rejects.toThrow("there is no setting latency");
      expect(service.env).toMatchObject({ FLICKR_API_URL: service.apiUrl, FLICKR_OAUTH_TOKEN: service.token.token });
      expect(await service.control("misuse")).toEqual([]);
    } finally {
      await service.stop();
    }
    await expect(fetch(service.apiUrl)).rejects.toThrow("fetch failed");
  });
});

function urlOf(answer: unknown): string {
  const Urls = z.object({ photos: z.object({ photo: z.array(z.object({ url_o: z.string() })) }) });
  return Urls.parse(answer).photos.photo[0]?.url_o ?? "";
}

async function hashAt(url: string): Promise<string> {
  expect(url).toMatch(/^https:\/\/live\.staticflickr\.com\/65535\//);
  return sha256(Buffer.from(await (await fetch(url)).arrayBuffer()));
}

function sha256(content: Buffer): string {
  return createHash("sha256").update(content).digest("hex");
}
