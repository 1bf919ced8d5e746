import { createHash, X509Certificate } from "node:crypto";
import { mkdir, mkdtemp, readFile, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ConfidentialClientApplication, PublicClientApplication } from "@azure/msal-node";
import {
  BatchRequestContent,
  BatchResponseContent,
  type Client,
  GraphError,
  OneDriveLargeFileUploadTask,
  type PageCollection,
  PageIterator,
} from "@microsoft/microsoft-graph-client";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import * as z from "zod";
import { createCertificate } from "../support/certificate.js";
import type { TlsProxy } from "./shared/tls-proxy.js";
import { startOneDriveEmulator, type OneDriveEmulator } from "./onedrive/emulator.js";
import type { DriveKind } from "./onedrive/kinds.js";
import { graphClientFor, graphError, msalNetwork } from "./onedrive/official-clients.js";
import { runRclone } from "./onedrive/rclone.js";
import { openTlsProxy } from "./onedrive/tls-proxy.js";
import { hasRclone } from "./yandex/rclone.js";

const KIB = 1024;
const KINDS: readonly DriveKind[] = ["personal", "personal-migrated", "business", "documentLibrary"];

const Item = z.looseObject({
  id: z.string(),
  name: z.string(),
  size: z.number(),
  eTag: z.string(),
  file: z.looseObject({ hashes: z.record(z.string(), z.string()).optional() }).optional(),
  fileSystemInfo: z.looseObject({ lastModifiedDateTime: z.string() }),
});
const Page = z.looseObject({
  value: z.array(z.looseObject({ id: z.string(), name: z.string().optional(), deleted: z.unknown().optional() })),
  "@odata.nextLink": z.string().optional(),
  "@odata.deltaLink": z.string().optional(),
});

let emulator: OneDriveEmulator;
let client: Client;
let root: string;

async function open(kind: DriveKind): Promise<void> {
  emulator = await startOneDriveEmulator({ kind });
  client = graphClientFor(emulator);
  root = `/drives/${emulator.drive.id}/root`;
}

async function get(path: string): Promise<unknown> {
  return z.unknown().parse(await client.api(path).get());
}

describe.each(KINDS)("the Graph client on a %s drive", (kind) => {
  beforeEach(() => open(kind));
  afterEach(async () => {
    await emulator.close();
  });

  test("reads the drive and an item by path and by id", async () => {
    const file = emulator.remote.write("/Docs/a #1 & 100%.txt", "hello");
    expect(await get(`/drives/${emulator.drive.id}`)).toMatchObject({
      id: emulator.drive.id,
      driveType: kind === "personal-migrated" ? "personal" : kind,
      quota: { used: 5, state: "normal" },
    });
    const byPath = Item.parse(await get(`${root}:/Docs/${encodeURIComponent("a #1 & 100%.txt")}`));
    const byId = Item.parse(await get(`/drives/${emulator.drive.id}/items/${file.id}`));
    const url = "@microsoft.graph.downloadUrl";
    expect({ ...byPath, [url]: "" }).toEqual({ ...byId, [url]: "" });
    expect(byPath).toMatchObject({ size: 5, eTag: file.eTag });
    expect(byPath.file?.hashes?.["quickXorHash"]).toBe("aCgDG9jwBgAAAAAABQAAAAAAAAA=");
    expect(emulator.misuse).toEqual([]);
  });

  test("goes through pages with its iterator, and then reads only what changed", async () => {
    for (let index = 0; index < 25; index += 1) emulator.remote.write(`/Docs/f${String(index)}.txt`, "x");
    const names: string[] = [];
    const first = Page.parse(await client.api(`${root}/delta`).top(10).get());
    const iterator = new PageIterator(client, z.custom<PageCollection>().parse(first), (item) => {
      names.push(Page.shape.value.element.parse(item).name ?? "");
      return true;
    });
    await iterator.iterate();
    expect(names).toHaveLength(27);
    expect(emulator.requestCount("delta")).toBe(3);

    const deltaLink = iterator.getDeltaLink() ?? "";
    emulator.remote.delete("/Docs/f3.txt");
    emulator.remote.write("/Docs/new.txt", "new");
    const changes = Page.parse(await get(deltaLink));
    expect(changes.value.map(({ name, deleted }) => (deleted === undefined ? name : "gone"))).toEqual([
      "gone",
      "root",
      "Docs",
      "new.txt",
    ]);
    expect(Page.parse(await get(changes["@odata.deltaLink"] ?? "")).value).toEqual([]);
    expect(emulator.misuse).toEqual([]);
  });

  test("uploads a large file in ranges, over several requests", async () => {
    const bytes = Buffer.alloc(1000 * KIB + 17, "abcdefghijk");
    const progress: number[] = [];
    // The client only knows the drive of whoever signed in.
    const remote = emulator.remoteOf(emulator.person);
    remote.mkdir("/Docs");
    const task = await OneDriveLargeFileUploadTask.create(client, bytes, {
      fileName: "large.bin",
      path: "/Docs",
      conflictBehavior: "replace",
      rangeSize: 320 * KIB,
      uploadEventHandlers: { progress: (range) => progress.push(range?.maxValue ?? -1) },
    });
    const { responseBody } = await task.upload();
    expect(Item.parse(responseBody)).toMatchObject({ name: "large.bin", size: bytes.length });
    expect(progress).toEqual([327_679, 655_359, 983_039, bytes.length - 1]);
    expect((await remote.read("/Docs/large.bin")).equals(bytes)).toBe(true);
    expect(emulator.misuse).toEqual([]);
  });

  test("resumes and cancels uploads", async () => {
    const bytes = Buffer.alloc(700 * KIB, "0123456789");
    const start = (fileName: string): ReturnType<typeof OneDriveLargeFileUploadTask.create> =>
      OneDriveLargeFileUploadTask.create(client, bytes, { fileName, conflictBehavior: "fail", rangeSize: 320 * KIB });
    emulator.fault({ route: "upload-range", kind: "cut-after", nth: 2 });
    const task = await start("resumed.bin");
    await expect(task.upload()).rejects.toThrow();
    expect(await task.getStatus()).toMatchObject({ nextExpectedRanges: ["655360-"] });
    await task.resume();
    expect((await emulator.remoteOf(emulator.person).read("/resumed.bin")).equals(bytes)).toBe(true);

    const abandoned = await start("abandoned.bin");
    await abandoned.cancel();
    expect(emulator.openSessions()).toEqual([]);
    expect(emulator.misuse).toEqual([]);
  });

  test("downloads through the redirect, without its token", async () => {
    const file = emulator.remote.write("/a.bin", Buffer.alloc(100_000, "xyz"));
    const stream: unknown = await client.api(`/drives/${emulator.drive.id}/items/${file.id}/content`).getStream();
    const chunks: Buffer[] = [];
    for await (const chunk of z.custom<AsyncIterable<Uint8Array>>().parse(stream)) chunks.push(Buffer.from(chunk));
    expect(Buffer.concat(chunks).equals(Buffer.alloc(100_000, "xyz"))).toBe(true);
    expect(emulator.requestCount("download")).toBe(1);
    expect(emulator.misuse).toEqual([]);
  });

  test("writes, moves and deletes", async () => {
    const folder = Item.parse(
      await client.api(`${root}/children`).post({ name: "New", folder: {}, ...REPLACE("fail") }),
    );
    await client
      .api(`${root}:/New/a.txt:/content?@microsoft.graph.conflictBehavior=fail`)
      .header("Content-Type", "text/plain")
      .put("hello");
    const stamp = { fileSystemInfo: { lastModifiedDateTime: "2020-01-02T03:04:05Z" } };
    const file = Item.parse(await get(`${root}:/New/a.txt`));
    const moved = Item.parse(await client.api(`${root}:/New/a.txt`).patch({ name: "b.txt", ...stamp }));
    expect(moved).toMatchObject({ id: file.id, name: "b.txt" });
    expect(Date.parse(moved.fileSystemInfo.lastModifiedDateTime)).toBe(Date.parse("2020-01-02T03:04:05Z"));
    await client.api(`/drives/${emulator.drive.id}/items/${folder.id}`).delete();
    expect(await graphError(client.api(`${root}:/New/b.txt`).get())).toEqual({ status: 404, code: "itemNotFound" });
    expect(emulator.misuse).toEqual([]);
  });

  test("repeats what was throttled, as its own handler does", async () => {
    emulator.remote.write("/a.txt", "a");
    emulator.fault({ route: "item", kind: "throttle", retryAfter: 1 });
    emulator.fault({ route: "item", kind: "throttle", retryAfter: 1, status: 503, nth: 2 });
    expect(Item.parse(await get(`${root}:/a.txt`)).name).toBe("a.txt");
    expect(emulator.requestCount("item")).toBe(3);
    expect(emulator.earlyRequests).toBe(0);
  });
});

const REPLACE = (behavior: string): Record<string, string> => ({ "@microsoft.graph.conflictBehavior": behavior });

describe("the Graph client's batches", () => {
  beforeEach(() => open("business"));
  afterEach(async () => {
    await emulator.close();
  });

  const step = (id: string, method: string, path: string, body?: unknown) => ({
    id,
    request: new Request(`https://graph.microsoft.com${path}`, {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { "Content-Type": "application/json" } }),
    }),
  });

  test("carry out each member for itself", async () => {
    emulator.remote.write("/old.txt", "old");
    emulator.fault({ route: "batch/item", kind: "throttle", retryAfter: 7 });
    const content = new BatchRequestContent([
      step("1", "DELETE", `${root}:/old.txt`),
      step("2", "POST", `${root}/children`, { name: "New", folder: {}, ...REPLACE("fail") }),
      step("3", "GET", root),
      step("4", "GET", `${root}:/nothing`),
    ]);
    const answer = new BatchResponseContent(
      z.custom<never>().parse(await client.api("/$batch").post(await content.getContent())),
    );
    const statuses = ["1", "2", "3", "4"].map((id) => answer.getResponseById(id).status);
    expect(statuses).toEqual([204, 201, 429, 404]);
    expect(answer.getResponseById("3").headers.get("retry-after")).toBe("7");
    expect(await emulator.remote.tree()).toEqual({ "/New": null });
    expect(emulator.requestCounts()).toEqual({
      batch: 1,
      "batch/delete": 1,
      "batch/create-folder": 1,
      "batch/item": 2,
    });
    expect(emulator.misuse).toEqual([]);
  });

  test("carry out dependants after what they depend on, or not at all", async () => {
    const content = new BatchRequestContent([
      step("1", "POST", `${root}/children`, { name: "A", folder: {}, ...REPLACE("fail") }),
      { ...step("2", "POST", `${root}:/A:/children`, { name: "B", folder: {}, ...REPLACE("fail") }), dependsOn: ["1"] },
    ]);
    await client.api("/$batch").post(await content.getContent());
    expect(await emulator.remote.tree()).toEqual({ "/A": null, "/A/B": null });
    const again = z
      .object({ responses: z.array(z.object({ id: z.string(), status: z.number() })) })
      .parse(await client.api("/$batch").post(await content.getContent()));
    expect(Object.fromEntries(again.responses.map(({ id, status }) => [id, status]))).toEqual({ "1": 409, "2": 424 });
  });
});

describe("MSAL", () => {
  beforeEach(() => open("business"));
  afterEach(async () => {
    await emulator.close();
  });

  const scopes = ["Files.ReadWrite"];
  const redirectUri = "http://localhost:51234";
  const authority = (): string => `https://login.microsoftonline.com/${emulator.tenantId}`;
  const publicClient = (): PublicClientApplication =>
    new PublicClientApplication({
      auth: { clientId: emulator.app.clientId, authority: authority() },
      system: { networkClient: msalNetwork(emulator) },
    });
  const confidentialClient = (auth: object): ConfidentialClientApplication =>
    new ConfidentialClientApplication({
      auth: { clientId: emulator.app.clientId, authority: authority(), ...auth },
      system: { networkClient: msalNetwork(emulator) },
    });
  const forTheApp = { scopes: ["https://graph.microsoft.com/.default"] };

  test("signs the application in by secret", async () => {
    const { clientSecret } = emulator.app;
    const result = await confidentialClient({ clientSecret }).acquireTokenByClientCredential(forTheApp);
    const appClient = graphClientFor(emulator, result?.accessToken ?? "");
    const { userPrincipalName } = emulator.person;
    expect(await appClient.api(`/users/${userPrincipalName}/drive`).get()).toMatchObject({ id: emulator.drive.id });
    expect(await graphError(appClient.api("/me/drive").get())).toEqual({ status: 400, code: "BadRequest" });
    const wrong = confidentialClient({ clientSecret: "wrong" }).acquireTokenByClientCredential(forTheApp);
    await expect(wrong).rejects.toMatchObject({ errorCode: "invalid_client", errorNo: 7000215 });
  });

  test("signs the application in by certificate", async () => {
    const { certificatePem, keyPem } = createCertificate({ name: "x", type: "rsa" });
    const thumbprintSha256 = createHash("sha256").update(new X509Certificate(certificatePem).raw).digest("hex");
    const clientCertificate = { thumbprintSha256, privateKey: keyPem };
    const unknown = confidentialClient({ clientCertificate }).acquireTokenByClientCredential(forTheApp);
    await expect(unknown).rejects.toMatchObject({ errorCode: "invalid_client", errorNo: 700027 });
    emulator.addCertificate(certificatePem);
    const result = await confidentialClient({ clientCertificate }).acquireTokenByClientCredential(forTheApp);
    expect(
      await graphClientFor(emulator, result?.accessToken ?? "")
        .api(root)
        .get(),
    ).toMatchObject({ name: "root" });
  });

  test("signs a person in by code and PKCE, and refreshes", async () => {
    const msal = publicClient();
    const verifier = "verifier-of-43-characters-or-more-0123456789-abc";
    const codeChallenge = createHash("sha256").update(verifier).digest("base64url");
    const url = await msal.getAuthCodeUrl({
      scopes,
      redirectUri,
      codeChallenge,
      codeChallengeMethod: "S256",
      state: "s1",
    });
    const page = await fetch(url.replace("https://login.microsoftonline.com", emulator.loginUrl), {
      redirect: "manual",
    });
    const back = new URL(page.headers.get("location") ?? "");
    expect([back.pathname, back.searchParams.get("state")]).toEqual(["/", "s1"]);
    const code = back.searchParams.get("code") ?? "";
    const wrong = msal.acquireTokenByCode({ scopes, redirectUri, code, codeVerifier: `${verifier}x` });
    await expect(wrong).rejects.toMatchObject({ errorCode: "invalid_grant", errorNo: 501481 });
    const first = await msal.acquireTokenByCode({ scopes, redirectUri, code, codeVerifier: verifier });
    expect(first.account?.username).toBe(emulator.person.userPrincipalName);
    expect(await graphClientFor(emulator, first.accessToken).api("/me/drive").get()).toMatchObject({
      id: emulator.drive.id,
    });
    const again = msal.acquireTokenByCode({ scopes, redirectUri, code, codeVerifier: verifier });
    await expect(again).rejects.toMatchObject({ errorCode: "invalid_grant", errorNo: 54005 });

    const account = first.account ?? expect.unreachable();
    const count = emulator.tokens.refreshTokenCount;
    const second = await msal.acquireTokenSilent({ scopes, account, forceRefresh: true });
    expect(second.accessToken).not.toBe(first.accessToken);
    expect(emulator.tokens.refreshTokenCount).toBe(count + 1);
    emulator.tokens.revokeAll();
    const revoked = msal.acquireTokenSilent({ scopes, account, forceRefresh: true });
    await expect(revoked).rejects.toMatchObject({ errorCode: "invalid_grant", subError: "bad_token" });
    expect(emulator.misuse).toEqual([]);
  });

  test("signs a person in by device code", async () => {
    emulator.settings.devicePolls = "never";
    const result = publicClient().acquireTokenByDeviceCode({
      scopes,
      deviceCodeCallback: ({ userCode, verificationUri }) => {
        expect(verificationUri).toBe("https://microsoft.com/devicelogin");
        setTimeout(() => emulator.approveDevice(userCode), 1500);
      },
    });
    const { accessToken = "" } = (await result) ?? {};
    expect(await graphClientFor(emulator, accessToken).api(root).get()).toMatchObject({ name: "root" });
    expect(emulator.requestCount("token")).toBeGreaterThan(1);
    expect(emulator.misuse).toEqual([]);
  });

  test("is told when a person refuses", async () => {
    emulator.settings.consent = "deny";
    const ignore = (): void => undefined;
    const refused = publicClient().acquireTokenByDeviceCode({ scopes, deviceCodeCallback: ignore });
    await expect(refused).rejects.toThrow("authorization_declined");
  });
});

describe.runIf(hasRclone)("rclone", () => {
  let directory: string;
  let proxy: TlsProxy;

  describe.each(["business", "personal"] satisfies DriveKind[])("on a %s drive", (kind) => {
    beforeAll(async () => {
      directory = await mkdtemp(join(tmpdir(), "onedrive-rclone-"));
      await open(kind);
      proxy = await openTlsProxy(emulator, directory);
    });
    afterEach(() => {
      for (const item of emulator.drive.childrenOf(emulator.drive.root)) emulator.drive.remove(item);
      emulator.resetCounters();
    });
    afterAll(async () => {
      await proxy.close();
      await emulator.close();
      await rm(directory, { recursive: true, force: true });
    });

    const run = (args: readonly string[], isExpired = false): Promise<string> =>
      runRclone(args, { emulator, proxy, directory, isExpired });

    test("lists folders, times and hashes, also after a refresh", async () => {
      const modified = new Date("2026-03-01T09:30:00Z");
      const file = emulator.remote.write("/Docs/a b+c.txt", "hello", { modified });
      emulator.remote.mkdir("/Docs/Пусто");
      expect((await run(["lsf", "od:Docs"])).split("\n").sort()).toEqual(["", "a b+c.txt", "Пусто/"]);
      expect(await run(["lsl", "od:Docs"])).toContain("2026-03-01 09:30:00.000000000 a b+c.txt");
      emulator.settings.app = "confidential";
      if (kind === "personal") {
        // This version still looks for the SHA-1 that the service no longer lists.
        expect(await run(["lsf", "od:"], true)).toBe("Docs/\n");
        return;
      }
      const line = await run(["hashsum", "quickxor", "od:Docs"], true);
      expect(line).toBe(`${Buffer.from(file.quickXorHash, "base64").toString("hex")}  a b+c.txt\n`);
      expect(emulator.requestCount("token")).toBe(1);
      expect(emulator.misuse).toEqual([]);
    });

    test("copies a tree there and back, moves and purges", async () => {
      // It sends its token along with ranges, which some hosts put up with.
      emulator.settings.filesHostRefusesBearer = false;
      const local = join(directory, `tree-${kind}`);
      await mkdir(join(local, "sub folder"), { recursive: true });
      await writeFile(join(local, "sub folder", "Ärger #1.txt"), "hello");
      await writeFile(join(local, "empty.txt"), "");
      await writeFile(join(local, "large.bin"), Buffer.alloc(11 * 1024 * KIB, "large file "));
      await utimes(join(local, "large.bin"), 1577934245, 1577934245);
      await run(["copy", local, "od:Copy"]);
      expect(emulator.remote.stat("/Copy/large.bin")?.modified).toEqual(new Date("2020-01-02T03:04:05Z"));
      await run(["check", local, "od:Copy"]);
      await run(["copy", "od:Copy", join(directory, `back-${kind}`)]);
      expect(await readFile(join(directory, `back-${kind}`, "sub folder", "Ärger #1.txt"), "utf8")).toBe("hello");
      const large = await readFile(join(directory, `back-${kind}`, "large.bin"));
      expect(large.equals(Buffer.alloc(11 * 1024 * KIB, "large file "))).toBe(true);
      await run(["moveto", "od:Copy/large.bin", "od:moved.bin"]);
      await run(["moveto", "od:Copy/sub folder", "od:moved folder"]);
      await run(["copyto", "od:moved.bin", "od:copied.bin"]);
      await run(["purge", "od:Copy"]);
      expect(Object.keys(emulator.remote.hashes()).sort()).toEqual([
        ...["/copied.bin", "/moved folder", "/moved folder/Ärger #1.txt", "/moved.bin"],
      ]);
      expect(emulator.openSessions()).toEqual([]);
      expect([...new Set(emulator.misuse)].sort()).toEqual(RCLONE_HABITS);
    });
  });
});

/** What rclone 1.60 does against the advice; its conflictBehavior has a name that the service does not know. */
const RCLONE_HABITS: readonly string[] = [
  "create-folder: no conflictBehavior",
  "create-session: no conflictBehavior",
  "download: Authorization sent to a host that needs none",
  "upload-range: Authorization sent to a host that needs none",
  "upload: no conflictBehavior",
];

test("the client's errors carry what the service said", async () => {
  await open("business");
  try {
    const failure: unknown = await client
      .api(`${root}:/none`)
      .get()
      .catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(GraphError);
    const { requestId } = z.object({ requestId: z.string() }).parse(failure);
    expect(requestId).toMatch(/^[0-9a-f-]{36}$/);
  } finally {
    await emulator.close();
  }
});
