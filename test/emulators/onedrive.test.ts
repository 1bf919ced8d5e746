import { readFile } from "node:fs/promises";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import * as z from "zod";
import type { DriveKind } from "./onedrive/kinds.js";
import { startOneDriveEmulator, type OneDriveEmulator, type OneDriveEmulatorOptions } from "./onedrive/emulator.js";
import { startEmulatorProcess } from "./onedrive/emulator-process.js";
import type { Fault } from "./onedrive/faults.js";
import { type RawAnswer, rawClient, type RawCall, type RawOptions } from "./onedrive/raw-client.js";
import { XorRow } from "./onedrive/xor-row.js";
import { expectRefused } from "./refused-faults.js";

/** vitest gives its matchers the type any. */
const anyText: unknown = expect.any(String);
const matching = (pattern: RegExp): unknown => expect.stringMatching(pattern);
const containing = (part: string): unknown => expect.stringContaining(part);
const having = (part: object): unknown => expect.objectContaining(part);

const KIB = 1024;
const BLOCK = 320 * KIB;

const Item = z.looseObject({
  id: z.string(),
  name: z.string().optional(),
  size: z.number().optional(),
  eTag: z.string().optional(),
  cTag: z.string().optional(),
  deleted: z.unknown().optional(),
  parentReference: z.looseObject({ id: z.string().optional(), path: z.string().optional() }).optional(),
  fileSystemInfo: z.looseObject({ lastModifiedDateTime: z.string() }).optional(),
});
const Page = z.looseObject({
  value: z.array(Item),
  "@odata.nextLink": z.string().optional(),
  "@odata.deltaLink": z.string().optional(),
});
type Page = z.output<typeof Page>;
const Session = z.object({ uploadUrl: z.string(), expirationDateTime: z.string() });

let emulator: OneDriveEmulator;
let call: RawCall;

async function open(kind: DriveKind = "business", options: OneDriveEmulatorOptions = {}): Promise<void> {
  emulator = await startOneDriveEmulator({ kind, ...options });
  call = rawClient(emulator);
}

beforeEach(() => open());

afterEach(async () => {
  await emulator.close();
});

async function reopen(kind: DriveKind, options: OneDriveEmulatorOptions = {}): Promise<void> {
  await emulator.close();
  await open(kind, options);
}

async function item(target: string): Promise<z.output<typeof Item>> {
  return Item.parse((await call("GET", target)).json);
}

/** Status and code of an answer, with the inner code where there is one. */
async function codeOf(answer: Promise<RawAnswer> | RawAnswer): Promise<string> {
  const { status, json } = await answer;
  const Inner = z.looseObject({ code: z.string().optional() }).optional();
  const Failure = z.object({ error: z.object({ code: z.string(), innerError: Inner, innererror: Inner }) });
  const { data } = Failure.safeParse(json);
  const inner = data?.error.innerError?.code ?? data?.error.innererror?.code;
  return [String(status), data?.error.code, inner].filter((part) => part !== undefined).join(" ");
}

const put = (path: string, body: string | Buffer, behavior = "replace", options: RawOptions = {}): Promise<RawAnswer> =>
  call("PUT", `{D}/root:/${path}:/content?@microsoft.graph.conflictBehavior=${behavior}`, { body, ...options });

async function startSession(path: string, more: object = {}, options: RawOptions = {}): Promise<RawAnswer> {
  const body = { item: { "@microsoft.graph.conflictBehavior": "replace", ...more } };
  return await call("POST", `{D}/root:/${path}:/createUploadSession`, { body, ...options });
}

async function uploadUrl(path: string, more: object = {}): Promise<string> {
  return Session.parse((await startSession(path, more)).json).uploadUrl;
}

function range(url: string, bytes: Buffer, start: number, total: number): Promise<RawAnswer> {
  const headers = { "content-range": `bytes ${String(start)}-${String(start + bytes.length - 1)}/${String(total)}` };
  return call("PUT", url, { body: bytes, headers });
}

async function delta(
  target = "{D}/root/delta",
  headers: Readonly<Record<string, string>> = {},
): Promise<Page & { readonly pages: number }> {
  const value: z.output<typeof Item>[] = [];
  let link = target;
  for (let pages = 1; ; pages += 1) {
    const page = Page.parse((await call("GET", relative(link), { headers })).json);
    value.push(...page.value);
    if (page["@odata.nextLink"] === undefined) return { ...page, value, pages };
    link = page["@odata.nextLink"];
  }
}

/** Links are absolute and need the token. */
function relative(link: string): string {
  return link.replace(`${emulator.graphUrl}/v1.0`, "");
}

function names(page: Page): readonly string[] {
  return page.value.map(({ name = "?", deleted }) => (deleted === undefined ? name : `-${name}`));
}

/** What changed since the link, and the next one. */
async function changes(page: Page, headers: Readonly<Record<string, string>> = {}): Promise<Page> {
  return await delta(page["@odata.deltaLink"] ?? "", headers);
}

describe("QuickXorHash", () => {
  const Vectors = z.object({
    published: z.array(z.object({ input_base64: z.string().optional(), quickxor: z.string().optional() })),
    computed: z.array(z.looseObject({ quickxor: z.string().optional() })).optional(),
  });

  test("has the published values, in pieces of any size and joined from parts", async () => {
    const file = new URL("../fixtures/hash-vectors.json", import.meta.url);
    const { published } = Vectors.parse(JSON.parse(await readFile(file, "utf8")));
    let seen = 0;
    for (const { input_base64, quickxor } of published) {
      if (input_base64 === undefined || quickxor === undefined) continue;
      const bytes = Buffer.from(input_base64, "base64");
      seen += 1;
      for (const size of [1, 7, 64, 160, 161, 4096]) {
        const [streamed, joined] = [new XorRow(), new XorRow()];
        for (let at = 0; at < bytes.length; at += size) {
          const part = new XorRow();
          part.update(bytes.subarray(at, at + size));
          streamed.update(bytes.subarray(at, at + size));
          joined.append(part);
        }
        expect([streamed.quickXorHash(), joined.quickXorHash()]).toEqual([quickxor, quickxor]);
      }
    }
    expect(seen).toBeGreaterThan(50);
  });

  test.each([
    [159, "/+EGLlnQi0dVs5OEknWhEnz5Ih0="],
    [160, "/+EGLlnQi0dVs5OErXWhEnz5wg4="],
    [161, "X+EGLlnQi0dVs5OErHWhEnz5wg4="],
    [1760, "vTWo8zUUTrHh3p+tbpjj9Sz71N8="],
    [65_537, "QXB5kWN93cxdszFl0cj0AHeT63Q="],
    [327_680, "dVxjLVlWbbPTEZb19aiSkx+BLpI="],
    [1_048_576, "pVcWCkWK/HTa4DMyE2B1A1Y9XyM="],
    [10_485_760, "HzHa6uC4H1eGHsvneyLLI+WiCqw="],
  ])("of %i bytes that count up", (length, hash) => {
    const bytes = Buffer.alloc(length, Buffer.from(Array.from({ length: 251 }, (_, index) => index)));
    const row = new XorRow();
    row.update(bytes);
    expect(row.quickXorHash()).toBe(hash);
  });
});

describe("ids and tags", () => {
  test.each([
    ["personal", /^0[0-9a-f]{15}$/, /^0[0-9A-F]{15}!\d+$/, /!101$/, /^a[\w-]+$/],
    [
      "personal-migrated",
      /^0[0-9a-f]{15}$/,
      /^0[0-9A-F]{15}!s[0-9a-f]{32}$/,
      /!sea8cc6beffdb43d7976fbc7da445c639$/,
      /^"\{[0-9A-F-]{36}\},\d+"$/,
    ],
    ["business", /^b![\w-]{64}$/, /^01[A-Z2-7]{32}$/, /6Y2GOVW7725BZO354PWSELRRZ$/, /^"\{[0-9A-F-]{36}\},\d+"$/],
    ["documentLibrary", /^b![\w-]{64}$/, /^01[A-Z2-7]{32}$/, /6Y2GOVW7725BZO354PWSELRRZ$/, /^"\{[0-9A-F-]{36}\},\d+"$/],
  ] as const)("of a %s drive have their forms", async (kind, driveId, itemId, rootId, eTag) => {
    await reopen(kind);
    const file = emulator.remote.write("/a.txt", "a");
    expect(emulator.drive.id).toMatch(driveId);
    expect(file.id).toMatch(itemId);
    expect(file.eTag).toMatch(eTag);
    expect((await item("{D}/root")).id).toMatch(rootId);
  });

  test("the drive id of a personal drive is found in any spelling, and spelt in any way", async () => {
    await reopen("personal", { personalIds: "flips" });
    const { id } = emulator.drive;
    for (const spelling of [id.toUpperCase(), id.replace(/^0/, "")]) {
      expect((await call("GET", `/drives/${spelling}/root`)).status).toBe(200);
    }
    const seen = new Set<unknown>();
    for (let index = 0; index < 3; index += 1)
      seen.add(z.object({ id: z.string() }).parse((await call("GET", "{D}")).json).id);
    expect(seen).toEqual(new Set([id, id.toUpperCase(), id.replace(/^0/, "")]));
  });

  test("tags follow metadata and content", async () => {
    const file = emulator.remote.write("/a.txt", "a");
    const target = `{D}/items/${file.id}`;
    await call("PATCH", target, { body: { fileSystemInfo: { lastModifiedDateTime: "2020-01-01T00:00:00Z" } } });
    const touched = await item(target);
    expect([touched.eTag === file.eTag, touched.cTag === file.cTag]).toEqual([false, true]);
    await put("a.txt", "b");
    const replaced = await item(target);
    expect([replaced.eTag === touched.eTag, replaced.cTag === touched.cTag]).toEqual([false, false]);
    expect(emulator.remote.versionCount("/a.txt")).toBe(2);
  });

  test("a folder's cTag follows what is below it on classic drives alone", async () => {
    for (const [kind, follows] of [
      ["personal", true],
      ["business", false],
    ] as const) {
      await reopen(kind);
      emulator.remote.write("/A/B/a.txt", "a");
      const before = await item("{D}/root:/A");
      emulator.remote.write("/A/B/a.txt", "b");
      const after = await item("{D}/root:/A");
      expect([before.eTag === after.eTag, before.cTag !== after.cTag]).toEqual([true, follows]);
    }
  });

  test("times have whole seconds on business drives and milliseconds on classic ones", async () => {
    const modified = new Date("2020-01-02T03:04:05.678Z");
    emulator.remote.write("/a.txt", "a", { modified });
    expect((await item("{D}/root:/a.txt")).fileSystemInfo?.lastModifiedDateTime).toBe("2020-01-02T03:04:05Z");
    await reopen("personal");
    emulator.remote.write("/a.txt", "a", { modified });
    expect((await item("{D}/root:/a.txt")).fileSystemInfo?.lastModifiedDateTime).toBe("2020-01-02T03:04:05.678Z");
  });
});

describe("addresses", () => {
  test("all forms lead to the item", async () => {
    const file = emulator.remote.write("/A/B b/ä%20#.txt", "x");
    const [folderId, id] = [emulator.remote.idOf("/A"), file.id];
    const name = encodeURIComponent("ä%20#.txt");
    const { userId, userPrincipalName } = emulator.person;
    for (const target of [
      ...[
        `{D}/items/${id}`,
        `{D}/root:/A/B%20b/${name}`,
        `{D}/root:/A/B%20b/${name}:`,
        `{D}/items/root:/A/B%20b/${name}`,
      ],
      ...[`{D}/items/${folderId}:/B%20b/${name}`, `{D}/items/${folderId}:/B%20b/${name}:`],
      ...[
        `/me/drive/items/${id}`,
        `/users/${userId}/drive/items/${id}`,
        `/users('${userPrincipalName}')/drive/items/${id}`,
      ],
    ]) {
      expect([target, (await item(target)).id]).toEqual([target, id]);
    }
    expect(emulator.misuse).toEqual([]);
  });

  test("neither case nor the way to write an accent matters", async () => {
    const file = emulator.remote.write("/Ärger.TXT", "x");
    for (const name of ["ärger.txt", "A\u0308RGER.txt"]) {
      expect((await item(`{D}/root:/${encodeURIComponent(name)}`)).id).toBe(file.id);
      expect(await codeOf(put(encodeURIComponent(name), "y", "fail"))).toBe("409 nameAlreadyExists");
    }
    expect((await item("{D}/root:/%C3%84rger.txt")).name).toBe("Ärger.TXT");
  });

  test.each([
    ["root%3A%2Fa.txt", "400 invalidRequest"],
    ["root:/:/children", "400 invalidRequest"],
    ["root:/A/", "400 invalidRequest"],
    ["root:/A//b", "400 invalidRequest"],
    ["nonsense", "400 invalidRequest"],
    ["root:/a%", "400 invalidRequest"],
    ["root/children?$bogus=1", "400 invalidRequest invalidQueryOption"],
  ])("%s is refused and kept for the test", async (target, code) => {
    expect(await codeOf(call("GET", `{D}/${target}`))).toBe(code);
    expect(emulator.misuse).toHaveLength(1);
  });

  test("sites and their libraries", async () => {
    await reopen("documentLibrary");
    const site = emulator.account.site ?? expect.unreachable();
    for (const name of ["root", site.id, `${site.host}:${site.path}:`]) {
      expect((await call("GET", `/sites/${name}/drive`)).json).toMatchObject({
        id: emulator.drive.id,
        driveType: "documentLibrary",
      });
    }
    expect((await call("GET", `/sites/${site.host}:${site.path}`)).json).toMatchObject({ id: site.id });
    expect((await call("GET", `/sites/${site.id}/drives`)).json).toMatchObject({ value: [{ id: emulator.drive.id }] });
    expect((await call("GET", "/me/drive")).json).toMatchObject({ driveType: "business" });
  });

  test("special folders are made when they are first asked for", async () => {
    expect((await item("{D}/special/approot")).name).toBe("trisync");
    expect(
      await call("PUT", "{D}/special/approot:/x.txt:/content?@microsoft.graph.conflictBehavior=fail", { body: "x" }),
    ).toMatchObject({ status: 201 });
    expect(Object.keys(await emulator.remote.tree())).toEqual(["/Apps", "/Apps/trisync", "/Apps/trisync/x.txt"]);
  });

  test.each([
    ['a"b', "400 invalidRequest nameContainsInvalidCharacters"],
    ["a:b", "400 invalidRequest nameContainsInvalidCharacters"],
    ["a\u0001b", "400 invalidRequest nameContainsInvalidCharacters"],
    [" a", "400 invalidRequest invalidPath"],
    ["a.", "400 invalidRequest invalidPath"],
    ["..", "400 invalidRequest invalidPath"],
    ["nul", "400 invalidRequest invalidPath"],
    ["COM7", "400 invalidRequest invalidPath"],
    [".lock", "400 invalidRequest invalidPath"],
    ["Desktop.ini", "400 invalidRequest invalidPath"],
    ["~$draft.docx", "400 invalidRequest invalidPath"],
    ["a_vti_b", "400 invalidRequest invalidPath"],
    ["a&#169;b", "400 invalidRequest invalidPath"],
    ["n".repeat(256), "400 invalidRequest pathIsTooLong"],
  ])("the name %j is refused in every way, and is no misuse", async (name, code) => {
    const encoded = encodeURIComponent(name);
    expect(await codeOf(put(encoded, "x"))).toBe(code);
    expect(await codeOf(startSession(encoded))).toBe(code);
    const body = { name, folder: {}, "@microsoft.graph.conflictBehavior": "fail" };
    expect(await codeOf(call("POST", "{D}/root/children", { body }))).toBe(code);
    emulator.remote.write("/good.txt", "x");
    expect(await codeOf(call("PATCH", "{D}/root:/good.txt", { body: { name } }))).toBe(code);
    expect(emulator.misuse).toEqual([]);
  });

  test("a path of 400 characters is the longest", async () => {
    const folder = `${"d".repeat(199)}/${"e".repeat(199)}`;
    expect((await put(`${folder}/f`, "x")).status).toBe(400);
    expect((await put(`${folder.slice(1)}/f`, "x")).status).toBe(201);
    for (const fine of [".hidden", "CON.txt", "#100%.txt", "~tilde.txt", "a.b."]) {
      expect([fine, (await put(encodeURIComponent(fine), "x")).status]).toEqual([fine, fine === "a.b." ? 400 : 201]);
    }
    const forms = { name: "Forms", folder: {}, "@microsoft.graph.conflictBehavior": "fail" };
    expect((await call("POST", "{D}/root/children", { body: forms })).status).toBe(400);
    emulator.remote.mkdir("/sub");
    expect((await call("POST", "{D}/root:/sub:/children", { body: forms })).status).toBe(201);
  });
});

describe("answers", () => {
  test("of the API carry its headers and errors their envelope", async () => {
    const { headers, json } = await call("GET", "{D}/root:/none", { headers: { "client-request-id": "mine" } });
    expect(headers).toMatchObject({
      "client-request-id": "mine",
      "odata-version": "4.0",
      "request-id": matching(/^[0-9a-f-]{36}$/),
      "x-ms-ags-diagnostic": containing("ServerInfo"),
      "content-type": containing("odata.metadata=minimal"),
    });
    expect(json).toMatchObject({ error: { code: "itemNotFound", innerError: { "client-request-id": "mine" } } });
  });

  test("of the upload host spell the inner error differently", async () => {
    const url = await uploadUrl("a.bin");
    await range(url, Buffer.alloc(BLOCK), 0, BLOCK + 1);
    expect((await range(url, Buffer.alloc(BLOCK), 0, BLOCK + 1)).json).toMatchObject({
      error: { code: "invalidRange", innererror: { code: "fragmentOverlap" } },
    });
  });

  test("hold only what was selected, and the full item otherwise", async () => {
    emulator.remote.write("/A/a.txt", "hello");
    expect((await call("GET", "{D}/root:/A/a.txt?$select=id,size")).json).toEqual({
      "@odata.context": anyText,
      id: anyText,
      size: 5,
    });
    expect((await call("GET", "{D}/root:/A/a.txt")).json).toMatchObject({
      "@microsoft.graph.downloadUrl": containing("tempauth="),
      file: { mimeType: "application/octet-stream", hashes: { quickXorHash: "aCgDG9jwBgAAAAAABQAAAAAAAAA=" } },
      parentReference: {
        driveType: "business",
        driveId: emulator.drive.id,
        name: "A",
        path: `/drives/${emulator.drive.id}/root:/A`,
      },
    });
  });

  test("show the parent's path in one of several forms", async () => {
    emulator.remote.write("/A b/a.txt", "hello");
    const path = async (): Promise<string | undefined> => (await item("{D}/root:/A%20b/a.txt")).parentReference?.path;
    emulator.settings.parentPath = "encoded";
    expect(await path()).toBe(`/drives/${emulator.drive.id}/root:/A%20b`);
    emulator.settings.parentPath = "absent";
    expect(await path()).toBeUndefined();
  });

  test("are compressed for those who accept it", async () => {
    for (let index = 0; index < 20; index += 1) emulator.remote.write(`/f${String(index)}`, "x");
    const { headers } = await call("GET", "{D}/root/children", { headers: { "accept-encoding": "gzip, deflate" } });
    expect(headers["content-encoding"]).toBe("gzip");
  });

  test("leave hashes out, or empty, or the quota", async () => {
    emulator.remote.write("/a.txt", "a");
    emulator.remote.write("/b.txt", "b", { hasNoHash: true });
    const hashes = async (name: string): Promise<unknown> =>
      z
        .looseObject({ file: z.looseObject({ hashes: z.unknown().optional() }) })
        .parse((await call("GET", `{D}/root:/${name}`)).json).file.hashes;
    expect(await hashes("b.txt")).toBeUndefined();
    emulator.fault({ route: "item", kind: "missing-hash" });
    expect(await hashes("a.txt")).toBeUndefined();
    emulator.settings.hashes = "empty";
    expect(await hashes("a.txt")).toEqual({});
    emulator.settings.quotaShown = "zero";
    expect((await call("GET", "{D}")).json).toMatchObject({ quota: { total: 0, used: 0 } });
    emulator.settings.quotaShown = "missing";
    expect((await call("GET", "{D}")).json).not.toHaveProperty("quota");
  });
});

describe("children", () => {
  test("come in pages of 200, or of any size up to 1,000", async () => {
    for (let index = 0; index < 250; index += 1) emulator.remote.write(`/D/f${String(index)}`, "x");
    const first = Page.parse((await call("GET", "{D}/root:/D:/children")).json);
    expect(first.value).toHaveLength(200);
    const second = Page.parse((await call("GET", relative(first["@odata.nextLink"] ?? ""))).json);
    expect(second.value).toHaveLength(50);
    expect(second["@odata.nextLink"]).toBeUndefined();
    const small = await delta("{D}/root:/D:/children?$top=60&$select=id,name");
    expect([small.pages, new Set(names(small)).size]).toEqual([5, 250]);
    expect((await call("GET", "{D}/root:/D:/children?$top=1001")).status).toBe(400);
    expect((await call("GET", "{D}/root/children?$skiptoken=bm9uc2Vuc2U")).status).toBe(400);
  });

  test("of a personal drive are counted", async () => {
    await reopen("personal", { files: { "/a": "a", "/b": "b" } });
    expect((await call("GET", "{D}/root/children?$top=1")).json).toMatchObject({ "@odata.count": 2 });
  });
});

describe("a delta", () => {
  test("lists all, parents first, with the root, and then what changed with its ancestors", async () => {
    emulator.remote.write("/A/B/a.txt", "a");
    const all = await delta();
    expect(names(all)).toEqual(["root", "A", "B", "a.txt"]);
    expect(names(await changes(all))).toEqual([]);
    emulator.remote.write("/A/B/a.txt", "b");
    emulator.remote.write("/A/B/a.txt", "c");
    expect(names(await changes(all))).toEqual(["root", "A", "B", "a.txt"]);
    expect(names(await changes(all, { prefer: "deltaExcludeParent" }))).toEqual(["a.txt"]);
    emulator.settings.deltaAncestors = "hidden";
    expect(names(await changes(all))).toEqual(["a.txt"]);
  });

  test("tells of a folder alone when it is deleted, moved or renamed", async () => {
    emulator.settings.deltaAncestors = "hidden";
    emulator.remote.write("/A/B/a.txt", "a");
    emulator.remote.write("/C/c.txt", "c");
    const all = await delta();
    emulator.remote.move("/A", "/C/A2");
    const moved = await changes(all);
    expect(names(moved)).toEqual(["A2"]);
    expect(moved.value[0]?.parentReference?.id).toBe(emulator.remote.idOf("/C"));
    emulator.remote.delete("/C");
    expect((await changes(moved)).value).toEqual([expect.objectContaining({ deleted: { state: "deleted" } })]);
    emulator.settings.deltaDeletedFolders = "every-entry";
    expect((await changes(moved)).value).toHaveLength(5);
  });

  test.each([
    ["business", { size: 0 }, ["name", "cTag"]],
    ["personal", { name: "a.txt" }, ["size", "cTag"]],
  ] as const)("of a %s drive has tombstones of its own form", async (kind, has, hasNot) => {
    await reopen(kind, { files: { "/A/a.txt": "a" }, deltaAncestors: "hidden" });
    const all = await delta();
    const live = all.value.at(-1) ?? expect.unreachable();
    expect("cTag" in live).toBe(kind === "personal");
    expect(live.parentReference).not.toHaveProperty("path");
    emulator.remote.delete("/A/a.txt");
    const [gone] = (await changes(all)).value;
    expect(gone).toMatchObject({ id: live.id, deleted: { state: "deleted" }, file: {}, ...has });
    expect(gone?.parentReference).toMatchObject({ id: live.parentReference?.id });
    for (const property of hasNot) expect(gone).not.toHaveProperty(property);
  });

  test("comes in pages and does not lose what changes meanwhile", async () => {
    emulator.settings.deltaPageSize = 2;
    for (const name of ["a", "b", "c", "d"]) emulator.remote.write(`/${name}`, name);
    const first = Page.parse((await call("GET", "{D}/root/delta")).json);
    emulator.remote.delete("/d");
    emulator.remote.write("/late", "late");
    const rest = await delta(first["@odata.nextLink"] ?? "");
    expect(rest.pages).toBe(2);
    expect(rest.value.map(({ deleted }) => deleted !== undefined)).toEqual([false, false, true]);
    const seen = await changes(rest);
    expect(names(seen)).toEqual(["-?", "root", "late"]);
    emulator.settings.deltaOrder = "shuffled";
    expect(new Set(names(await delta("{D}/root/delta?$top=1")))).toEqual(new Set(["root", "a", "b", "c", "late"]));
  });

  test("of a folder shows it, what is in it, and what moves in or out", async () => {
    emulator.settings.deltaAncestors = "hidden";
    emulator.remote.write("/In/a.txt", "a");
    emulator.remote.write("/Out/sub/b.txt", "b");
    const all = await delta("{D}/root:/In:/delta");
    expect(names(all)).toEqual(["In", "a.txt"]);
    emulator.remote.write("/Out/c.txt", "c");
    expect(names(await changes(all))).toEqual([]);
    emulator.remote.move("/In/a.txt", "/Out/a.txt");
    const out = await changes(all);
    expect(names(out)).toEqual(["-?"]);
    emulator.remote.move("/Out/sub", "/In/sub");
    expect(names(await changes(out))).toEqual(["sub", "b.txt"]);
    emulator.settings.deltaMovedIn = "folder-only";
    expect(names(await changes(out))).toEqual(["sub"]);
    emulator.settings.deltaMovedIn = "resync";
    expect(await codeOf(call("GET", relative(out["@odata.deltaLink"] ?? "")))).toBe(
      "410 resyncRequired resyncApplyDifferences",
    );
    emulator.settings.deltaScope = "root-only";
    expect(await codeOf(call("GET", "{D}/root:/In:/delta"))).toBe("501 notSupported");
    emulator.remote.delete("/In");
    expect(await codeOf(call("GET", "{D}/root:/In:/delta"))).toBe("404 itemNotFound");
  });

  test("of an item that came and went in between tells nothing, and a name used again has another id", async () => {
    emulator.settings.deltaAncestors = "hidden";
    emulator.remote.write("/a.txt", "a");
    const all = await delta();
    emulator.remote.write("/short.txt", "x");
    emulator.remote.delete("/short.txt");
    emulator.remote.delete("/a.txt");
    emulator.remote.write("/a.txt", "again");
    const again = await changes(all);
    expect(names(again)).toEqual(["-?", "a.txt"]);
    expect(new Set(again.value.map(({ id }) => id)).size).toBe(2);
  });

  test("starts from now, or from a time", async () => {
    emulator.remote.write("/a.txt", "a");
    const latest = await delta("{D}/root/delta?token=latest");
    expect(latest.value).toEqual([]);
    emulator.advanceClock(10_000);
    const time = new Date(Date.now() + 5000).toISOString();
    emulator.remote.write("/b.txt", "b");
    expect(names(await changes(latest))).toEqual(["root", "b.txt"]);
    expect(names(await delta(`{D}/root/delta?token=${encodeURIComponent(time)}`))).toEqual(["root", "b.txt"]);
    expect(names(await delta("{D}/root/delta(token='latest')"))).toEqual([]);
    await reopen("personal");
    expect((await call("GET", `{D}/root/delta?token=${encodeURIComponent(time)}`)).status).toBe(400);
  });

  test("answers 410 with a fresh start to links that are too old", async () => {
    emulator.remote.write("/a.txt", "a");
    const all = await delta("{D}/root/delta?$select=id,name,deleted");
    emulator.resetDelta("resyncUploadDifferences");
    const answer = await call("GET", relative(all["@odata.deltaLink"] ?? ""));
    expect(await codeOf(answer)).toBe("410 resyncRequired resyncUploadDifferences");
    expect(names(await delta(answer.headers["location"] ?? ""))).toEqual(["root", "a.txt"]);
    emulator.fault({ route: "delta", kind: "gone", inner: "syncStateNotFound" });
    expect(await codeOf(call("GET", "{D}/root/delta"))).toBe("410 syncStateNotFound");
    expect(emulator.misuse).toEqual([]);
    expect(await codeOf(call("GET", "{D}/root/delta?token=made-up"))).toBe("400 invalidRequest");
    expect(emulator.misuse).toHaveLength(1);
  });

  test("without deleted among the selected properties makes the dead look alive, which is kept for the test", async () => {
    emulator.remote.write("/a.txt", "a");
    const all = await delta("{D}/root/delta?$select=id,name");
    emulator.remote.delete("/a.txt");
    expect((await changes(all)).value.at(-1)).toEqual({ id: anyText });
    expect(emulator.misuse).toContain("delta: a delta whose $select leaves out deleted");
  });

  test("can lag, be frozen, and lose its tombstones", async () => {
    emulator.settings.deltaAncestors = "hidden";
    emulator.remote.write("/a.txt", "a");
    emulator.settings.deltaLagMs = 5000;
    const early = await delta();
    expect(names(early)).toEqual(["root"]);
    expect((await call("GET", "{D}/root:/a.txt")).status).toBe(200);
    emulator.advanceClock(6000);
    const late = await changes(early);
    expect(names(late)).toEqual(["a.txt"]);
    emulator.settings.deltaLagMs = 0;

    emulator.freezeDelta(2);
    emulator.remote.move("/a.txt", "/b.txt");
    expect(names(await delta())).toEqual(["root", "a.txt"]);
    const frozen = await changes(late);
    expect(names(frozen)).toEqual([]);
    expect(names(await changes(frozen))).toEqual(["b.txt"]);

    emulator.settings.deltaLosesTombstones = true;
    emulator.remote.delete("/b.txt");
    expect(names(await changes(frozen))).toEqual([]);
  });

  test("repeats, loops, comes empty or with gaps on demand", async () => {
    for (const name of ["a", "b", "c"]) emulator.remote.write(`/${name}`, name);
    emulator.remote.move("/a", "/a2");
    emulator.fault({ route: "delta", kind: "repeated-items" });
    expect(names(await delta())).toEqual(["root", "root", "b", "b", "c", "c", "a", "a2"]);
    emulator.fault({ route: "delta", kind: "empty-page" });
    const late = await delta();
    expect([late.pages, names(late)]).toEqual([2, ["root", "b", "c", "a2"]]);
    emulator.fault({ route: "delta", kind: "missing-items", names: ["b"] });
    expect(names(await delta())).toEqual(["root", "c", "a2"]);
    emulator.fault({ route: "delta", kind: "short-page", items: 1 });
    expect((await delta()).pages).toBe(2);
    emulator.fault({ route: "delta", kind: "repeated-link", nth: 2, times: 2 });
    const first = Page.parse((await call("GET", "{D}/root/delta?$top=2")).json);
    const second = Page.parse((await call("GET", relative(first["@odata.nextLink"] ?? ""))).json);
    const third = Page.parse((await call("GET", relative(second["@odata.nextLink"] ?? ""))).json);
    expect(second["@odata.nextLink"]).toBe(third["@odata.nextLink"]);
    expect(names(second)).toEqual(names(third));
  });

  test("shows notebooks as packages, and shortcuts to those who know them", async () => {
    emulator.remote.addNotebook("/Notes");
    const other = emulator.remoteOf(emulator.addAccount({ displayName: "Bob" }));
    other.write("/Shared/x.txt", "x");
    emulator.remote.addShortcut("/Bob's", other, "/Shared");
    expect(names(await delta())).toEqual(["root", "Notes"]);
    const all = await delta("{D}/root/delta", { prefer: "Include-Feature=AddToOneDrive" });
    expect(all.value.slice(1)).toEqual([
      expect.objectContaining({ name: "Notes", package: { type: "oneNote" } }),
      expect.objectContaining({ name: "Bob's", remoteItem: having({ name: "Shared" }) }),
    ]);
    expect(await codeOf(put("Notes", "x"))).toBe("409 nameAlreadyExists");
    expect(await codeOf(call("GET", "{D}/root:/Notes:/content"))).toBe("409 notSupported");
  });
});

describe("a simple upload", () => {
  test("creates, replaces, fails or renames, and makes missing folders", async () => {
    expect((await put("A/B/a.txt", "one")).status).toBe(201);
    const { id } = await item("{D}/root:/A/B/a.txt");
    expect(await put("A/B/a.txt", "two")).toMatchObject({ status: 200, json: { id, size: 3 } });
    expect(await codeOf(put("A/B/a.txt", "three", "fail"))).toBe("409 nameAlreadyExists");
    expect(await put("A/B/a.txt", "four", "rename")).toMatchObject({ status: 201, json: { name: "a 1.txt" } });
    expect(await codeOf(put("A/B", "x"))).toBe("409 nameAlreadyExists");
    expect(await codeOf(call("PUT", `{D}/items/${emulator.remote.idOf("/A")}/content`, { body: "x" }))).toBe(
      "400 invalidRequest",
    );
    expect(await call("PUT", `{D}/items/${id}/content`, { body: "five" })).toMatchObject({
      status: 200,
      json: { id, size: 4 },
    });
    expect(
      (
        await call(
          "PUT",
          `{D}/items/${emulator.remote.idOf("/A")}/children/c.txt/content?@microsoft.graph.conflictBehavior=fail`,
          { body: "c" },
        )
      ).status,
    ).toBe(201);
    expect((await put("empty", "")).json).toMatchObject({
      size: 0,
      file: { hashes: { quickXorHash: "AAAAAAAAAAAAAAAAAAAAAAAAAAA=" } },
    });
    emulator.misuse.length = 0;
  });

  test("sets the time to now", async () => {
    emulator.remote.write("/a.txt", "a", { modified: new Date("2020-01-01T00:00:00Z") });
    await put("a.txt", "b");
    const time = Date.parse((await item("{D}/root:/a.txt")).fileSystemInfo?.lastModifiedDateTime ?? "");
    expect(Math.abs(time - Date.now())).toBeLessThan(60_000);
  });

  test.each([
    ["business", "412 resourceModified"],
    ["personal", "412 notAllowed"],
  ] as const)("on a %s drive heeds preconditions", async (kind, code) => {
    await reopen(kind, { files: { "/a.txt": "a" } });
    const { eTag = "", cTag = "" } = await item("{D}/root:/a.txt");
    const when = (headers: Readonly<Record<string, string>>): Promise<string> =>
      codeOf(put("a.txt", "b", "replace", { headers }));
    expect(await when({ "if-match": '"{00000000-0000-0000-0000-000000000000},1"' })).toBe(code);
    expect(await when({ "if-none-match": "*" })).toBe(code);
    expect(await when({ "if-match": cTag })).toBe("200");
    expect(await when({ "if-match": eTag })).toBe(code);
    expect(await codeOf(put("none.txt", "b", "replace", { headers: { "if-match": eTag } }))).toBe(code);
    expect(await codeOf(put("none.txt", "b", "fail", { headers: { "if-none-match": "*" } }))).toBe("201");
  });

  test("is refused when too large, when the drive is full, and when sent as JSON", async () => {
    emulator.settings.simpleUploadBytes = 10;
    expect(await codeOf(put("a", "12345678901"))).toBe("413 invalidRequest maxStreamSizeExceeded");
    emulator.settings.quotaBytes = 12;
    expect((await put("a", "1234567890")).status).toBe(201);
    expect(await codeOf(put("b", "123"))).toBe("507 quotaLimitReached");
    // The version that is replaced still counts.
    expect(await codeOf(put("a", "1234567890"))).toBe("507 quotaLimitReached");
    expect(await codeOf(put("c", "{}", "replace", { headers: { "content-type": "application/json" } }))).toBe(
      "400 invalidRequest",
    );
    expect(emulator.misuse).toHaveLength(2);
  });

  test("without a length, a conflictBehavior or with a coding is kept for the test", async () => {
    await put("a", "a", "replace", { isChunked: true });
    await call("PUT", "{D}/root:/b:/content", { body: "b" });
    await put("c", "c", "replace", { headers: { "content-encoding": "gzip" } });
    await put("d", "d", "replace", { headers: { "content-type": "multipart/form-data; boundary=x" } });
    expect(emulator.misuse).toEqual([
      "upload: no Content-Length",
      "upload: no conflictBehavior",
      "upload: Content-Encoding on an upload",
      "upload: a file sent as multipart, which is stored as it is",
    ]);
  });

  test("of two parts carries the time along, on personal drives", async () => {
    const metadata = {
      name: "f.txt",
      file: {},
      fileSystemInfo: { lastModifiedDateTime: "2020-01-02T03:04:05Z" },
      "@microsoft.graph.sourceUrl": "cid:content",
      "@microsoft.graph.conflictBehavior": "replace",
    };
    const parts = [
      `--A1\r\nContent-ID: <metadata>\r\nContent-Type: application/json\r\n\r\n${JSON.stringify(metadata)}\r\n`,
      "--A1\r\nContent-ID: <content>\r\nContent-Type: application/octet-stream\r\n\r\nhello\r\n--A1--\r\n",
    ];
    const options = { body: parts.join(""), headers: { "content-type": 'multipart/related; boundary="A1"' } };
    expect((await call("POST", "{D}/root/children", options)).status).toBe(400);
    await reopen("personal");
    expect((await call("POST", "{D}/root/children", options)).status).toBe(201);
    expect(emulator.remote.stat("/f.txt")).toMatchObject({ sizeBytes: 5, modified: new Date("2020-01-02T03:04:05Z") });
  });
});

describe("an upload session", () => {
  const bytes = Buffer.alloc(2 * BLOCK + 100, "0123456789abc");

  test("takes ranges in order and makes a file with its time, in one version", async () => {
    const url = await uploadUrl("a.bin", { fileSystemInfo: { lastModifiedDateTime: "2020-01-02T03:04:05Z" } });
    expect((await range(url, bytes.subarray(0, BLOCK), 0, bytes.length)).json).toMatchObject({
      nextExpectedRanges: ["327680-"],
    });
    expect(await codeOf(call("GET", "{D}/root:/a.bin"))).toBe("404 itemNotFound");
    expect((await call("GET", url)).json).toMatchObject({ nextExpectedRanges: ["327680-"] });
    expect(await range(url, bytes.subarray(BLOCK), BLOCK, bytes.length)).toMatchObject({
      status: 201,
      json: { size: bytes.length },
    });
    expect(emulator.remote.stat("/a.bin")?.modified).toEqual(new Date("2020-01-02T03:04:05Z"));
    expect((await emulator.remote.read("/a.bin")).equals(bytes)).toBe(true);
    expect(emulator.remote.versionCount("/a.bin")).toBe(0);
    expect(await codeOf(call("GET", url))).toBe("404 itemNotFound");
    expect((await range(await uploadUrl("a.bin"), Buffer.from("x"), 0, 1)).status).toBe(200);
    expect(emulator.misuse).toEqual([]);
  });

  test("refuses ranges that do not fit", async () => {
    const url = await uploadUrl("a.bin");
    await range(url, bytes.subarray(0, BLOCK), 0, bytes.length);
    expect(await codeOf(range(url, bytes.subarray(0, BLOCK), 0, bytes.length))).toBe(
      "416 invalidRange fragmentOverlap",
    );
    expect(emulator.misuse).toEqual([]);
    expect(await codeOf(range(url, bytes.subarray(2 * BLOCK), 2 * BLOCK, bytes.length))).toBe(
      "416 invalidRange fragmentOutOfOrder",
    );
    expect(await codeOf(range(url, bytes.subarray(BLOCK, 2 * BLOCK), BLOCK, bytes.length + 1))).toBe(
      "400 invalidRange fragmentLengthMismatch",
    );
    expect(await codeOf(range(url, bytes.subarray(BLOCK, BLOCK + 5), BLOCK, bytes.length))).toBe("400 invalidRequest");
    const headers = { "content-range": `bytes ${String(BLOCK)}-${String(bytes.length - 1)}/${String(bytes.length)}` };
    expect(await codeOf(call("PUT", url, { body: bytes.subarray(BLOCK), headers, isChunked: true }))).toBe(
      "411 invalidRequest",
    );
    expect(await codeOf(call("PUT", url, { body: "short", headers }))).toBe("400 invalidRequest");
    expect(await codeOf(call("PUT", url, { body: "x" }))).toBe("400 invalidRequest");
    expect(await codeOf(call("PUT", url, { headers: { "content-range": "bytes 0-0/0" } }))).toBe("400 invalidRequest");
    const huge = 60 * KIB * KIB;
    expect(await codeOf(range(await uploadUrl("b.bin"), Buffer.alloc(huge), 0, huge))).toBe(
      "413 invalidRange maxFragmentLengthExceeded",
    );
    expect(emulator.misuse).toHaveLength(8);
  });

  test("accepts uneven ranges at first, when it is told to, and fails at the end", async () => {
    emulator.settings.unevenRanges = "fail-at-commit";
    const url = await uploadUrl("a.bin");
    expect((await range(url, bytes.subarray(0, 5), 0, 10)).status).toBe(202);
    expect(await codeOf(range(url, bytes.subarray(5, 10), 5, 10))).toBe("500 generalException");
    expect(await emulator.remote.tree()).toEqual({});
    expect(emulator.misuse).toHaveLength(1);
  });

  test("refuses a bearer, and puts up with it only on demand", async () => {
    const url = await uploadUrl("a.bin");
    const options = { body: "x", headers: { authorization: "Bearer x", "content-range": "bytes 0-0/1" } };
    expect(await codeOf(call("PUT", url, options))).toBe("401 unauthenticated");
    emulator.settings.filesHostRefusesBearer = false;
    expect((await call("PUT", url, options)).status).toBe(201);
    expect(emulator.misuse).toHaveLength(2);
  });

  test("is cancelled, expires, loses its URL or is lost", async () => {
    const cancelled = await uploadUrl("a.bin");
    expect((await call("DELETE", cancelled)).status).toBe(204);
    expect(await codeOf(call("DELETE", cancelled))).toBe("404 itemNotFound");
    const idle = await uploadUrl("a.bin");
    emulator.advanceClock(16 * 60_000);
    expect(await codeOf(call("GET", idle))).toBe("404 itemNotFound");
    emulator.settings.sessionLifetimeMs = 7 * 24 * 3_600_000;
    const old = await uploadUrl("a.bin");
    emulator.advanceClock(25 * 3_600_000);
    expect(await codeOf(call("GET", old))).toBe("401 unauthenticated expiredToken");
    call = rawClient(emulator);
    const spoilt = await uploadUrl("b.bin");
    emulator.fault({ route: "upload-range", kind: "expired-url" });
    expect(await codeOf(range(spoilt, Buffer.from("x"), 0, 1))).toBe("401 unauthenticated expiredToken");
    const lost = await uploadUrl("c.bin");
    emulator.fault({ route: "upload-range", kind: "lost-session" });
    expect(await codeOf(range(lost, Buffer.from("x"), 0, 1))).toBe("404 itemNotFound");
  });

  test("keeps other sessions from its name on business drives, but not a simple upload", async () => {
    const url = await uploadUrl("a.bin");
    expect(await codeOf(startSession("A.BIN"))).toBe("409 nameAlreadyExists");
    expect((await put("a.bin", "simple")).status).toBe(201);
    await call("DELETE", url);
    expect((await startSession("a.bin")).status).toBe(200);
    emulator.advanceClock(16 * 60_000);
    expect((await startSession("a.bin")).status).toBe(200);
    await reopen("personal");
    expect([(await startSession("a.bin")).status, (await startSession("a.bin")).status]).toEqual([200, 200]);
  });

  test("obeys its conflictBehavior when it begins and when it ends", async () => {
    emulator.remote.write("/a.bin", "old");
    expect(await codeOf(startSession("a.bin", { "@microsoft.graph.conflictBehavior": "fail" }))).toBe(
      "409 nameAlreadyExists",
    );
    const renamed = await uploadUrl("a.bin", { "@microsoft.graph.conflictBehavior": "rename" });
    expect((await range(renamed, Buffer.from("x"), 0, 1)).json).toMatchObject({ name: "a 1.bin" });
    const failing = await uploadUrl("b.bin", { "@microsoft.graph.conflictBehavior": "fail" });
    emulator.remote.write("/b.bin", "meanwhile");
    expect(await codeOf(range(failing, Buffer.from("x"), 0, 1))).toBe("409 nameAlreadyExists");
    expect((await emulator.remote.read("/b.bin")).toString()).toBe("meanwhile");
  });

  test("heeds If-Match when it begins and when it ends", async () => {
    const { eTag } = emulator.remote.write("/a.bin", "old");
    expect(await codeOf(startSession("a.bin", {}, { headers: { "if-match": '"{x},9"' } }))).toBe(
      "412 resourceModified",
    );
    const started = await startSession("a.bin", {}, { headers: { "if-match": eTag } });
    emulator.remote.write("/a.bin", "meanwhile");
    const { uploadUrl: url } = Session.parse(started.json);
    expect(await codeOf(range(url, Buffer.from("x"), 0, 1))).toBe("409 resourceModified");
  });

  test("is refused for a full drive, a missing folder, by a wrong name, without conflictBehavior, or by the score", async () => {
    expect(await codeOf(startSession("none/a.bin"))).toBe("404 itemNotFound");
    emulator.settings.sessionCreatesParents = true;
    expect(await codeOf(startSession("none/a.bin"))).toBe("200");
    expect(await codeOf(startSession("a.bin", { name: "b.bin" }))).toBe("400 invalidRequest");
    await call("POST", "{D}/root:/c.bin:/createUploadSession", { body: {} });
    expect(emulator.misuse).toHaveLength(2);
    emulator.settings.openSessions = 2;
    expect(await codeOf(startSession("d.bin"))).toBe("400 invalidRequest");
    expect(
      await codeOf(call("POST", `{D}/items/${emulator.remote.idOf("/none")}/createUploadSession`, { body: {} })),
    ).toBe("400 invalidRequest");
    await reopen("personal", { quotaBytes: 10 });
    expect(await codeOf(startSession("a.bin", { fileSize: 11 }))).toBe("507 quotaLimitReached");
    expect((await startSession("a.bin", { fileSize: 10 })).status).toBe(200);
    const full = await uploadUrl("b.bin");
    expect(await codeOf(range(full, Buffer.alloc(11), 0, 11))).toBe("507 quotaLimitReached");
  });

  test("by the id of a file works on business drives", async () => {
    const { id } = emulator.remote.write("/a.bin", "old");
    const body = { item: { "@microsoft.graph.conflictBehavior": "replace" } };
    const { uploadUrl: url } = Session.parse(
      (await call("POST", `{D}/items/${id}/createUploadSession`, { body })).json,
    );
    expect((await range(url, Buffer.from("new"), 0, 3)).json).toMatchObject({ id });
    await reopen("personal");
    const personal = emulator.remote.write("/a.bin", "old");
    expect((await call("POST", `{D}/items/${personal.id}/createUploadSession`, { body })).status).toBe(400);
  });

  test("may leave its commit to the client", async () => {
    const body = { item: { "@microsoft.graph.conflictBehavior": "fail" }, deferCommit: true };
    const start = async (): Promise<string> =>
      Session.parse((await call("POST", "{D}/root:/a.bin:/createUploadSession", { body })).json).uploadUrl;
    const url = await start();
    expect((await range(url, Buffer.from("x"), 0, 1)).status).toBe(202);
    expect(await emulator.remote.tree()).toEqual({});
    expect((await call("POST", url)).status).toBe(201);
    await reopen("personal");
    const source = await start();
    await range(source, Buffer.from("x"), 0, 1);
    const commit = {
      name: "b.bin",
      "@microsoft.graph.conflictBehavior": "rename",
      "@microsoft.graph.sourceUrl": source,
    };
    expect(await call("PUT", "{D}/root:/a.bin", { body: commit })).toMatchObject({
      status: 201,
      json: { name: "b.bin" },
    });
  });

  test("discards a range that breaks off, and keeps one whose answer is lost", async () => {
    const url = await uploadUrl("a.bin");
    emulator.fault({ route: "upload-range", kind: "cut-before", afterBodyBytes: 1000 });
    await expect(range(url, bytes.subarray(0, BLOCK), 0, bytes.length)).rejects.toThrow();
    expect((await call("GET", url)).json).toMatchObject({ nextExpectedRanges: ["0-"] });
    emulator.fault({ route: "upload-range", kind: "cut-after" });
    await expect(range(url, bytes.subarray(0, BLOCK), 0, bytes.length)).rejects.toThrow();
    expect((await call("GET", url)).json).toMatchObject({ nextExpectedRanges: ["327680-"] });
    emulator.fault({ route: "upload-range", kind: "status", status: 504, processed: true });
    expect((await range(url, bytes.subarray(BLOCK), BLOCK, bytes.length)).status).toBe(504);
    expect((await emulator.remote.read("/a.bin")).equals(bytes)).toBe(true);
  });
});

describe("a download", () => {
  const content = async (target: string): Promise<string> => (await call("GET", target)).headers["location"] ?? "";

  test("leads to a URL that needs no token, and gives ranges", async () => {
    const { id } = emulator.remote.write("/a.txt", "0123456789");
    expect((await call("GET", `{D}/items/${id}/content`)).status).toBe(302);
    const url = await content(`{D}/items/${id}/content`);
    expect((await call("GET", url)).text).toBe("0123456789");
    const part = await call("GET", url, { headers: { range: "bytes=2-5" } });
    expect([part.status, part.text, part.headers["content-range"]]).toEqual([206, "2345", "bytes 2-5/10"]);
    expect((await call("GET", url, { headers: { range: "bytes=8-" } })).text).toBe("89");
    expect((await call("GET", url, { headers: { range: "bytes=10-" } })).status).toBe(416);
    emulator.settings.ignoreRanges = true;
    expect((await call("GET", url, { headers: { range: "bytes=2-5" } })).status).toBe(200);
    expect(await codeOf(call("GET", url, { headers: { authorization: "Bearer x" } }))).toBe("401 unauthenticated");
  });

  test("gives what the file holds now, until the URL is too old or the file gone", async () => {
    emulator.remote.write("/a.txt", "old");
    const url = await content("{D}/root:/a.txt:/content");
    emulator.remote.write("/a.txt", "new");
    expect((await call("GET", url)).text).toBe("new");
    emulator.advanceClock(61 * 60_000);
    expect(await codeOf(call("GET", url))).toBe("401 unauthenticated expiredToken");
    call = rawClient(emulator);
    const fresh = await content("{D}/root:/a.txt:/content");
    emulator.remote.delete("/a.txt");
    expect(await codeOf(call("GET", fresh))).toBe("404 itemNotFound");
    expect(await codeOf(call("GET", fresh.replace("=v1.", "=v1.x")))).toBe("400 invalidRequest");
  });

  test("knows when nothing changed, malware, folders and versions", async () => {
    const { eTag } = emulator.remote.write("/a.txt", "one");
    expect((await call("GET", "{D}/root:/a.txt:/content", { headers: { "if-none-match": eTag } })).status).toBe(304);
    emulator.remote.write("/a.txt", "two");
    expect((await call("GET", "{D}/root:/a.txt:/versions")).json).toMatchObject({
      value: [{ id: "2.0" }, { id: "1.0" }],
    });
    expect((await call("GET", await content("{D}/root:/a.txt:/versions/1.0/content"))).text).toBe("one");
    emulator.remote.mark("/a.txt", { isMalware: true });
    const refused = await call("GET", "{D}/root:/a.txt:/content");
    expect([await codeOf(refused), refused.headers["x-virus-infected"]]).toEqual([
      "403 malwareDetected",
      "Trojan:Test",
    ]);
    emulator.remote.mkdir("/A");
    expect(await codeOf(call("GET", "{D}/root:/A:/content"))).toBe("400 invalidRequest");
  });

  test("breaks off, lies about its length or its bytes, or dawdles, on demand", async () => {
    emulator.remote.write("/a.txt", "0123456789");
    const url = await content("{D}/root:/a.txt:/content");
    emulator.fault({ route: "download", kind: "truncated-download", afterBytes: 4 });
    await expect(call("GET", url)).rejects.toThrow();
    emulator.fault({ route: "download", kind: "truncated-download", afterBytes: 4, quiet: true });
    expect((await call("GET", url)).text).toBe("0123");
    emulator.fault({ route: "download", kind: "wrong-bytes" });
    expect((await call("GET", url)).text).not.toBe("0123456789");
    for (const kind of ["half-body", "half-json"] as const) {
      emulator.fault({ route: "download", kind });
      expect((await call("GET", url)).text).toBe("01234");
    }
    emulator.fault({ route: "download", kind: "empty-body" });
    expect((await call("GET", url)).text).toBe("");
    emulator.fault({ route: "download", kind: "cut-half" });
    await expect(call("GET", url)).rejects.toThrow();
    emulator.fault({ route: "download", kind: "slow-body", pieceBytes: 3, pauseMs: 20 });
    const begunMs = Date.now();
    expect((await call("GET", url)).text).toBe("0123456789");
    expect(Date.now() - begunMs).toBeGreaterThanOrEqual(60);
    emulator.fault({ route: "download", kind: "expired-url" });
    expect([await codeOf(call("GET", url)), await codeOf(call("GET", url))]).toEqual(
      Array(2).fill("401 unauthenticated expiredToken"),
    );
  });
});

describe("folders, moves and deletions", () => {
  const mkdir = (parent: string, name: string, behavior?: string): Promise<RawAnswer> => {
    const conflict = behavior === undefined ? {} : { "@microsoft.graph.conflictBehavior": behavior };
    return call("POST", `{D}/root${parent}/children`, { body: { name, folder: {}, ...conflict } });
  };
  const patch = (path: string, body: object, options: RawOptions = {}): Promise<RawAnswer> =>
    call("PATCH", `{D}/root:/${path}`, { body, ...options });

  test("a folder is made once", async () => {
    expect((await mkdir("", "A", "fail")).status).toBe(201);
    expect(await codeOf(mkdir("", "a", "fail"))).toBe("409 nameAlreadyExists");
    expect((await mkdir("", "A", "rename")).json).toMatchObject({ name: "A 1" });
    expect((await mkdir("", "A", "replace")).json).toMatchObject({ id: emulator.remote.idOf("/A") });
    expect(await codeOf(mkdir(":/none:", "B", "fail"))).toBe("404 itemNotFound");
    expect(emulator.misuse).toEqual([]);
    await mkdir("", "C");
    expect(emulator.misuse).toEqual(["create-folder: no conflictBehavior"]);
  });

  test("missing folders are made in one request", async () => {
    const body = { folder: {}, "@microsoft.graph.conflictBehavior": "fail" };
    expect(await patch("a/b/c", body)).toMatchObject({ status: 201, json: { name: "c" } });
    expect(await codeOf(patch("a/b/c", body))).toBe("409 nameAlreadyExists");
    expect(await emulator.remote.tree()).toEqual({ "/a": null, "/a/b": null, "/a/b/c": null });
  });

  test("an update renames, moves and keeps the time that is sent along", async () => {
    const { id } = emulator.remote.write("/a.txt", "a", { modified: new Date("2020-01-01T00:00:00Z") });
    emulator.remote.mkdir("/B");
    const time = { fileSystemInfo: { lastModifiedDateTime: "2020-01-01T00:00:00Z" } };
    const parentReference = { id: emulator.remote.idOf("/B"), driveId: emulator.drive.id };
    expect(await patch("a.txt", { name: "b.txt", parentReference, ...time })).toMatchObject({
      status: 200,
      json: { id },
    });
    expect(emulator.remote.stat("/B/b.txt")?.modified).toEqual(new Date("2020-01-01T00:00:00Z"));
    expect(emulator.remote.versionCount("/B/b.txt")).toBe(0);
    await patch("B/b.txt", { name: "B.txt" });
    expect(emulator.remote.stat("/B/B.txt")?.modified).not.toEqual(new Date("2020-01-01T00:00:00Z"));
    emulator.fault({ route: "update", kind: "no-content" });
    expect((await patch("B/B.txt", { name: "c.txt" })).status).toBe(204);
    expect(Object.keys(emulator.remote.hashes())).toEqual(["/B", "/B/c.txt"]);
  });

  test("an update is refused where the name is taken, the place wrong or the tag old", async () => {
    const { eTag } = emulator.remote.write("/a.txt", "a");
    emulator.remote.write("/b.txt", "b");
    emulator.remote.write("/A/B/x.txt", "x");
    expect(await codeOf(patch("a.txt", { name: "B.TXT" }))).toBe("409 nameAlreadyExists");
    expect((await patch("a.txt", { name: "b.txt", "@microsoft.graph.conflictBehavior": "rename" })).json).toMatchObject(
      { name: "b 1.txt" },
    );
    expect(await codeOf(patch("A", { name: "b.txt", "@microsoft.graph.conflictBehavior": "replace" }))).toBe(
      "409 nameAlreadyExists",
    );
    expect(
      await codeOf(patch("b 1.txt".replace(" ", "%20"), { name: "c.txt" }, { headers: { "if-match": eTag } })),
    ).toBe("412 resourceModified");
    expect(emulator.misuse).toEqual([]);
    const into = (id: string): object => ({ parentReference: { id } });
    expect(await codeOf(patch("A", into(emulator.remote.idOf("/A/B"))))).toBe("400 invalidRequest");
    expect(await codeOf(patch("b.txt", into("root")))).toBe("400 invalidRequest");
    expect(await codeOf(patch("b.txt", { parentReference: { driveId: "0123456789abcdef", id: "x" } }))).toBe(
      "400 invalidRequest",
    );
    expect(await codeOf(patch("b.txt", {}))).toBe("400 invalidRequest");
    expect(await codeOf(patch("b.txt", { bogus: 1 }))).toBe("400 invalidRequest");
    expect(await codeOf(call("PATCH", "{D}/root", { body: { name: "x" } }))).toBe("400 invalidRequest");
    expect(emulator.misuse).toHaveLength(6);
  });

  test("a rename that only changes case works, and may be refused on personal drives", async () => {
    await reopen("personal", { files: { "/a.txt": "a" } });
    expect((await patch("a.txt", { name: "A.txt" })).json).toMatchObject({ name: "A.txt" });
    emulator.settings.personalCaseRename = "conflict";
    expect(await codeOf(patch("a.txt", { name: "a.TXT" }))).toBe("409 nameAlreadyExists");
  });

  test("a deletion takes all below along, and can be undone", async () => {
    const { id, eTag } = emulator.remote.write("/A/B/a.txt", "a");
    expect(await codeOf(call("DELETE", `{D}/items/${id}`, { headers: { "if-match": '"{x},1"' } }))).toBe(
      "412 resourceModified",
    );
    expect(eTag).toBe(emulator.remote.stat("/A/B/a.txt")?.eTag);
    expect((await call("DELETE", "{D}/root:/A")).status).toBe(204);
    expect(await codeOf(call("DELETE", "{D}/root:/A"))).toBe("404 itemNotFound");
    expect(await codeOf(call("GET", `{D}/items/${id}`))).toBe("404 itemNotFound");
    expect(emulator.remote.deleted().map(({ path }) => path)).toEqual(["/A/B/a.txt"]);
    expect(await codeOf(call("DELETE", "{D}/root"))).toBe("400 invalidRequest");
    await reopen("personal", { files: { "/A/a.txt": "a" } });
    const folder = emulator.remote.idOf("/A");
    await call("DELETE", `{D}/items/${folder}`);
    expect((await call("POST", `{D}/items/${folder}/restore`, { body: {} })).status).toBe(200);
    expect(Object.keys(emulator.remote.hashes())).toEqual(["/A", "/A/a.txt"]);
  });

  test("permanentDelete needs a length, and a business drive", async () => {
    emulator.remote.write("/a.txt", "a");
    expect(await codeOf(call("POST", "{D}/root:/a.txt:/permanentDelete", { isChunked: true }))).toBe(
      "411 invalidRequest",
    );
    expect((await call("POST", "{D}/root:/a.txt:/permanentDelete")).status).toBe(204);
    await reopen("personal", { files: { "/a.txt": "a" } });
    expect(await codeOf(call("POST", "{D}/root:/a.txt:/permanentDelete"))).toBe("501 notSupported");
  });

  test("a copy is watched through its monitor", async () => {
    emulator.remote.write("/A/a.txt", "a");
    const answer = await call("POST", "{D}/root:/A:/copy", { body: { name: "B" } });
    expect([answer.status, answer.text]).toEqual([202, ""]);
    const monitor = answer.headers["location"] ?? "";
    expect((await call("GET", monitor)).json).toMatchObject({ status: "inProgress" });
    expect((await call("GET", monitor)).json).toMatchObject({
      status: "completed",
      resourceId: emulator.remote.idOf("/B"),
    });
    expect((await emulator.remote.read("/B/a.txt")).toString()).toBe("a");
    const failed = await call("POST", "{D}/root:/A:/copy", { body: { name: "B" } });
    emulator.settings.copyPolls = 0;
    await call("GET", failed.headers["location"] ?? "");
    expect((await call("GET", failed.headers["location"] ?? "")).json).toMatchObject({
      status: "failed",
      errorCode: "nameAlreadyExists",
    });
  });

  test("what a test denies is refused, there and below, until it is allowed", async () => {
    emulator.remote.write("/A/a.txt", "a");
    emulator.remote.deny("/A", { on: "write", status: 423, code: "resourceLocked" });
    expect(await codeOf(put("A/b.txt", "b"))).toBe("423 resourceLocked");
    expect(await codeOf(startSession("A/b.txt"))).toBe("423 resourceLocked");
    expect(await codeOf(patch("A/a.txt", { name: "c.txt" }))).toBe("423 resourceLocked");
    expect((await call("GET", "{D}/root:/A/a.txt")).status).toBe(200);
    emulator.remote.allow("/A");
    emulator.remote.deny("/A/a.txt", { on: "delete", status: 403, code: "accessDenied", message: "it is on hold" });
    expect(await codeOf(call("DELETE", "{D}/root:/A/a.txt"))).toBe("403 accessDenied");
    expect((await put("A/b.txt", "b")).status).toBe(201);
  });
});

describe("a batch", () => {
  const Answers = z.object({
    responses: z.array(
      z.object({ id: z.string(), status: z.number(), headers: z.record(z.string(), z.string()), body: z.unknown() }),
    ),
  });
  const batch = async (requests: readonly object[]): Promise<RawAnswer> =>
    call("POST", "/$batch", { body: { requests } });
  const run = async (
    requests: readonly object[],
  ): Promise<Readonly<Record<string, z.output<typeof Answers>["responses"][number]>>> =>
    Object.fromEntries(Answers.parse((await batch(requests)).json).responses.map((one) => [one.id, one]));
  const json = { "Content-Type": "application/json" };
  const read = (id: string, more: object = {}): object => ({
    id,
    method: "GET",
    url: `/drives/${emulator.drive.id}/root`,
    ...more,
  });

  test("has at most twenty members, with unique ids and dependencies that exist", async () => {
    const many = Array.from({ length: 21 }, (_, index) => read(String(index)));
    expect(await codeOf(batch(many))).toBe("400 MaximumValueExceeded");
    expect((await batch(many.slice(1))).status).toBe(200);
    expect((await batch([read("a"), read("A")])).status).toBe(400);
    expect((await batch([read("a", { dependsOn: ["b"] })])).status).toBe(400);
    expect((await batch([read("a", { dependsOn: ["b"] }), read("b", { dependsOn: ["a"] })])).status).toBe(400);
    expect((await batch([read("a", { body: {} })])).status).toBe(400);
    expect((await batch([read("a", { method: "POST", body: {} })])).status).toBe(400);
    expect((await batch([])).status).toBe(400);
    expect((await call("POST", "/$batch", { body: "{", headers: json })).status).toBe(400);
    emulator.settings.batchBytes = 100;
    expect((await batch([read("a"), read("b")])).status).toBe(413);
    expect(emulator.misuse).toHaveLength(9);
  });

  test("carries small files, and says where contents are", async () => {
    emulator.remote.write("/old.txt", "old");
    const D = `/drives/${emulator.drive.id}`;
    const upload = {
      ...{ id: "1", method: "PUT", url: `${D}/root:/x.bin:/content?@microsoft.graph.conflictBehavior=fail` },
      ...{
        headers: { "Content-Type": "application/octet-stream" },
        body: Buffer.from([0, 1, 2, 255]).toString("base64"),
      },
    };
    const time = { fileSystemInfo: { lastModifiedDateTime: "2020-01-02T03:04:05Z" } };
    const touch = { id: "2", method: "PATCH", url: `${D}/root:/x.bin`, headers: json, body: time, dependsOn: ["1"] };
    const look = { id: "3", method: "GET", url: `${D}/root:/old.txt:/content` };
    const answers = await run([upload, touch, look]);
    expect(answers["1"]).toMatchObject({ status: 201, body: { size: 4 } });
    expect(answers["2"]).toMatchObject({ status: 200 });
    expect(answers["3"]).toMatchObject({ status: 302, headers: { Location: containing("tempauth") } });
    expect(await emulator.remote.read("/x.bin")).toEqual(Buffer.from([0, 1, 2, 255]));
    emulator.settings.batchAnswersInBase64 = true;
    const again = await run([{ ...upload, url: upload.url.replace("fail", "replace") }]);
    expect(JSON.parse(Buffer.from(z.string().parse(again["1"]?.body), "base64").toString())).toMatchObject({ size: 4 });
  });

  test("is struck by faults as a whole", async () => {
    emulator.fault({ route: "batch", kind: "throttle", retryAfter: 9 });
    emulator.fault({ route: "batch", nth: 2, kind: "error", status: 500, code: "generalException" });
    emulator.fault({ route: "batch", nth: 3, kind: "html", status: 403 });
    const statuses = [];
    for (let at = 0; at < 4; at++) statuses.push((await batch([read("1"), read("2")])).status);
    expect(statuses).toEqual([429, 500, 403, 200]);
  });

  test("starts upload sessions, deletes and fails, each member for itself", async () => {
    emulator.remote.write("/a.txt", "a");
    const D = `/drives/${emulator.drive.id}`;
    const session = { item: { "@microsoft.graph.conflictBehavior": "fail" } };
    emulator.fault({ route: "batch/delete", kind: "throttle", retryAfter: 9 });
    emulator.fault({ route: "batch/item", kind: "error", status: 503, code: "serviceNotAvailable" });
    const answers = await run([
      { id: "1", method: "POST", url: `${D}/root:/b.bin:/createUploadSession`, headers: json, body: session },
      { id: "2", method: "DELETE", url: `${D}/root:/a.txt` },
      { id: "3", method: "GET", url: `${D}/root:/a.txt` },
      { id: "4", method: "GET", url: `${D}/nonsense`, dependsOn: ["2"] },
    ]);
    expect(
      Object.values(answers)
        .map(({ id, status }) => [id, status])
        .sort(),
    ).toEqual([
      ["1", 200],
      ["2", 429],
      ["3", 503],
      ["4", 424],
    ]);
    expect(answers["2"]?.headers["Retry-After"]).toBe("9");
    const { uploadUrl: url } = Session.parse(answers["1"]?.body);
    expect((await range(url, Buffer.from("x"), 0, 1)).status).toBe(201);
    expect(emulator.requestCount()).toBe(2);
    expect(emulator.misuse).toEqual([]);
  });

  test("counts its members, but not against the uses of its token", async () => {
    call = rawClient(emulator, emulator.tokens.issue({ uses: 1 }).accessToken);
    emulator.settings.unitsPerMinute = 3;
    const answers = await run([read("1"), read("2"), read("3"), read("4")]);
    const statuses = Object.values(answers).map(({ status }) => status);
    expect(statuses.sort()).toEqual([200, 200, 200, 429]);
    expect(await codeOf(batch([read("1")]))).toBe("401 InvalidAuthenticationToken");
  });
});

describe("SharePoint's rewriting", () => {
  test("changes Office files at once, later, or again and again, and no others", async () => {
    emulator.settings.officeRewriting = "at-upload";
    const grown = z.object({ size: z.number() }).parse((await put("a.docx", "a")).json);
    expect(grown.size).toBeGreaterThan(1000);
    expect((await put("a.txt", "a")).json).toMatchObject({ size: 1 });
    Object.assign(emulator.settings, { officeRewriting: "after-upload", officeRewrites: 2 });
    const url = await uploadUrl("b.html");
    expect((await range(url, Buffer.from("b"), 0, 1)).json).toMatchObject({ size: 1 });
    const first = await item("{D}/root:/b.html");
    const second = await item("{D}/root:/b.html");
    const third = await item("{D}/root:/b.html");
    expect([first.size ?? 0, second.size ?? 0].map((size) => size > 1000)).toEqual([true, true]);
    expect([first.eTag === second.eTag, second.eTag === third.eTag]).toEqual([false, true]);
    expect(emulator.remote.rewriteOffice("/b.html").eTag).not.toBe(third.eTag);
    await reopen("personal", { officeRewriting: "at-upload" });
    expect((await put("a.docx", "a")).json).toMatchObject({ size: 1 });
  });
});

describe("faults and limits", () => {
  test("throttling comes with a wait or without, as JSON or as a page, and impatience is counted", async () => {
    emulator.fault({ route: "item", kind: "throttle", retryAfter: 20 });
    const first = await call("GET", "{D}/root");
    expect([await codeOf(first), first.headers["retry-after"]]).toEqual([
      "429 activityLimitReached throttledRequest",
      "20",
    ]);
    expect((await call("GET", "{D}/root")).status).toBe(200);
    expect(emulator.earlyRequests).toBe(1);
    emulator.advanceClock(21_000);
    emulator.fault({ route: "graph/*", kind: "throttle", retryAfter: null, status: 503 });
    const second = await call("GET", "{D}/root");
    expect([await codeOf(second), second.headers["retry-after"]]).toEqual([
      "503 serviceNotAvailable throttledRequest",
      undefined,
    ]);
    emulator.fault({ route: "*", kind: "throttle", status: 509, format: "html" });
    expect(await call("GET", "{D}/root")).toMatchObject({ status: 509, json: undefined });
    expect(emulator.earlyRequests).toBe(1);
  });

  test("resource units run out, with a warning first", async () => {
    emulator.settings.unitsPerMinute = 5;
    for (let index = 0; index < 4; index += 1) await call("GET", "{D}/root");
    expect((await call("GET", "{D}/root")).headers).toMatchObject({
      "ratelimit-limit": "5",
      "ratelimit-remaining": "0",
    });
    const refused = await call("GET", "{D}/root");
    expect([refused.status, Number(refused.headers["retry-after"])]).toEqual([429, expect.closeTo(60, -1)]);
    emulator.advanceClock(61_000);
    expect((await call("GET", "{D}/root")).status).toBe(200);
  });

  test("the n-th request fails before or after its work is done", async () => {
    emulator.fault({ route: "upload", kind: "status", status: 500, nth: 2 });
    emulator.fault({ route: "upload", kind: "error", status: 504, code: "UnknownError", nth: 3, processed: true });
    emulator.fault({ route: "upload", kind: "cut-before", nth: 4 });
    emulator.fault({ route: "upload", kind: "cut-after", nth: 5 });
    const statuses: unknown[] = [];
    for (const name of ["a", "b", "c", "d", "e", "f"]) {
      statuses.push(
        await put(name, name).then(
          ({ status }) => status,
          () => "cut",
        ),
      );
    }
    expect(statuses).toEqual([201, 500, 504, "cut", "cut", 201]);
    expect(Object.keys(emulator.remote.hashes())).toEqual(["/a", "/c", "/e", "/f"]);
    expect(emulator.pendingFaults()).toEqual([]);
  });

  test("answers come broken, as a page, late or never", async () => {
    emulator.fault({ route: "item", kind: "half-json" });
    expect(await call("GET", "{D}/root")).toMatchObject({ status: 200, json: undefined });
    emulator.fault({ route: "item", kind: "cut-half" });
    await expect(call("GET", "{D}/root")).rejects.toThrow();
    emulator.remote.write("/gone.txt", "");
    emulator.fault({ route: "content", kind: "cut-half" });
    await expect(call("GET", "{D}/root:/gone.txt:/content")).rejects.toThrow();
    emulator.fault({ route: "delete", kind: "cut-half" });
    await expect(call("DELETE", "{D}/root:/gone.txt")).rejects.toThrow();
    expect(emulator.remote.hashes()).toEqual({});
    emulator.fault({ route: "item", kind: "html" });
    expect((await call("GET", "{D}/root")).text).toContain("<html>");
    emulator.fault({ route: "item", kind: "slow", ms: 50 });
    const begunMs = Date.now();
    await call("GET", "{D}/root");
    expect(Date.now() - begunMs).toBeGreaterThanOrEqual(49);
    emulator.fault({
      route: "item",
      kind: "error",
      status: 401,
      code: "unauthenticated",
      message: "Unable to initialize RPS",
    });
    expect(await codeOf(call("GET", "{D}/root"))).toBe("401 unauthenticated");
  });

  test.each<Fault>([
    { route: "batch/item", kind: "cut-after" },
    { route: "batch/*", kind: "slow", ms: 1 },
    { route: "batch/*", kind: "empty-page" },
    { route: "item", kind: "gone" },
    { route: "delete", kind: "missing-hash" },
    { route: "*", kind: "wrong-bytes" },
    { route: "content", kind: "half-body" },
    { route: "*", kind: "half-json" },
    { route: "token", kind: "expired-token" },
  ])("what could strike and change nothing is refused: $kind of $route", (fault) => {
    expectRefused(emulator, fault);
  });

  test("new items can be invisible for a while", async () => {
    emulator.settings.itemLagMs = 5000;
    await put("a.txt", "a");
    expect(await codeOf(call("GET", "{D}/root:/a.txt"))).toBe("404 itemNotFound");
    expect(Page.parse((await call("GET", "{D}/root/children")).json).value).toEqual([]);
    emulator.advanceClock(6000);
    expect((await call("GET", "{D}/root:/a.txt")).status).toBe(200);
  });

  test("JSON has to be sent as such and be right", async () => {
    const headers = { "content-type": "text/plain" };
    expect(await codeOf(call("PATCH", "{D}/root:/a", { body: "{}", headers }))).toBe("400 invalidRequest");
    expect(
      await codeOf(call("POST", "{D}/root/children", { body: "{", headers: { "content-type": "application/json" } })),
    ).toBe("400 invalidRequest");
    expect(await codeOf(call("GET", `${emulator.graphUrl}/beta/me`))).toBe("401 InvalidAuthenticationToken");
    expect(emulator.misuse).toHaveLength(2);
  });

  test("requests are counted by route, and latency is kept to", async () => {
    emulator.latencyMs = 30;
    const begunMs = Date.now();
    await Promise.all([call("GET", "{D}/root"), call("GET", "{D}"), put("a", "a")]);
    expect(Date.now() - begunMs).toBeGreaterThanOrEqual(29);
    expect(emulator.requestCounts()).toEqual({ item: 1, drive: 1, upload: 1 });
    expect(JSON.stringify(emulator.requests)).not.toContain("Bearer");
    emulator.resetCounters();
    expect(emulator.requestCount()).toBe(0);
  });
});

test("a process of its own is told what to do through its control port", async () => {
  const process = await startEmulatorProcess(["--kind", "personal", "--latency-ms", "5"]);
  try {
    expect(process.env).toMatchObject({ ONEDRIVE_API_URL: process.graphUrl, ONEDRIVE_AUTH_URL: process.loginUrl });
    await process.control("remote.write", "/A/a.txt", { base64: Buffer.from("hello").toString("base64") });
    await process.control("remote.writeMany", { "/b.txt": "b" });
    const headers = { authorization: `Bearer ${process.accessToken}` };
    const answer = await fetch(`${process.graphUrl}/v1.0/drives/${process.driveId}/root:/A/a.txt`, { headers });
    expect(Item.parse(await answer.json())).toMatchObject({ name: "a.txt", size: 5 });
    expect(await process.control("remote.tree")).toMatchObject({ "/A": null, "/b.txt": { base64: "Yg==" } });
    await process.control("fault", { route: "item", kind: "status", status: 500 });
    expect((await fetch(answer.url, { headers })).status).toBe(500);
    await process.control("settings", { quotaBytes: 5 });
    await expect(process.control("settings", { bogus: 1 })).rejects.toThrow("no setting");
    expect(await process.control("requestCounts")).toEqual({ item: 2 });
    expect(await process.control("misuse")).toEqual([]);
  } finally {
    await process.stop();
  }
});
