import { randomBytes } from "node:crypto";
import { request } from "node:http";
import process from "node:process";
import { beforeEach, describe, expect, test } from "vitest";
import * as z from "zod";
import { type FlickrEmulator, startFlickrEmulator } from "./flickr/emulator.js";
import { readMultipart } from "./flickr/multipart.js";
import { RawClient } from "./flickr/raw-client.js";
import { sampleJpeg, sampleMp4, samplePng } from "./gphotos/samples.js";

const HASH = "d41d8cd98f00b204e9800998ecf8427e";
const UNIX_TIME: unknown = expect.stringMatching(/^\d{10}$/);
const LARGE_URL: unknown = expect.stringMatching(/_[0-9a-f]{10}_k\.jpg$/);
const ORIGINAL_URL: unknown = expect.stringMatching(/_[0-9a-f]{10}_o\.jpg$/);
const TAKEN = new Date("2020-02-03T04:05:06Z");

let emulator: FlickrEmulator;
let client: RawClient;

beforeEach(async () => {
  emulator = await startFlickrEmulator();
  client = new RawClient(emulator);
  return () => emulator.close();
});

const List = z.object({
  photos: z.object({
    page: z.number(),
    pages: z.number(),
    perpage: z.number(),
    total: z.string(),
    photo: z.array(z.record(z.string(), z.unknown())),
  }),
});

async function list(method: string, args: Readonly<Record<string, string | number>>) {
  const { photos } = List.parse(await client.call(method, args));
  return photos;
}

async function titles(method: string, args: Readonly<Record<string, string | number>>): Promise<readonly unknown[]> {
  return (await list(method, args)).photo.map(({ title }) => title);
}

describe("answers", () => {
  test("come as JSON, as JSON in a call, and as XML when nothing is said", async () => {
    const url = `${emulator.apiUrl}/services/rest/`;
    const read = async (data: Record<string, string>): Promise<string> =>
      await (await client.send(url, { method: "flickr.test.login", ...data })).text();
    const json = '{"user":{"id":"12345678@N00","username":{"_content":"jane"},"path_alias":null},"stat":"ok"}';
    expect(await read({ format: "json", nojsoncallback: "1" })).toBe(json);
    expect(await read({ format: "json" })).toBe(`jsonFlickrApi(${json})`);
    expect(await read({ format: "json", jsoncallback: "f" })).toBe(`f(${json})`);
    expect(await read({})).toBe(
      '<?xml version="1.0" encoding="utf-8" ?>\n<rsp stat="ok">\n' +
        '<user id="12345678@N00"><username>jane</username></user>\n</rsp>\n',
    );
    expect(await read({ method: "flickr.photos.getInfo", photo_id: "1" })).toContain(
      '<rsp stat="fail">\n<err code="1" msg="Photo not found" />',
    );
  });

  test("escape what XML reserves", async () => {
    await emulator.remote.addPhoto({ title: `<a> & "b"`, content: sampleJpeg(1) });
    const url = `${emulator.apiUrl}/services/rest/`;
    const data = { method: "flickr.people.getPhotos", user_id: "me" };
    expect(await (await client.send(url, data)).text()).toContain('title="&lt;a&gt; &amp; &quot;b&quot;"');
  });

  test("refuse formats and methods that do not exist, and note everything of that kind", async () => {
    expect(await client.call("photos.getAll")).toMatchObject({ code: 112 });
    expect(await client.call("photos.delete", { photo_id: "1" }, { method: "GET" })).toMatchObject({ httpStatus: 405 });
    await client.call("test.login", { colour: "red" });
    await client.call("people.getPhotos", { user_id: "me", per_page: 501, extras: "url_o, colour" });
    expect(emulator.misuse).toEqual([
      'photos.getAll: Method "flickr.photos.getAll" not found',
      "photos.delete: called by GET",
      "test.login: there is no argument colour",
      "people.getPhotos: per_page=501 is more than 500",
    ]);
    await emulator.remote.addPhoto({ title: "a", content: sampleJpeg(1) });
    emulator.resetCounters();
    await client.call("people.getPhotos", { user_id: "me", extras: "url_o, media" });
    expect(emulator.misuse).toContain("people.getPhotos: spaces in the comma list extras");
    expect(emulator.misuse).toContain('people.getPhotos: there is no extra " media"');
  });

  test("demand TLS and refuse banned addresses, where told to", async () => {
    emulator.settings.bannedUrls = ["http://bad.example"];
    const id = await client.uploaded(sampleJpeg(1));
    const description = "see http://bad.example/x";
    expect(await client.call("photos.setMeta", { photo_id: id, description })).toMatchObject({ code: 116 });
    emulator.settings.requireTls = true;
    expect(await client.call("test.login")).toMatchObject({ code: 95 });
    expect(await client.upload(sampleJpeg(2))).toContain('<err code="95"');
  });
});

describe("uploading", () => {
  test("keeps the very bytes; title, tags, privacy and dates come along", async () => {
    const content = sampleJpeg("a", { takenAt: TAKEN, paddingBytes: 400_000 });
    const tags = `checksum:md5=${HASH} "two words"`;
    const data = { title: "Café & co", description: "<b>x</b>", tags, is_public: "0", safety_level: "1" };
    const answer = await client.upload(content, { ...data, content_type: "1", hidden: "2" });
    expect(answer).toMatch(
      /^<\?xml version="1.0" encoding="utf-8" \?>\n<rsp stat="ok">\n<photoid secret="[0-9a-f]{10}" originalsecret="[0-9a-f]{10}">5300000000\d<\/photoid>\n<\/rsp>\n$/,
    );
    const [photo] = emulator.remote.photos();
    expect(photo).toMatchObject({
      title: "Café & co",
      description: "<b>x</b>",
      tags: [`checksum:md5=${HASH}`, "two words"],
      isPublic: false,
      taken: "2020-02-03 04:05:06",
      sets: [],
      safetyLevel: "1",
    });
    expect((await emulator.remote.read(photo?.id ?? "")).equals(content)).toBe(true);
    expect(emulator.misuse).toEqual([]);
  });

  test("without title or privacy: the file name without extension, and public", async () => {
    await client.upload(sampleJpeg(1), {}, { file: { name: "/tmp/x/IMG.0001.jpeg", content: sampleJpeg(1) } });
    await client.upload(sampleJpeg(2), { title: "b", is_public: "9" });
    emulator.settings.defaultPrivacy = "private";
    await client.upload(sampleJpeg(3), { title: "c" });
    expect(emulator.remote.photos()).toMatchObject([
      { title: "IMG.0001", isPublic: true },
      { title: "b", isPublic: true },
      { title: "c", isPublic: false },
    ]);
  });

  test("tells formats by the bytes alone", async () => {
    await client.uploaded(samplePng(1), { title: "a.jpg" });
    await client.uploaded(Buffer.concat([Buffer.from("GIF89a"), randomBytes(100)]), { title: "b" });
    await client.uploaded(sampleMp4(1), { title: "c" });
    expect(emulator.remote.photos().map(({ format, kind }) => [kind, format])).toEqual([
      ["photo", "png"],
      ["photo", "gif"],
      ["video", "mp4"],
    ]);
  });

  test("refuses what it never takes, by code", async () => {
    expect(await client.upload(Buffer.from("no picture"))).toContain('<err code="5" msg="Filetype was not recognised"');
    expect(await client.upload(Buffer.alloc(0))).toContain('<err code="4"');
    const url = `${emulator.uploadUrl}/services/upload/`;
    const without = await client.send(url, { title: "a" }, { method: "POST", place: "multipart" });
    expect(await without.text()).toContain('<err code="2"');
    Object.assign(emulator.settings, { photoBytes: 10, videoBytes: 10_000 });
    expect(await client.upload(sampleJpeg(1))).toContain('<err code="8"');
    expect(await client.upload(sampleMp4(1))).toContain("<photoid ");
    emulator.settings.videosPerAccount = 1;
    expect(await client.upload(sampleMp4(2))).toContain('<err code="7"');
    emulator.settings.videosDisabled = true;
    expect(await client.upload(sampleMp4(3))).toContain('<err code="0"');
    emulator.settings.requestBytes = 100;
    const response = await client.send(url, { title: "a" }, { method: "POST", place: "multipart", file: FILE });
    expect(response.status).toBe(413);
    expect(emulator.remote.photos()).toHaveLength(1);
    expect(emulator.misuse).toEqual(["upload: Filesize was zero", "upload: No photo specified"]);
  });

  test("takes doubles in silence, unless told to look for them", async () => {
    const id = await client.uploaded(sampleJpeg(1), { title: "a" });
    await client.uploaded(sampleJpeg(1), { title: "b" });
    expect(await client.upload(sampleJpeg(1), { dedup_check: "1" })).toContain(
      `<err code="9" msg="Duplicate" /><duplicate_photo_id>${id}</duplicate_photo_id>`,
    );
    emulator.settings.duplicateId = "attribute";
    expect(await client.upload(sampleJpeg(1), { dedup_check: "2" })).toContain(`duplicate_photo_id="${id}"`);
    expect(emulator.remote.photos()).toHaveLength(2);
  });

  test("notes fields that do not exist and names that would be spoilt", async () => {
    await client.upload(sampleJpeg(1), { method: "x" }, { file: { name: "Ä.jpg", content: sampleJpeg(1) } });
    expect(emulator.misuse).toEqual([
      "upload: there is no field method",
      "upload: a title from a file name beyond ASCII",
    ]);
  });

  test("takes large files without holding them in memory", { timeout: 120_000 }, async () => {
    const sizeBytes = 200 * 1024 * 1024;
    const before = process.memoryUsage().rss;
    let peak = before;
    const timer = setInterval(() => (peak = Math.max(peak, process.memoryUsage().rss)), 10);
    const answer = await uploadGenerated(sizeBytes);
    clearInterval(timer);
    expect(answer).toContain("<photoid ");
    expect(emulator.remote.photos()).toMatchObject([{ kind: "video", sizeBytes, title: "large" }]);
    expect(peak - before).toBeLessThan(150 * 1024 * 1024);
    expect(emulator.misuse).toEqual([]);
  });

  test("on the old host is no longer possible", async () => {
    const options = { method: "POST", place: "multipart", file: FILE } as const;
    expect((await client.send(`${emulator.apiUrl}/services/upload/`, {}, options)).status).toBe(404);
    expect((await client.send(`${emulator.uploadUrl}/services/store/`, {}, options)).status).toBe(404);
    expect(emulator.misuse).toHaveLength(2);
  });
});

describe("multipart forms", () => {
  const form = [
    "preamble\r\n--x",
    'Content-Disposition: form-data; name="title"\r\n\r\nü--x',
    "--x",
    'content-disposition: form-data; name=photo; filename="a%22.jpg"\r\nContent-Type: image/jpeg\r\n\r\n\r\n--\r\n--',
    "--x",
    'Content-Disposition: form-data; name="empty"\r\n\r\n',
    "--x--\r\nepilogue",
  ].join("\r\n");

  test.each([1, 2, 3, 5, 7, 1000])("come out the same, cut into pieces of %i bytes", async (pieceBytes) => {
    const whole = Buffer.from(form);
    const parts: Record<string, string> = {};
    async function* pieces(): AsyncGenerator<Buffer> {
      for (let at = 0; at < whole.length; at += pieceBytes) {
        yield await Promise.resolve(whole.subarray(at, at + pieceBytes));
      }
    }
    const isComplete = await readMultipart(pieces(), "x", ({ name, filename = "", contentType = "" }) => {
      const chunks: Buffer[] = [];
      return {
        write: (chunk) => void chunks.push(Buffer.from(chunk)),
        end: () => void (parts[`${name} ${filename} ${contentType}`] = Buffer.concat(chunks).toString()),
      };
    });
    expect(isComplete).toBe(true);
    expect(parts).toEqual({ "title  ": "ü--x", 'photo a".jpg image/jpeg': "\r\n--\r\n--", "empty  ": "" });
  });
});

describe("asynchronous uploads", () => {
  const Tickets = z.object({ uploader: z.object({ ticket: z.array(z.record(z.string(), z.unknown())) }) });
  const ticketOf = (xml: string): string => /<ticketid>(\d+-\d+)<\/ticketid>/.exec(xml)?.[1] ?? "";
  const check = async (...ids: readonly string[]): Promise<unknown> =>
    Tickets.parse(await client.call("photos.upload.checkTickets", { tickets: ids.join(",") })).uploader.ticket;

  test("give a ticket first, the photo when it is done", async () => {
    emulator.settings.ticketMs = 5000;
    const ticket = ticketOf(await client.upload(sampleJpeg(1), { title: "a", async: "1" }));
    const bad = ticketOf(await client.upload(Buffer.from("no picture"), { async: "1" }));
    expect(await check(ticket, bad, "1-2")).toEqual([
      { id: ticket, complete: 0 },
      { id: bad, complete: 0 },
      { id: "1-2", invalid: 1 },
    ]);
    expect(emulator.remote.photos()).toEqual([]);
    expect(emulator.openTickets).toBe(2);
    emulator.advanceClock(5000);
    expect(await check(ticket, bad)).toEqual([
      { id: ticket, complete: 1, photoid: "53000000001", imported: UNIX_TIME },
      { id: bad, complete: 2 },
    ]);
    expect(await titles("people.getPhotos", { user_id: "me" })).toEqual(["a"]);
    emulator.advanceClock(3_600_000);
    expect(await check(ticket)).toEqual([{ id: ticket, invalid: 1 }]);
    expect(emulator.misuse).toEqual([]);
  });

  test("may be asked for without a signature, and fail or get lost on demand", async () => {
    emulator.fault({ route: "upload", kind: "fail-ticket" });
    const ticket = ticketOf(await client.upload(sampleJpeg(1), { async: "1" }));
    const query = new URLSearchParams({
      ...{
        method: "flickr.photos.upload.checkTickets",
        api_key: emulator.app.key,
        format: "json",
        nojsoncallback: "1",
      },
      tickets: ticket,
    });
    const response = await fetch(`${emulator.apiUrl}/services/rest/?${query.toString()}`);
    expect(await response.json()).toEqual({ uploader: { ticket: [{ id: ticket, complete: 2 }] }, stat: "ok" });
    emulator.fault({ route: "photos.upload.checkTickets", kind: "lost-tickets" });
    expect(await check(ticket)).toEqual([{ id: ticket, invalid: 1 }]);
    expect(emulator.remote.photos()).toEqual([]);
  });

  test("of a replacement change the photo later", async () => {
    const id = await client.uploaded(sampleJpeg(1));
    emulator.settings.ticketMs = 1000;
    const ticket = ticketOf(await client.replace(id, sampleJpeg(2), { async: "1" }));
    expect(await emulator.remote.read(id)).toEqual(sampleJpeg(1));
    emulator.advanceClock(1000);
    expect(await check(ticket)).toMatchObject([{ complete: 1, photoid: id }]);
    expect(await emulator.remote.read(id)).toEqual(sampleJpeg(2));
  });
});

describe("replacing", () => {
  test("keeps id, title, tags and sets, and changes secrets, size and date", async () => {
    const { id } = await emulator.remote.addPhoto({
      ...{ title: "a", content: sampleJpeg(1, { takenAt: TAKEN }), tags: `checksum:md5=${HASH}`, sets: ["S"] },
    });
    const extras = "original_format,o_dims,date_taken";
    const [before] = (await list("people.getPhotos", { user_id: "me", extras })).photo;
    const takenAt = new Date("2021-01-01T00:00:00Z");
    const answer = await client.replace(id, sampleJpeg(2, { width: 30, height: 20, takenAt }));
    expect(answer).toMatch(new RegExp(`<photoid secret="\\w+" originalsecret="\\w+">${id}</photoid>`));
    const [after] = (await list("people.getPhotos", { user_id: "me", extras })).photo;
    expect(after).toMatchObject({ id, title: "a", o_width: "30", o_height: "20", datetaken: "2021-01-01 00:00:00" });
    expect(after?.["secret"]).not.toBe(before?.["secret"]);
    expect(after?.["originalsecret"]).not.toBe(before?.["originalsecret"]);
    expect(emulator.remote.photos()).toMatchObject([{ tags: [`checksum:md5=${HASH}`], sets: ["S"] }]);
  });

  test("is for Pro accounts, for photos, and for what is there", async () => {
    const photo = await client.uploaded(sampleJpeg(1));
    const video = await client.uploaded(sampleMp4(1));
    expect(await client.replace(video, sampleJpeg(2))).toContain('<err code="8" msg="Videos cannot be replaced"');
    expect(await client.replace(photo, sampleMp4(2))).toContain('<err code="8"');
    expect(await client.replace(photo, Buffer.from("x"))).toContain('<err code="5"');
    expect(await client.replace("1", sampleJpeg(2))).toContain('<err code="3"');
    emulator.settings.plan = "free";
    expect(await client.replace(photo, sampleJpeg(2))).toContain('<err code="1"');
    expect(await emulator.remote.read(photo)).toEqual(sampleJpeg(1));
  });
});

describe("listing", () => {
  test("people.getPhotos gives the whole library, newest upload first, page by page", async () => {
    for (let index = 0; index < 7; index += 1) {
      const postedAt = new Date(1_600_000_000_000 + index * 1000);
      await emulator.remote.addPhoto({ title: `p${String(index)}`, content: sampleJpeg(index), postedAt });
    }
    const first = await list("people.getPhotos", { user_id: "me", per_page: 3 });
    expect(first).toMatchObject({ page: 1, pages: 3, perpage: 3, total: "7" });
    expect(first.photo.map(({ title }) => title)).toEqual(["p6", "p5", "p4"]);
    expect(await titles("people.getPhotos", { user_id: "me", per_page: 3, page: 3 })).toEqual(["p0"]);
    expect(await titles("people.getPhotos", { user_id: "me", per_page: 3, page: 9 })).toEqual(["p0"]);
    emulator.settings.pagePastEnd = "empty";
    expect(await titles("people.getPhotos", { user_id: "me", per_page: 3, page: 9 })).toEqual([]);
    const dates = { min_upload_date: 1_600_000_002, max_upload_date: "2020-09-13 12:26:44" };
    expect(await titles("people.getPhotos", { user_id: "me", ...dates })).toEqual(["p4", "p3", "p2"]);
    expect(await client.call("people.getPhotos", {})).toMatchObject({ code: 1 });
    expect(await client.call("people.getPhotos", { user_id: "1@N00" })).toMatchObject({ code: 2 });
  });

  test("shows each extra in the service's own shape", async () => {
    const postedAt = new Date(1_700_000_000_000);
    await emulator.remote.addPhoto({
      ...{ title: "a", content: sampleJpeg(1, { takenAt: TAKEN, width: 4000, height: 3000 }), postedAt },
      ...{ tags: `Holiday! checksum:md5=${HASH}`, description: "d" },
    });
    const words = ["date_upload", "last_update", "date_taken", "original_format", "o_dims", "url_o", "media", "tags"];
    const more = ["machine_tags", "description", "views", "license", "geo", "path_alias", "owner_name", "icon_server"];
    const extras = [...words, ...more, "url_sq", "url_l", "url_k", "url_5k"].join(",");
    const { photo } = await list("people.getPhotos", { user_id: "me", extras });
    const [secret, original] = [String(photo[0]?.["secret"]), String(photo[0]?.["originalsecret"])];
    const base = `${emulator.imageUrl}/65535/53000000001`;
    expect(photo).toEqual([
      {
        ...{ id: "53000000001", owner: "12345678@N00", secret, server: "65535", farm: 66, title: "a" },
        ...{ ispublic: 0, isfriend: 0, isfamily: 0, dateupload: "1700000000", lastupdate: "1700000000" },
        ...{ datetaken: "2020-02-03 04:05:06", datetakengranularity: "0", datetakenunknown: "0" },
        ...{ originalsecret: original, originalformat: "jpg", o_width: "4000", o_height: "3000" },
        ...{ url_o: `${base}_${original}_o.jpg`, height_o: 3000, width_o: 4000, media: "photo", media_status: "ready" },
        ...{ tags: `holiday checksum:md5=${HASH}`, machine_tags: `checksum:md5=${HASH}` },
        ...{
          description: { _content: "d" },
          views: "0",
          license: "0",
          latitude: 0,
          longitude: 0,
          accuracy: 0,
          context: 0,
        },
        ...{ pathalias: null, ownername: "jane", iconserver: "0", iconfarm: 0 },
        ...{ url_sq: `${base}_${secret}_s.jpg`, height_sq: 75, width_sq: 75 },
        ...{ url_l: `${base}_${secret}_b.jpg`, height_l: 768, width_l: 1024 },
        ...{ url_k: LARGE_URL, height_k: 1536, width_k: 2048 },
      },
    ]);
    expect(String(photo[0]?.["url_k"])).not.toContain(secret);
  });

  test("finds orphans, untagged and changed ones, and counts by time", async () => {
    const posted = (second: number): Date => new Date(1_600_000_000_000 + second * 1000);
    const a = await emulator.remote.addPhoto({ title: "a", content: sampleJpeg(1), sets: ["S"], postedAt: posted(1) });
    await emulator.remote.addPhoto({ title: "b", content: sampleJpeg(2), tags: "t", postedAt: posted(2) });
    await emulator.remote.addPhoto({ title: "c", content: sampleMp4(3), postedAt: posted(3) });
    expect(await titles("photos.getNotInSet", {})).toEqual(["c", "b"]);
    expect(await titles("photos.getNotInSet", { media: "videos" })).toEqual(["c"]);
    expect(await titles("photos.getUntagged", {})).toEqual(["c", "a"]);
    const since = Math.floor(Date.now() / 1000);
    expect(await titles("photos.recentlyUpdated", { min_date: since })).toEqual([]);
    emulator.remote.touchPhoto(a.id);
    const changed = await list("photos.recentlyUpdated", { min_date: since });
    expect(changed.photo).toMatchObject([{ title: "a", lastupdate: UNIX_TIME }]);
    emulator.remote.removePhoto(a.id);
    expect(await titles("photos.recentlyUpdated", { min_date: 1 })).toEqual(["c", "b"]);
    expect(await client.call("photos.recentlyUpdated", { min_date: "soon" })).toMatchObject({ code: 2 });
    expect(await client.call("photos.recentlyUpdated", {})).toMatchObject({ code: 1 });
    expect(await client.call("photos.getCounts", { dates: "1600000000,1600000003,1600000009" })).toMatchObject({
      photocounts: { photocount: [{ count: 1, fromdate: "1600000000", todate: "1600000003" }, { count: 1 }] },
    });
  });

  test("hides private photos from everybody but their owner", async () => {
    const open = await emulator.remote.addPhoto({ title: "open", content: sampleJpeg(1), isPublic: true, sets: ["S"] });
    const secret = await emulator.remote.addPhoto({ title: "secret", content: sampleJpeg(2), sets: ["S", "T"] });
    const other = emulator.addAccount({ username: "joe" });
    const { token: key, secret: tokenSecret } = emulator.tokens.issue({ nsid: other.nsid });
    const stranger = new RawClient(emulator, { key, secret: tokenSecret });
    const { nsid } = emulator.account;
    const extras = "url_o,original_format,url_m";
    const seen = List.parse(await stranger.call("people.getPhotos", { user_id: nsid, extras }));
    expect(seen.photos.photo).toMatchObject([{ id: open.id }]);
    expect(seen.photos.photo[0]).not.toHaveProperty("url_o");
    expect(seen.photos.photo[0]).not.toHaveProperty("originalsecret");
    expect(await stranger.call("photos.getInfo", { photo_id: secret.id })).toMatchObject({ code: 1 });
    expect(await stranger.call("photosets.getList", { user_id: nsid })).toMatchObject({ photosets: { total: 1 } });
    expect(await stranger.call("photos.setMeta", { photo_id: open.id, title: "x" })).toMatchObject({ code: 1 });
    expect(await stranger.call("people.getInfo", { user_id: nsid })).toMatchObject({
      person: { photos: { count: { _content: 1 } } },
    });
    expect(await titles("people.getPhotos", { user_id: "me", privacy_filter: 5 })).toEqual(["secret"]);
  });

  test("3,000 photos are listed in six requests", async () => {
    for (let index = 0; index < 3000; index += 1) {
      await emulator.remote.addPhoto({
        title: String(index),
        content: sampleJpeg(index),
        tags: `checksum:md5=${HASH}`,
      });
    }
    const seen = new Set<unknown>();
    for (let page = 1; page <= 6; page += 1) {
      const extras = "original_format,url_o,o_dims,date_upload,last_update,date_taken,media,machine_tags";
      const { photo } = await list("people.getPhotos", { user_id: "me", per_page: 500, page, extras });
      for (const { id } of photo) seen.add(id);
    }
    expect(seen.size).toBe(3000);
    expect(emulator.requestCount()).toBe(6);
  });

  test("may show an older state, where told to", async () => {
    const { id } = await emulator.remote.addPhoto({ title: "a", content: sampleJpeg(1), sets: ["S"] });
    emulator.freezeListings(2);
    emulator.remote.removePhoto(id);
    expect(await titles("people.getPhotos", { user_id: "me" })).toEqual(["a"]);
    expect(await client.call("photosets.getList")).toMatchObject({ photosets: { total: 1 } });
    expect(await titles("people.getPhotos", { user_id: "me" })).toEqual([]);
  });
});

describe("searching", () => {
  const find = (args: Readonly<Record<string, string | number>>): Promise<readonly unknown[]> =>
    titles("photos.search", { user_id: "me", ...args });

  test("by tags, machine tags, text, dates and order", async () => {
    const add = (title: string, tags: string, second: number): Promise<unknown> => {
      const takenAt = new Date(TAKEN.getTime() - second * 1000);
      const postedAt = new Date(1_600_000_000_000 + second * 1000);
      return emulator.remote.addPhoto({ title, tags, content: sampleJpeg(title, { takenAt }), postedAt });
    };
    await add("a", `checksum:md5=${HASH} Red`, 1);
    await add("b", "checksum:sha1=00ff red blue", 2);
    await add("c", "flickrrsync:extn=jpg", 3);
    expect(await find({ machine_tags: `checksum:md5="${HASH}"` })).toEqual(["a"]);
    expect(await find({ machine_tags: `checksum:md5=${HASH.toUpperCase()}` })).toEqual(["a"]);
    expect(await find({ machine_tags: "checksum:" })).toEqual(["b", "a"]);
    expect(await find({ machine_tags: "checksum:sha1=" })).toEqual(["b"]);
    expect(await find({ machine_tags: "*:extn=*" })).toEqual(["c"]);
    expect(await find({ machine_tags: "checksum:md5=,flickrrsync:" })).toEqual(["c", "a"]);
    expect(await find({ machine_tags: "checksum:md5=,flickrrsync:", machine_tag_mode: "all" })).toEqual([]);
    expect(await find({ tags: "red,blue", tag_mode: "all" })).toEqual(["b"]);
    expect(await find({ tags: "red,blue", sort: "date-posted-asc" })).toEqual(["a", "b"]);
    expect(await find({ text: "BLUE", sort: "date-taken-asc" })).toEqual(["b"]);
    expect(await find({ max_upload_date: 1_600_000_002, sort: "date-taken-desc" })).toEqual(["a", "b"]);
    expect(emulator.misuse).toEqual([]);
  });

  test("fails by the codes of the manual", async () => {
    const nine = Array.from({ length: 9 }, (_, index) => `a:b=${String(index)}`).join(",");
    const many = Array.from({ length: 21 }, (_, index) => `t${String(index)}`).join(",");
    const failing: readonly (readonly [args: Readonly<Record<string, string>>, code: number])[] = [
      [{ user_id: "me", machine_tags: "nothing" }, 11],
      [{ user_id: "me", machine_tags: nine }, 12],
      [{ user_id: "me", tags: many, tag_mode: "all" }, 1],
      [{ user_id: "9@N00" }, 2],
      [{ sort: "relevance" }, 3],
      [{ user_id: "me", min_upload_date: "20", max_upload_date: "10" }, 18],
    ];
    for (const [args, code] of failing) expect(await client.call("photos.search", args)).toMatchObject({ code });
    emulator.fault({ route: "photos.search", kind: "failure", code: 10 });
    expect(await client.call("photos.search", { user_id: "me" })).toMatchObject({ code: 10 });
  });

  test("knows of writes and deletions only after a while; people.getPhotos at once", async () => {
    emulator.settings.searchLagMs = 60_000;
    const id = await client.uploaded(sampleJpeg(1), { title: "a" });
    expect(await find({})).toEqual([]);
    expect(await titles("people.getPhotos", { user_id: "me" })).toEqual(["a"]);
    emulator.advanceClock(60_000);
    expect(await find({})).toEqual(["a"]);
    await client.call("photos.setTags", { photo_id: id, tags: "new" });
    expect(await find({ tags: "new" })).toEqual([]);
    await client.call("photos.delete", { photo_id: id });
    expect(await find({})).toEqual(["a"]);
    emulator.advanceClock(60_000);
    expect(await find({})).toEqual([]);
  });

  test("shows its first results only", async () => {
    emulator.settings.searchResults = 4;
    for (let index = 0; index < 6; index += 1) {
      const postedAt = new Date(1_600_000_000_000 - index * 1000);
      await emulator.remote.addPhoto({ title: String(index), content: sampleJpeg(index), postedAt });
    }
    expect(await find({ per_page: 2, page: 2 })).toEqual(["2", "3"]);
    expect(await find({ per_page: 2, page: 3 })).toEqual(["2", "3"]);
    emulator.settings.searchDepth = "refuse";
    expect(await client.call("photos.search", { user_id: "me", per_page: 2, page: 3 })).toMatchObject({ code: 20 });
    expect(emulator.misuse).toHaveLength(2);
  });
});

describe("sets", () => {
  async function photos(count: number): Promise<readonly string[]> {
    const ids: string[] = [];
    for (let index = 0; index < count; index += 1) {
      ids.push((await emulator.remote.addPhoto({ title: `p${String(index)}`, content: sampleJpeg(index) })).id);
    }
    return ids;
  }

  async function createSet(title: string, primary: string): Promise<string> {
    const answer = await client.call("photosets.create", { title, primary_photo_id: primary });
    return z.object({ photoset: z.object({ id: z.string() }) }).parse(answer).photoset.id;
  }

  async function content(setId: string): Promise<unknown> {
    const args = { photoset_id: setId, user_id: emulator.account.nsid };
    const answer = await client.call("photosets.getPhotos", args);
    const Shape = z.object({ photoset: z.object({ photo: z.array(z.object({ id: z.string() })) }) });
    const parsed = Shape.safeParse(answer);
    return parsed.success ? parsed.data.photoset.photo.map(({ id }) => id) : answer;
  }

  test("begin with their primary photo, come newest first, and may share a title", async () => {
    const [a = "", b = ""] = await photos(2);
    const first = await createSet("Holidays", a);
    const second = await createSet("Holidays", b);
    expect(first).toMatch(/^7217\d{13}$/);
    expect(await client.call("photosets.getList")).toMatchObject({
      photosets: {
        ...{ cancreate: 1, page: 1, pages: 1, perpage: 500, total: 2 },
        photoset: [
          { id: second, title: { _content: "Holidays" }, photos: 1, videos: 0, primary: b, server: "65535" },
          { id: first, count_photos: 1, count_videos: 0, date_create: UNIX_TIME },
        ],
      },
    });
    expect(await client.call("photosets.addPhoto", { photoset_id: first, photo_id: a })).toMatchObject({ code: 3 });
    expect(await client.call("photosets.addPhoto", { photoset_id: first, photo_id: b })).toEqual({ stat: "ok" });
    expect(await content(first)).toEqual([a, b]);
    expect(emulator.misuse).toEqual([]);
  });

  test("list their photos with all that a caller asks for", async () => {
    const [a = ""] = await photos(1);
    const set = await createSet("S", a);
    const args = { photoset_id: set, user_id: emulator.account.nsid, extras: "date_upload,media,url_o" };
    expect(await client.call("photosets.getPhotos", args)).toMatchObject({
      photoset: {
        ...{ id: set, primary: a, owner: "12345678@N00", ownername: "jane", title: "S", total: 1 },
        ...{ page: 1, per_page: 500, perpage: 500, pages: 1 },
        photo: [{ id: a, isprimary: "1", ispublic: 0, media: "photo", url_o: ORIGINAL_URL }],
      },
      stat: "ok",
    });
    expect(await client.call("photosets.getPhotos", { ...args, photoset_id: "1" })).toMatchObject({ code: 1 });
    expect(await client.call("photosets.getPhotos", { ...args, user_id: "1" })).toMatchObject({ code: 2 });
    expect(await client.call("photosets.getInfo", { photoset_id: set, user_id: "me" })).toMatchObject({
      photoset: { id: set, count_photos: 1 },
    });
    expect(await client.call("photos.getAllContexts", { photo_id: a })).toMatchObject({
      set: [{ id: set, title: "S" }],
    });
  });

  test("go with their last photo, and find another primary one before that", async () => {
    const [a = "", b = "", c = ""] = await photos(3);
    const set = await createSet("S", a);
    for (const id of [b, c]) await client.call("photosets.addPhoto", { photoset_id: set, photo_id: id });
    await client.call("photos.delete", { photo_id: a });
    expect(emulator.remote.sets()).toMatchObject([{ primaryId: b, photos: [{ id: b }, { id: c }] }]);
    expect(await client.call("photosets.removePhoto", { photoset_id: set, photo_id: b })).toEqual({ stat: "ok" });
    expect(await client.call("photosets.removePhoto", { photoset_id: set, photo_id: b })).toMatchObject({ code: 3 });
    expect(await client.call("photosets.removePhotos", { photoset_id: set, photo_ids: c })).toEqual({ stat: "ok" });
    expect(await content(set)).toMatchObject({ code: 1 });
    expect(emulator.remote.sets()).toEqual([]);
    expect(emulator.remote.photos().map(({ id }) => id)).toEqual([b, c]);
  });

  test("are edited whole, by the rules of the manual", async () => {
    const [a = "", b = "", c = ""] = await photos(3);
    const set = await createSet("S", a);
    const edit = (primary: string, ids: string): Promise<unknown> =>
      client.call("photosets.editPhotos", { photoset_id: set, primary_photo_id: primary, photo_ids: ids });
    expect(await edit(c, `${c},${b}`)).toEqual({ stat: "ok" });
    expect(await content(set)).toEqual([c, b]);
    expect(await edit(a, `${c},${b}`)).toMatchObject({ code: 4 });
    expect(await edit(a, "")).toMatchObject({ code: 5 });
    expect(await edit("9", `${c},${b}`)).toMatchObject({ code: 3 });
    expect(await edit(c, `${c}, ${b}`)).toMatchObject({ code: 2 });
    expect(await client.call("photosets.reorderPhotos", { photoset_id: set, photo_ids: b })).toEqual({ stat: "ok" });
    expect(await content(set)).toEqual([b, c]);
    expect(await client.call("photosets.setPrimaryPhoto", { photoset_id: set, photo_id: b })).toEqual({ stat: "ok" });
    expect(emulator.remote.sets()).toMatchObject([{ primaryId: b }]);
    expect(emulator.misuse).toContain("photosets.editPhotos: spaces in the comma list photo_ids");
  });

  test("are renamed, ordered and deleted; their photos stay", async () => {
    const [a = ""] = await photos(1);
    const ids = [await createSet("A", a), await createSet("B", a), await createSet("C", a)];
    const [first = "", second = "", third = ""] = ids;
    expect(await client.call("photosets.editMeta", { photoset_id: first, title: "Z" })).toEqual({ stat: "ok" });
    expect(await client.call("photosets.editMeta", { photoset_id: first, title: "" })).toMatchObject({ code: 2 });
    expect(await client.call("photosets.orderSets", { photoset_ids: second })).toEqual({ stat: "ok" });
    expect(emulator.remote.sets().map(({ title }) => title)).toEqual(["B", "Z", "C"]);
    expect(await client.call("photosets.orderSets", { photoset_ids: "1" })).toMatchObject({ code: 1 });
    expect(await client.call("photosets.delete", { photoset_id: third })).toEqual({ stat: "ok" });
    expect(await client.call("photosets.delete", { photoset_id: third })).toMatchObject({ code: 1 });
    expect(emulator.remote.photos()).toMatchObject([{ id: a, sets: ["B", "Z"] }]);
  });

  test("have limits, and need a title and a photo of one's own", async () => {
    const [a = "", b = ""] = await photos(2);
    const create = (args: Readonly<Record<string, string>>): Promise<unknown> => client.call("photosets.create", args);
    expect(await create({ primary_photo_id: a })).toMatchObject({ code: 1 });
    expect(await create({ title: "S", primary_photo_id: "9" })).toMatchObject({ code: 2 });
    const set = await createSet("S", a);
    Object.assign(emulator.settings, { setsPerAccount: 1, photosPerSet: 1 });
    expect(await create({ title: "T", primary_photo_id: a })).toMatchObject({ code: 3 });
    expect(await client.call("photosets.addPhoto", { photoset_id: set, photo_id: b })).toMatchObject({ code: 10 });
    expect(await client.call("photosets.addPhoto", { photoset_id: "1", photo_id: b })).toMatchObject({ code: 1 });
    expect(await client.call("photosets.addPhoto", { photoset_id: set, photo_id: "9" })).toMatchObject({ code: 2 });
  });

  test("more than 500 come in pages, asked for or not", async () => {
    const [a = ""] = await photos(1);
    for (let index = 0; index < 501; index += 1) emulator.remote.addSet(String(index), [a]);
    const Sets = z.object({ photosets: z.object({ pages: z.number(), photoset: z.array(z.unknown()) }) });
    const first = Sets.parse(await client.call("photosets.getList"));
    expect([first.photosets.pages, first.photosets.photoset.length]).toEqual([2, 500]);
    const second = Sets.parse(await client.call("photosets.getList", { page: 2, per_page: 500 }));
    expect(second.photosets.photoset).toMatchObject([{ title: { _content: "0" } }]);
  });
});

describe("tags", () => {
  test("have a raw and a clean form; a machine tag's value loses case and punctuation", async () => {
    const tags = `"Two Words" Ünder_Score! checksum:MD5=AB-cd.Ef checksum:${HASH} album:"My Name" 1a:b=c TWOWORDS`;
    const id = await client.uploaded(sampleJpeg(1), { tags });
    const { photo } = await list("people.getPhotos", { user_id: "me", extras: "tags,machine_tags" });
    expect(photo[0]).toMatchObject({
      tags: `twowords ünderscore checksum:md5=abcdef checksum${HASH} albummyname 1abc`,
      machine_tags: "checksum:md5=abcdef",
    });
    const Info = z.object({ photo: z.object({ tags: z.object({ tag: z.array(z.record(z.string(), z.unknown())) }) }) });
    const info = Info.parse(await client.call("photos.getInfo", { photo_id: id }));
    expect(info.photo.tags.tag.map(({ raw, _content, machine_tag }) => [raw, _content, machine_tag])).toEqual([
      ["Two Words", "twowords", 0],
      ["Ünder_Score!", "ünderscore", 0],
      ["checksum:MD5=AB-cd.Ef", "checksum:md5=abcdef", 1],
      [`checksum:${HASH}`, `checksum${HASH}`, 0],
      ["album:My Name", "albummyname", 0],
      ["1a:b=c", "1abc", 0],
    ]);
  });

  test("are set, added, removed and listed", async () => {
    const id = await client.uploaded(sampleJpeg(1), { tags: "a" });
    expect(await client.call("photos.addTags", { photo_id: id, tags: 'a B "c d"' })).toMatchObject({
      tags: {
        tag: [
          { raw: "B", _content: "b" },
          { raw: "c d", _content: "cd" },
        ],
      },
    });
    expect(await client.call("photos.setTags", { photo_id: id, tags: "x:y=1 x:y=2" })).toEqual({ stat: "ok" });
    expect(emulator.remote.photos()[0]?.tags).toEqual(["x:y=1", "x:y=2"]);
    const Tags = z.object({ photo: z.object({ tags: z.object({ tag: z.array(z.object({ id: z.string() })) }) }) });
    const { photo } = Tags.parse(await client.call("tags.getListPhoto", { photo_id: id }));
    const tagId = photo.tags.tag[0]?.id ?? "";
    expect(await client.call("photos.removeTag", { tag_id: tagId })).toEqual({ stat: "ok" });
    expect(await client.call("photos.removeTag", { tag_id: tagId })).toMatchObject({ code: 1 });
    expect(await client.call("tags.getListUserRaw")).toMatchObject({
      who: { tags: { tag: [{ clean: "x:y=2", raw: [{ _content: "x:y=2" }] }] } },
    });
    expect(await client.call("tags.getListUser")).toMatchObject({ who: { tags: { tag: [{ _content: "x:y=2" }] } } });
  });

  test("beyond the limit are refused all together, and cut off where they are too long", async () => {
    const many = (count: number): string => Array.from({ length: count }, (_, index) => `t${String(index)}`).join(" ");
    const id = await client.uploaded(sampleJpeg(1), { tags: many(80) });
    expect(emulator.remote.photos()[0]?.tags).toHaveLength(75);
    expect(await client.call("photos.addTags", { photo_id: id, tags: "one more" })).toMatchObject({ code: 2 });
    expect(await client.call("photos.setTags", { photo_id: id, tags: many(76) })).toMatchObject({ code: 2 });
    expect(emulator.remote.photos()[0]?.tags).toHaveLength(75);
    await client.call("photos.setTags", { photo_id: id, tags: "x".repeat(300) });
    expect(emulator.remote.photos()[0]?.tags).toEqual(["x".repeat(255)]);
    expect(emulator.misuse).toEqual(["photos.setTags: a tag that is too long is cut off"]);
  });
});

describe("changing photos", () => {
  test("title, description, dates, permissions and the like; each change moves lastupdate", async () => {
    const { id } = await emulator.remote.addPhoto({
      ...{ title: "a", content: sampleJpeg(1), postedAt: new Date(1_600_000_000_000) },
    });
    const ok = async (method: string, args: Readonly<Record<string, string | number>>): Promise<void> => {
      expect(await client.call(method, { photo_id: id, ...args })).toMatchObject({ stat: "ok" });
    };
    await ok("photos.setMeta", { title: "b" });
    await ok("photos.setMeta", { description: "d" });
    await ok("photos.setDates", { date_taken: "1999-12-31 23:59:59", date_taken_granularity: 4 });
    await ok("photos.setDates", { date_posted: 1_500_000_000 });
    await ok("photos.setPerms", { is_public: 1, is_friend: 0, is_family: 0, perm_comment: 0, perm_addmeta: 1 });
    await ok("photos.setContentType", { content_type: 2 });
    await ok("photos.setSafetyLevel", { safety_level: 2 });
    await ok("photos.licenses.setLicense", { license_id: 4 });
    await ok("photos.geo.setLocation", { lat: 52.5, lon: 13.4 });
    expect(await client.call("photos.getInfo", { photo_id: id })).toMatchObject({
      photo: {
        ...{ id, dateuploaded: "1500000000", license: "4", safety_level: "2", originalformat: "jpg", media: "photo" },
        title: { _content: "b" },
        description: { _content: "d" },
        visibility: { ispublic: 1, isfriend: 0, isfamily: 0 },
        dates: { posted: "1500000000", taken: "1999-12-31 23:59:59", takengranularity: 4, takenunknown: "0" },
        urls: { url: [{ type: "photopage" }] },
      },
    });
    expect(await client.call("photos.getPerms", { photo_id: id })).toMatchObject({ perms: { permcomment: "0" } });
    expect(await client.call("photos.geo.getLocation", { photo_id: id })).toMatchObject({
      photo: { location: { latitude: "52.5" } },
    });
    await ok("photos.geo.removeLocation", {});
    const { photo } = await list("people.getPhotos", { user_id: "me", extras: "last_update" });
    expect(Number(photo[0]?.["lastupdate"])).toBeGreaterThan(1_700_000_000);
    expect(emulator.misuse).toEqual([]);
  });

  test("fails by the codes of the manual", async () => {
    const id = await client.uploaded(sampleJpeg(1));
    const failing: readonly (readonly [method: string, args: Readonly<Record<string, string>>, code: number])[] = [
      ["photos.setMeta", {}, 2],
      ["photos.setDates", {}, 2],
      ["photos.setDates", { date_taken: "2020-01-01 00:00:00", date_taken_granularity: "5" }, 3],
      ["photos.setDates", { date_posted: "99999999999" }, 4],
      ["photos.setDates", { date_taken: "2020-01-01T00:00:00" }, 5],
      ["photos.setDates", { date_taken: "2020-02-31 00:00:00" }, 6],
      ["photos.setPerms", { is_public: "1" }, 2],
      ["photos.transform.rotate", { degrees: "45" }, 2],
      ["photos.geo.setLocation", { lat: "99", lon: "0" }, 3],
      ["photos.geo.removeLocation", {}, 2],
    ];
    for (const [method, args, code] of failing) {
      expect(await client.call(method, { photo_id: id, ...args })).toMatchObject({ stat: "fail", code });
      expect(await client.call(method, { photo_id: "1", ...args })).toMatchObject({ stat: "fail", code: 1 });
    }
  });

  test("turning a photo writes its original anew", async () => {
    const id = await client.uploaded(sampleJpeg(1, { width: 40, height: 30 }));
    const before = await originalUrl();
    expect(await client.call("photos.transform.rotate", { photo_id: id, degrees: 90 })).toMatchObject({
      photoid: { _content: id },
    });
    expect((await fetch(before)).status).toBe(404);
    const bytes = Buffer.from(await (await fetch(await originalUrl())).arrayBuffer());
    expect(bytes.equals(sampleJpeg(1, { width: 40, height: 30 }))).toBe(false);
    expect(await client.call("photos.getInfo", { photo_id: id })).toMatchObject({ photo: { rotation: 90 } });
  });

  test("deleting is for good", async () => {
    const id = await client.uploaded(sampleJpeg(1));
    expect(await client.call("photos.delete", { photo_id: id })).toEqual({ stat: "ok" });
    expect(await client.call("photos.delete", { photo_id: id })).toMatchObject({ code: 1 });
    expect(await client.call("photos.getInfo", { photo_id: id })).toMatchObject({ code: 1 });
  });
});

describe("the image host", () => {
  test("gives the original back, whole or in part, to whoever has the address", async () => {
    const content = sampleJpeg(1, { takenAt: TAKEN, paddingBytes: 500_000 });
    await client.uploaded(content);
    const url = await originalUrl();
    const whole = await fetch(url);
    expect(Buffer.from(await whole.arrayBuffer()).equals(content)).toBe(true);
    expect(whole.headers.get("content-type")).toBe("image/jpeg");
    const part = await fetch(url, { headers: { Range: "bytes=10-19" } });
    expect(part.status).toBe(206);
    expect(Buffer.from(await part.arrayBuffer())).toEqual(content.subarray(10, 20));
    const head = await fetch(url, { method: "HEAD" });
    expect(head.headers.get("content-length")).toBe(String(content.length));
    expect(head.headers.get("etag")).toBeTruthy();
    const saved = await fetch(url.replace("_o.", "_o_d."));
    expect(saved.headers.get("content-disposition")).toMatch(/^attachment; filename=/);
    emulator.settings.imageRanges = false;
    expect((await fetch(url, { headers: { Range: "bytes=10-19" } })).status).toBe(200);
    expect(emulator.misuse).toEqual([]);
  });

  test("gives smaller pictures that are other bytes, and none by a guessed secret", async () => {
    const content = sampleJpeg(1, { width: 4000, height: 3000 });
    const id = await client.uploaded(content);
    const sizes = await sizesOf(id);
    expect(sizes.map(({ label }) => label)).toEqual([
      ...["Square", "Large Square", "Thumbnail", "Small", "Small 320", "Small 400", "Medium", "Medium 640"],
      ...["Medium 800", "Large", "Large 1600", "Large 2048", "X-Large 3K", "Original"],
    ]);
    for (const { label, source } of sizes) {
      const bytes = Buffer.from(await (await fetch(source)).arrayBuffer());
      expect([label, bytes.equals(content)]).toEqual([label, label === "Original"]);
    }
    const built = (await originalUrl()).replace(/_[0-9a-f]+_o/, "_0000000000_o");
    expect((await fetch(built)).status).toBe(404);
    emulator.settings.deadImages = "placeholder";
    const dead = await fetch(built);
    expect([dead.redirected, dead.status, dead.headers.get("content-type")]).toEqual([true, 200, "image/png"]);
  });

  test("has a limit of its own, by user agent, and notes signatures sent to it", async () => {
    Object.assign(emulator.settings, { imageDownloads: 2, imageParallel: 1, imageLatencyMs: 20 });
    await client.uploaded(sampleJpeg(1));
    const url = await originalUrl();
    const both = await Promise.all([fetch(url), fetch(url)]);
    expect(both.map(({ status }) => status).sort()).toEqual([200, 429]);
    expect((await fetch(url)).status).toBe(200);
    const refused = await fetch(url);
    expect([refused.status, refused.headers.get("content-type")]).toEqual([429, "text/html; charset=utf-8"]);
    expect((await fetch(url, { headers: { "User-Agent": "another" } })).status).toBe(200);
    emulator.advanceClock(600_000);
    await client.send(url, {});
    expect(emulator.imageTraffic).toEqual({ peak: 1, rejections: 2 });
    expect(emulator.misuse).toEqual(["image.get: a signature was sent to the image host"]);
  });

  test("leads to a video by a redirect; the still picture is not it", async () => {
    const content = sampleMp4(1, { paddingBytes: 1000 });
    const id = await client.uploaded(content);
    const sizes = await sizesOf(id);
    const source = sizes.find(({ label }) => label === "Video Original")?.source ?? "";
    const whole = await fetch(source);
    expect([whole.redirected, whole.headers.get("content-type")]).toEqual([true, "video/mp4"]);
    expect(Buffer.from(await whole.arrayBuffer()).equals(content)).toBe(true);
    const still = await fetch(await originalUrl());
    expect(still.headers.get("content-type")).toBe("image/jpeg");
    emulator.settings.videoOriginals = false;
    const labels = (await sizesOf(id)).map(({ label }) => label);
    expect(labels).not.toContain("Video Original");
    expect(labels).toContain("HD MP4");
    const hd = (await sizesOf(id)).find(({ label }) => label === "HD MP4")?.source ?? "";
    expect(Buffer.from(await (await fetch(hd)).arrayBuffer()).equals(content)).toBe(false);
    expect((await fetch(source)).status).toBe(404);
  });
});

describe("accounts and plans", () => {
  test("a free account has a limit, and no originals or large sizes", async () => {
    const content = sampleJpeg(1, { width: 4000, height: 3000 });
    const id = await client.uploaded(content, { is_public: "0" });
    const before = await originalUrl();
    Object.assign(emulator.settings, { plan: "free", freeItems: 2, freePrivateItems: 1 });
    const { photo } = await list("people.getPhotos", {
      user_id: "me",
      extras: "url_o,url_l,url_h,url_k,original_format",
    });
    expect(photo[0]).toHaveProperty("url_l");
    for (const name of ["url_o", "url_h", "url_k"]) expect(photo[0]).not.toHaveProperty(name);
    expect(photo[0]).toHaveProperty("originalformat", "jpg");
    expect((await sizesOf(id)).at(-1)?.label).toBe("Large");
    expect((await fetch(before)).status).toBe(404);
    expect(await client.upload(sampleJpeg(2), { is_public: "0" })).toContain(
      '<err code="6" msg="Upload limit reached"',
    );
    expect(await client.upload(sampleJpeg(2))).toContain("<photoid ");
    expect(await client.upload(sampleJpeg(3))).toContain('<err code="6"');
    expect(await client.upload(sampleMp4(3))).toContain('<err code="7"');
    emulator.settings.freeOriginalFormat = "absent";
    const again = await list("people.getPhotos", { user_id: "me", extras: "original_format" });
    expect(again.photo[0]).not.toHaveProperty("originalformat");
  });

  test("tell their limits and what is used of them", async () => {
    await client.uploaded(sampleMp4(1));
    expect(await client.call("people.getUploadStatus")).toMatchObject({
      user: {
        ...{ id: "12345678@N00", ispro: 1, username: { _content: "jane" }, bandwidth: { unlimited: 1 } },
        ...{ filesize: { maxbytes: "209715200", maxmb: "200" }, videosize: { maxbytes: "1073741824", maxmb: "1024" } },
        ...{ sets: { created: 0, remaining: "lots" }, videos: { uploaded: 1, remaining: "lots" } },
      },
    });
    expect(await client.call("people.getLimits")).toMatchObject({
      person: { photos: { maxdisplaypx: "6144", maxupload: "209715200" }, videos: { maxupload: "1073741824" } },
    });
    expect(await client.call("people.getInfo", { user_id: emulator.account.nsid })).toMatchObject({
      person: { ispro: 1, photos: { count: { _content: 1 } } },
    });
    expect(await client.call("people.findByUsername", { username: "jane" })).toMatchObject({
      user: { nsid: "12345678@N00" },
    });
    expect(await client.call("prefs.getPrivacy")).toMatchObject({ person: { privacy: 1 } });
  });

  test("photos and videos are worked on for a while, and may fail", async () => {
    Object.assign(emulator.settings, { photoProcessingMs: 1000, videoProcessingMs: 60_000 });
    const photo = await client.uploaded(sampleJpeg(1), { title: "p" });
    const video = await client.uploaded(sampleMp4(1), { title: "v" });
    const extras = "media,url_o,o_dims";
    const busy = await list("people.getPhotos", { user_id: "me", extras });
    expect(busy.photo).toMatchObject([{ media_status: "processing" }, { media_status: "processing" }]);
    expect(busy.photo[0]).not.toHaveProperty("url_o");
    expect(await sizesOf(video)).toEqual([]);
    emulator.advanceClock(1000);
    expect((await sizesOf(photo)).at(-1)?.label).toBe("Original");
    expect(await client.call("photos.getInfo", { photo_id: video })).toMatchObject({
      photo: { video: { ready: 0, pending: 1, failed: 0 } },
    });
    emulator.advanceClock(60_000);
    expect(await client.call("photos.getInfo", { photo_id: video })).toMatchObject({ photo: { video: { ready: 1 } } });
    emulator.remote.failPhoto(video);
    const failed = await list("people.getPhotos", { user_id: "me", extras });
    expect(failed.photo.find(({ id }) => id === video)).toMatchObject({ media_status: "failed" });
  });

  test("getExif tells the camera to the owner only", async () => {
    const id = await client.uploaded(sampleJpeg(1, { takenAt: TAKEN }));
    expect(await client.call("photos.getExif", { photo_id: id })).toMatchObject({
      photo: { camera: "X1", exif: [{}, {}, { tag: "DateTimeOriginal", raw: { _content: "2020:02:03 04:05:06" } }] },
    });
    const other = emulator.addAccount();
    const { token: key, secret } = emulator.tokens.issue({ nsid: other.nsid });
    const stranger = new RawClient(emulator, { key, secret });
    expect(await stranger.call("photos.getExif", { photo_id: id })).toMatchObject({ code: 2 });
  });
});

describe("another client", () => {
  test("changes everything behind one's back", async () => {
    const { remote } = emulator;
    const { id } = await remote.addPhoto({ title: "a", content: sampleJpeg(1), tags: "t", sets: ["S", "T"] });
    const second = await remote.addPhoto({ title: "b", content: sampleJpeg(2), sets: ["S"] });
    remote.renamePhoto(id, "c");
    remote.describePhoto(id, "d");
    remote.setTags(id, "x y");
    remote.setPrivacy(id, { isPublic: true });
    await remote.replacePhoto(id, sampleJpeg(3));
    const [t, s] = remote.sets();
    remote.renameSet(s?.id ?? "", "U");
    remote.takeOutOfSet(s?.id ?? "", id);
    remote.removeSet(t?.id ?? "");
    expect(remote.tree()).toEqual({
      "": { c: remote.photos()[0]?.sha256 },
      U: { b: second.sha256 },
    });
    expect(remote.photos()[0]).toMatchObject({ description: "d", tags: ["x", "y"], isPublic: true, sets: [] });
    remote.rotatePhoto(id);
    expect(await remote.read(id)).not.toEqual(sampleJpeg(3));
    remote.removePhoto(id);
    expect(remote.photos()).toHaveLength(1);
    expect(() => {
      remote.removePhoto(id);
    }).toThrow(`no photo ${id}`);
  });
});

const FILE = { name: "a.jpg", content: sampleJpeg("file") };

async function originalUrl(): Promise<string> {
  const { photo } = await list("people.getPhotos", { user_id: "me", extras: "url_o" });
  return String(photo[0]?.["url_o"]);
}

async function sizesOf(id: string): Promise<readonly { readonly label: string; readonly source: string }[]> {
  const Sizes = z.object({
    sizes: z.object({ size: z.array(z.object({ label: z.string(), source: z.string() })) }),
  });
  const { sizes } = Sizes.parse(await client.call("photos.getSizes", { photo_id: id }));
  return sizes.size.filter(({ label }) => label !== "Video Player");
}

/** Sends a film that is made while it is sent, with the signature in the header. */
async function uploadGenerated(sizeBytes: number): Promise<string> {
  const url = `${emulator.uploadUrl}/services/upload/`;
  const boundary = "----boundary";
  const Authorization = client.authorization(url, { title: "large" });
  const head =
    `--${boundary}\r\nContent-Disposition: form-data; name="title"\r\n\r\nlarge\r\n--${boundary}\r\n` +
    `Content-Disposition: form-data; name="photo"; filename="large.mp4"\r\nContent-Type: video/mp4\r\n\r\n`;
  const tail = `\r\n--${boundary}--\r\n`;
  const film = sampleMp4("large");
  const chunk = Buffer.alloc(1024 * 1024, 7);
  return await new Promise((resolve, reject) => {
    const length = head.length + sizeBytes + tail.length;
    const headers = {
      Authorization,
      "Content-Length": length,
      "Content-Type": `multipart/form-data; boundary=${boundary}`,
    };
    const sending = request(url, { method: "POST", headers }, (response) => {
      let text = "";
      response.on("data", (part: Buffer) => (text += part.toString()));
      response.on("end", () => {
        resolve(text);
      });
    });
    sending.on("error", reject);
    sending.write(head);
    sending.write(film);
    let left = sizeBytes - film.length;
    const more = (): void => {
      while (left > 0) {
        const next = chunk.subarray(0, Math.min(left, chunk.length));
        left -= next.length;
        if (!sending.write(next)) return void sending.once("drain", more);
      }
      sending.end(tail);
    };
    more();
  });
}
