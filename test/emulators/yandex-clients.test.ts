import { mkdir, mkdtemp, readFile, rm, utimes, writeFile } from "node:fs/promises";
import https from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { HttpsProxyAgent } from "hpagent";
import * as oauth from "oauth4webapi";
import yaDisk from "ya-disk";
import * as yaDiskRestApi from "ya-disk-rest-api";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { TlsProxy } from "./shared/tls-proxy.js";
import { type YandexEmulator, startYandexEmulator } from "./yandex/emulator.js";
import { hasRclone, type RcloneToken, runRclone } from "./yandex/rclone.js";
import { openTlsProxy } from "./yandex/tls-proxy.js";

let directory: string;
let emulator: YandexEmulator;
let proxy: TlsProxy;
let token: string;

const STRING: unknown = expect.any(String);

/** Their hosts are constants, so that the agent of the whole process leads them to the emulator. */
const usualAgent = https.globalAgent;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "yandex-clients-"));
});

afterAll(async () => {
  await rm(directory, { recursive: true, force: true });
});

beforeEach(async () => {
  emulator = await startYandexEmulator();
  proxy = await openTlsProxy(emulator, directory);
  token = emulator.tokens.issue().accessToken;
  https.globalAgent = new HttpsProxyAgent({ proxy: proxy.url, ca: await readFile(proxy.caFile), keepAlive: false });
});

afterEach(async () => {
  https.globalAgent.destroy();
  https.globalAgent = usualAgent;
  await proxy.close();
  await emulator.close();
});

describe("ya-disk", () => {
  test("shows the Disk, its entries and its files", async () => {
    emulator.remote.seed({ "/Документы/План работ.txt": "hello", "/Документы/b.mp4": "b" });
    expect(await yaDisk.info(token)).toMatchObject({ used_space: 6, trash_size: 0, user: { uid: "1000001" } });
    const folder = await yaDisk.meta.get(token, "disk:/Документы", {
      sort: "name",
      limit: 1,
      fields: "path,_embedded",
    });
    expect(folder).toMatchObject({ path: "disk:/Документы", _embedded: { total: 2, items: [{ name: "b.mp4" }] } });
    expect(await yaDisk.list(token, { media_type: "document" })).toMatchObject({
      items: [{ path: "disk:/Документы/План работ.txt", md5: "5d41402abc4b2a76b9719d911017c592" }],
    });
    expect(await yaDisk.recent(token, { limit: 1 })).toMatchObject({ limit: 1, items: [expect.anything()] });
    expect(emulator.misuse).toEqual([]);
  });

  test("makes folders, uploads by a link, downloads by a link", async () => {
    const made = await yaDisk.resources.create(token, "disk:/New folder");
    expect(made).toMatchObject({ href: "https://cloud-api.yandex.net/v1/disk/resources?path=disk%3A%2FNew+folder" });
    const { href } = await yaDisk.upload.link(token, "disk:/New folder/a.txt");
    expect(href).toMatch(/^https:\/\/uploader1a\.disk\.yandex\.net:443\/upload-target\//);
    expect(await request("PUT", href, "hello")).toEqual({ status: 201, body: "" });
    const link = await yaDisk.download.link(token, "disk:/New folder/a.txt");
    expect(await request("GET", link.href)).toEqual({ status: 200, body: "hello" });
    expect(emulator.misuse).toEqual([]);
  });

  test("moves, copies and deletes; follows an operation to its end", async () => {
    emulator.remote.seed({ "/a.txt": "a", "/full/b.txt": "b" });
    expect(await yaDisk.resources.move(token, "disk:/a.txt", "disk:/c.txt")).toMatchObject({ status: 201 });
    expect(await yaDisk.resources.copy(token, "disk:/c.txt", "disk:/d.txt")).toMatchObject({ status: 201 });
    expect(await yaDisk.resources.remove(token, "disk:/c.txt", true)).toEqual({ status: 204, data: null });
    const removal = await yaDisk.resources.remove(token, "disk:/full");
    expect(removal.status).toBe(202);
    const id = /operations\/([0-9a-f]{64})/.exec(JSON.stringify(removal.data))?.[1] ?? "";
    expect(await yaDisk.operations(token, id)).toEqual({ status: "in-progress" });
    expect(await yaDisk.operations(token, id)).toEqual({ status: "success" });
    expect(await emulator.remote.tree()).toEqual({ "/d.txt": Buffer.from("a") });
    expect(emulator.misuse).toEqual([]);
  });

  test("sets properties, without saying that its body is JSON", async () => {
    emulator.remote.write("/a.txt", "a");
    expect(await yaDisk.meta.add(token, "disk:/a.txt", { foo: "1" })).toMatchObject({
      custom_properties: { foo: "1" },
    });
    expect(emulator.misuse).toEqual(["PATCH resources: the JSON body has no Content-Type"]);
  });

  test("lets the service fetch a file", async () => {
    const source = `${emulator.authUrl}/authorize?response_type=code&client_id=${emulator.app.id}`;
    const { href } = await yaDisk.upload.remoteFile(token, source, "disk:/fetched.html");
    expect(href).toContain("/v1/disk/operations/");
    expect((await emulator.remote.tree())["/fetched.html"]?.toString()).toContain("Confirmation code");
  });

  test("throws what it is told: the code as the name, the description as the message", async () => {
    await expect(yaDisk.meta.get(token, "disk:/none")).rejects.toMatchObject({
      name: "DiskNotFoundError",
      message: "Resource not found.",
    });
    await expect(yaDisk.info("wrong")).rejects.toMatchObject({ name: "UnauthorizedError" });
    await expect(yaDisk.upload.link(token, "disk:/none/a.txt")).rejects.toMatchObject({
      name: "DiskPathDoesntExistsError",
    });
  });
});

describe("ya-disk-rest-api", () => {
  const open = (): yaDiskRestApi.YaDisk => new yaDiskRestApi.YaDisk(`OAuth ${token}`);

  test("uploads, looks, lists, updates, downloads, publishes", async () => {
    const disk = open();
    await disk.createDir("disk:/Фото");
    await disk.upload({ path: "disk:/Фото/a.txt", file: Buffer.from("hello") });
    expect(await disk.isFileExist("disk:/Фото/a.txt")).toBe(true);
    expect(await disk.isDirExist("disk:/Фото/a.txt")).toBe(false);
    expect(await disk.getItemMetadata({ path: "disk:/none" })).toBeNull();
    const found = await disk.getItemMetadata({
      path: "disk:/Фото",
      limit: 5,
      sort: "name",
      fields: "_embedded.items.name",
    });
    expect(found).toEqual({ _embedded: { items: [{ name: "a.txt" }] } });
    const body = { custom_properties: { foo: "1" } };
    expect(await disk.updateItemMetadata({ path: "disk:/Фото/a.txt", body })).toMatchObject(body);
    const { href } = await disk.getDownloadUrl({ path: "disk:/Фото/a.txt" });
    expect(await request("GET", href)).toEqual({ status: 200, body: "hello" });
    await disk.publish({ path: "disk:/Фото/a.txt" });
    expect((await disk.getPublicItemsList({})).items).toHaveLength(1);
    await disk.unpublish({ path: "disk:/Фото/a.txt" });
    expect((await disk.getPublicItemsList({})).items).toEqual([]);
    expect((await disk.getLastUploadedItemsList({})).items).toHaveLength(1);
    expect((await disk.getItemsList({})).items).toHaveLength(1);
    expect(await disk.getDiskMetadata()).toMatchObject({ used_space: 5 });
  });

  test("moves, copies, deletes, and works with the trash", async () => {
    emulator.remote.seed({ "/a.txt": "a", "/b.txt": "b" });
    const disk = open();
    await disk.move({ from: "disk:/a.txt", to: "disk:/c.txt" });
    await disk.copy({ from: "disk:/c.txt", to: "disk:/b.txt", overwrite: true });
    await disk.remove({ path: "disk:/c.txt" });
    expect(await disk.getTrash()).toMatchObject({ _embedded: { items: [{ origin_path: "disk:/c.txt" }] } });
    await disk.clearTrash();
    emulator.settle();
    expect(await disk.getTrash()).toMatchObject({ _embedded: { items: [] } });
    expect(await emulator.remote.tree()).toEqual({ "/b.txt": Buffer.from("a") });
  });

  test("its habits are noticed: colons as they are, and the token for the uploader", async () => {
    await open().upload({ path: "disk:/a.txt", file: Buffer.from("a") });
    expect(emulator.misuse).toEqual([
      'GET resources/upload: "path" is not percent-encoded: disk:%2Fa.txt',
      "PUT upload-target: a token was sent to the uploader",
    ]);
  });

  test("refreshes tokens and sees the old ones refused", async () => {
    const { refreshToken } = emulator.tokens.issue();
    const sign = new yaDiskRestApi.YaOauth(emulator.app.id, emulator.app.secret);
    const fresh = await sign.refreshToken({ refreshToken });
    expect(fresh).toMatchObject({ token_type: "bearer", expires_in: 31_536_000 });
    await expect(sign.refreshToken({ refreshToken })).rejects.toMatchObject({ code: 400 });
    const disk = new yaDiskRestApi.YaDisk(`OAuth ${fresh.access_token}`);
    expect(await disk.getDiskMetadata()).toMatchObject({ used_space: 0 });
    expect(emulator.misuse).toEqual([]);
  });
});

describe("oauth4webapi", () => {
  const client: oauth.Client = { client_id: "0123456789abcdef0123456789abcdef" };
  const service = "https://oauth.yandex.ru";
  const server: oauth.AuthorizationServer = { issuer: service, token_endpoint: `${service}/token` };
  const options = {
    [oauth.customFetch]: (url: string, init: RequestInit): Promise<Response> =>
      fetch(url.replace(service, emulator.authUrl), init),
  };

  test.each(["with", "without"])(
    "code flow with PKCE %s the client secret, then refreshes that rotate",
    async (secret) => {
      const proof = secret === "with" ? oauth.ClientSecretPost(emulator.app.secret) : oauth.None();
      const verifier = oauth.generateRandomCodeVerifier();
      const address = new URL(`${emulator.authUrl}/authorize`);
      address.search = new URLSearchParams({
        response_type: "code",
        client_id: client.client_id,
        redirect_uri: "http://127.0.0.1:53682/callback",
        state: "state-1",
        code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
        code_challenge_method: "S256",
      }).toString();
      const page = await fetch(address, { redirect: "manual" });
      const params = oauth.validateAuthResponse(server, client, new URL(page.headers.get("location") ?? ""), "state-1");
      const answer = await oauth.authorizationCodeGrantRequest(
        ...([server, client, proof, params, "http://127.0.0.1:53682/callback", verifier, options] as const),
      );
      const first = await oauth.processAuthorizationCodeResponse(server, client, answer);
      const basic = oauth.ClientSecretBasic(emulator.app.secret);
      const refresh = (value = ""): Promise<Response> =>
        oauth.refreshTokenGrantRequest(server, client, basic, value, options);
      const second = await oauth.processRefreshTokenResponse(server, client, await refresh(first.refresh_token));
      expect(second.refresh_token).not.toBe(first.refresh_token);
      const again = oauth.processRefreshTokenResponse(server, client, await refresh(first.refresh_token));
      await expect(again).rejects.toMatchObject({ error: "invalid_grant", status: 400 });
      expect(await yaDisk.info(second.access_token)).toMatchObject({ used_space: 0 });
      expect(emulator.misuse).toEqual([]);
    },
  );

  test("device flow, by the service's own name of the grant", async () => {
    emulator.settings.consent = "wait";
    const device = await fetch(`${emulator.authUrl}/device/code`, {
      method: "POST",
      body: new URLSearchParams({ client_id: client.client_id }),
    });
    const text = await device.text();
    const [code, userCode] = ["device_code", "user_code"].map(
      (name) => new RegExp(`"${name}":"([^"]+)"`).exec(text)?.[1] ?? "",
    );
    const poll = async (): Promise<oauth.TokenEndpointResponse> => {
      emulator.advanceClock(5000);
      const proof = oauth.ClientSecretPost(emulator.app.secret);
      const parameters = { code: code ?? "" };
      const answer = await oauth.genericTokenEndpointRequest(
        ...([server, client, proof, "device_code", parameters, options] as const),
      );
      return await oauth.processGenericTokenEndpointResponse(server, client, answer);
    };
    await expect(poll()).rejects.toMatchObject({ error: "authorization_pending" });
    emulator.answerDevice(userCode ?? "", "approve");
    expect(await poll()).toMatchObject({ token_type: "bearer", refresh_token: STRING });
    expect(emulator.misuse).toEqual([]);
  });
});

describe.runIf(hasRclone)("rclone", () => {
  const inAnHour = (): Date => new Date(Date.now() + 3_600_000);

  async function run(args: readonly string[], changes: Partial<RcloneToken> = {}): Promise<string> {
    const { accessToken, refreshToken } = emulator.tokens.issue();
    const tokenUrl = `${emulator.authUrl}/token`;
    const stored = { accessToken, refreshToken, expiry: inAnHour(), tokenUrl, app: emulator.app, ...changes };
    return await runRclone(args, { proxy, token: stored, directory });
  }

  test("lists folders, times and hashes", async () => {
    const mtime = "2026-03-01T09:30:00.123456789Z";
    emulator.remote.write("/Docs/a b+c.txt", "hello", { rclone_modified: mtime });
    emulator.remote.mkdir("/Docs/Пусто");
    expect((await run(["lsf", "ya:Docs"])).split("\n").sort()).toEqual(["", "a b+c.txt", "Пусто/"]);
    expect(await run(["lsl", "ya:Docs"])).toContain("2026-03-01 09:30:00.123456789 a b+c.txt");
    expect(await run(["hashsum", "md5", "ya:Docs"])).toBe("5d41402abc4b2a76b9719d911017c592  a b+c.txt\n");
    expect(await run(["about", "ya:"])).toContain("Used:");
    expect(emulator.misuse).toEqual([]);
  });

  test("after a refresh, with another word before the token", async () => {
    emulator.remote.write("/a.txt", "a");
    expect(await run(["lsf", "ya:"], { expiry: new Date(0) })).toBe("a.txt\n");
    expect(emulator.requestCount("POST token")).toBe(1);
    expect(emulator.misuse).toEqual([]);
  });

  test("copies a tree up and down again, keeps its times, moves and deletes", async () => {
    const local = join(directory, "tree");
    await mkdir(join(local, "sub folder"), { recursive: true });
    await writeFile(join(local, "sub folder", "Ärger +1.txt"), "hello");
    await writeFile(join(local, "empty.txt"), "");
    await writeFile(join(local, "large.bin"), Buffer.alloc(3_000_000, 7));
    await utimes(join(local, "empty.txt"), new Date(0), new Date("2020-01-02T03:04:05Z"));
    await run(["copy", local, "ya:Copy"]);
    expect(Object.keys(await emulator.remote.tree()).sort()).toEqual(
      ["", "/empty.txt", "/large.bin", "/sub folder", "/sub folder/Ärger +1.txt"].map((path) => `/Copy${path}`),
    );
    expect(emulator.remote.stat("/Copy/empty.txt")?.properties).toEqual({ rclone_modified: "2020-01-02T03:04:05Z" });
    await run(["check", local, "ya:Copy"]);
    await run(["copy", "ya:Copy", join(directory, "back")]);
    expect(await readFile(join(directory, "back", "sub folder", "Ärger +1.txt"), "utf8")).toBe("hello");
    await run(["moveto", "ya:Copy/large.bin", "ya:moved.bin"]);
    await run(["moveto", "ya:Copy/sub folder", "ya:moved folder"]);
    await run(["purge", "ya:Copy"]);
    expect(Object.keys(emulator.remote.hashes()).sort()).toEqual([
      ...["/moved folder", "/moved folder/Ärger +1.txt", "/moved.bin"],
    ]);
    // It sends bodies in chunks, and its token to whatever host a link names.
    expect([...new Set(emulator.misuse)]).toEqual(RCLONE_HABITS);
  });
});

const RCLONE_HABITS: readonly string[] = [
  "PUT upload-target: a token was sent to the uploader",
  "PUT upload-target: the upload has no Content-Length",
  "GET download: a token was sent to the downloader",
];

/** A request without the ideas of any client, along the same way. */
async function request(
  method: string,
  href: string,
  body = "",
): Promise<{ readonly status: number; readonly body: string }> {
  return await new Promise((resolve, reject) => {
    const sent = https.request(href, { method, headers: { "Content-Length": Buffer.byteLength(body) } }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("end", () => resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString() }));
    });
    sent.on("error", reject).end(body);
  });
}
