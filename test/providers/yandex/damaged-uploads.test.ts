import { describe, expect, test } from "vitest";
import { patternOf, uploadOf } from "../../support/builders.js";
import type { Fault } from "../../emulators/yandex/faults.js";
import { fileAt } from "../support/entries.js";
import { listAll } from "../support/listings.js";
import { createMemory } from "../support/memory.js";
import { codesOf, errorOf } from "../support/outcomes.js";
import { signal } from "../support/signal.js";
import { openProvider, put, useEmulator } from "./support.js";

const emulator = useEmulator({ files: { "/Docs": null } });
const MIB = 1024 * 1024;
const PUT = "PUT upload-target";

const DAMAGES = [
  { kind: "corrupt-upload" },
  { kind: "truncated-upload", bytes: 3 },
  { kind: "truncated-upload", bytes: 0 },
] as const;

/** The other bytes that the emulator stores in place of "content". */
const WRONG = Buffer.from("content").map((byte, at) => (at === 0 ? byte ^ 0xff : byte));

function damageAlways(fault: (typeof DAMAGES)[number], path?: string): void {
  const always: Fault = { route: PUT, times: 99, ...fault };
  emulator().fault(path === undefined ? always : { ...always, path });
}

async function stored(): Promise<Readonly<Record<string, string>>> {
  const tree = await emulator().remote.tree();
  const files = Object.entries(tree).flatMap(([path, bytes]) => (bytes === null ? [] : [[path, bytes.toString()]]));
  return Object.fromEntries(files) as Record<string, string>;
}

async function trashed(): Promise<readonly string[]> {
  return await Promise.all(
    emulator()
      .remote.trash()
      .map(async (file) => (await file.read()).toString()),
  );
}

function putCount(): number {
  return emulator().countsByRoute()[PUT] ?? 0;
}

describe.each(DAMAGES)("content that is stored damaged: $kind $bytes", (damage) => {
  test("once is sent again", async () => {
    const provider = await openProvider(emulator());
    emulator().fault({ route: PUT, ...damage });
    const entry = await put(provider, "a.txt", "content");
    expect(entry).toEqual(await fileAt(provider, "a.txt"));
    emulator().fault({ route: PUT, ...damage });
    await put(provider, "a.txt", "other content", entry);
    expect(await stored()).toEqual({ "/Docs/a.txt": "other content" });
    expect(await trashed()).toContain("content");
    expect(putCount()).toBe(4);
  });

  test("always fails, and is at no path of a new file", async () => {
    const provider = await openProvider(emulator());
    damageAlways(damage);
    const { code, message } = await errorOf(put(provider, "a.txt", "content"));
    expect(code).toBe("unavailable");
    expect(message).toMatch(/^upload a\.txt: .*stored (wrong bytes|only \d of 7 bytes).* run again later/);
    expect(putCount()).toBe(4);
    expect(await stored()).toEqual({});
    emulator().clearFaults();
    await put(provider, "a.txt", "content");
    expect(await stored()).toEqual({ "/Docs/a.txt": "content" });
  });

  test("always leaves the replaced version in its place", async () => {
    const memory = createMemory();
    const provider = await openProvider(emulator(), { memory });
    const old = await put(provider, "a.txt", "old");
    damageAlways(damage);
    expect((await errorOf(put(provider, "a.txt", "content", old))).code).toBe("unavailable");
    expect(await stored()).toEqual({ "/Docs/a.txt": "old" });
    expect((await fileAt(provider, "a.txt")).version).toBe(old.version);
    expect(await trashed()).toHaveLength(4);
    emulator().clearFaults();
    await put(provider, "a.txt", "content", old);
    expect(await trashed()).toContain("old");
    expect([...memory.values.keys()].filter((name) => /^(damaged|kept):/.test(name))).toEqual([]);
  });

  test("in a batch fails alone", async () => {
    const provider = await openProvider(emulator());
    const old = await put(provider, "b.txt", "old");
    damageAlways(damage, "/b.txt");
    emulator().fault({ route: PUT, path: "/c.txt", ...damage });
    const [a, b, c] = ["a.txt", "b.txt", "c.txt"].map((name) =>
      uploadOf(name, `content of ${name}`, name === "b.txt" ? { replaces: old } : {}),
    );
    if (a === undefined || b === undefined || c === undefined) throw new Error("three files");
    expect(codesOf(await provider.uploadBatch([a, b, c], signal))).toEqual(["ok", "unavailable", "ok"]);
    const good = { "/Docs/a.txt": "content of a.txt", "/Docs/c.txt": "content of c.txt" };
    expect(await stored()).toEqual({ ...good, "/Docs/b.txt": "old" });
  });

  test.each(["film.mp4", "long.txt"])("under a neutral name is sent again, a few times: %s", async (name) => {
    const provider = await openProvider(emulator());
    const content = patternOf(2 * MIB);
    const old = await put(provider, name, "old");
    emulator().fault({ route: PUT, ...damage });
    const entry = await put(provider, name, content, old);
    expect(putCount()).toBe(3);
    damageAlways(damage);
    expect((await errorOf(put(provider, name, patternOf(3 * MIB), entry))).code).toBe("unavailable");
    expect(putCount()).toBe(7);
    expect(Object.keys(await stored())).toEqual([`/Docs/${name}`]);
    expect((await emulator().remote.read(`/Docs/${name}`)).equals(content)).toBe(true);
  });
});

describe("content that is cut off", () => {
  test("whose answer was lost is sent again", async () => {
    const provider = await openProvider(emulator());
    emulator().fault({ route: PUT, kind: "cut-after" });
    const cutOff = { kind: "write", path: "/Docs/a.txt", content: "cont" } as const;
    emulator().fault({ route: "GET resources", kind: "edits", edits: [cutOff] });
    await put(provider, "a.txt", "content");
    expect(await stored()).toEqual({ "/Docs/a.txt": "content" });
  });

  test("of a large new file is sent again", async () => {
    const provider = await openProvider(emulator());
    const content = patternOf(3 * MIB);
    emulator().fault({ route: PUT, kind: "truncated-upload", bytes: MIB });
    await put(provider, "a.jpg", content);
    expect((await emulator().remote.read("/Docs/a.jpg")).equals(content)).toBe(true);
  });
});

describe("what another program writes in the moment after", () => {
  const writes = (content: string) =>
    ({ kind: "edits", edits: [{ kind: "write", path: "/Docs/a.txt", content }] }) as const;

  test("stays where it is", async () => {
    const provider = await openProvider(emulator());
    emulator().fault({ route: "GET resources", ...writes("theirs") });
    expect((await errorOf(put(provider, "a.txt", "content"))).code).toBe("changed");
    expect(await stored()).toEqual({ "/Docs/a.txt": "theirs" });
    expect(putCount()).toBe(1);
  });

  test("can be brought back where it looks like damage", async () => {
    const provider = await openProvider(emulator());
    emulator().fault({ route: "GET resources", ...writes("as long") });
    await put(provider, "a.txt", "content");
    expect(await stored()).toEqual({ "/Docs/a.txt": "content" });
    expect(await trashed()).toEqual(["as long"]);
  });

  test.each(["DELETE resources", "PUT trash/resources/restore", "GET resources/upload"])(
    "when damaged content is replaced is not lost: before %s",
    async (route) => {
      const provider = await openProvider(emulator());
      const old = await put(provider, "a.txt", "old");
      emulator().fault({ route: PUT, kind: "corrupt-upload" });
      // The first of the others is that of the upload itself.
      emulator().fault({ route, nth: route.startsWith("PUT") ? 1 : 2, ...writes("theirs") });
      expect((await errorOf(put(provider, "a.txt", "content", old))).code).toBe("changed");
      expect(await stored()).toEqual({ "/Docs/a.txt": "theirs" });
      expect(await trashed()).toContain("old");
    },
  );
});

describe("damaged content that could not be taken back", () => {
  test("is by the next run, before anything is listed", async () => {
    const memory = createMemory();
    const first = await openProvider(emulator(), { memory });
    const old = await put(first, "a.txt", "old");
    emulator().fault({ route: PUT, kind: "corrupt-upload" });
    emulator().fault({ route: "DELETE resources", nth: 2, times: 99, kind: "status", status: 503 });
    expect((await errorOf(put(first, "a.txt", "content", old))).code).toBe("unavailable");
    expect(await stored()).toEqual({ "/Docs/a.txt": WRONG.toString() });
    const second = await openProvider(emulator(), { memory });
    expect((await errorOf(listAll(second))).code).toBe("unavailable");
    emulator().clearFaults();
    expect((await listAll(second)).names).toEqual(["a.txt"]);
    expect(await stored()).toEqual({ "/Docs/a.txt": "old" });
    expect([...memory.values.keys()].filter((name) => name.startsWith("damaged:"))).toEqual([]);
  });

  test.each([null, "theirs"])("is no concern any more where something else is there: %s", async (theirs) => {
    const memory = createMemory();
    const first = await openProvider(emulator(), { memory });
    emulator().fault({ route: PUT, kind: "corrupt-upload" });
    emulator().fault({ route: "DELETE resources", times: 99, kind: "status", status: 503 });
    await errorOf(put(first, "a.txt", "content"));
    emulator().clearFaults();
    emulator().remote.delete("/Docs/a.txt");
    if (theirs === null) emulator().remote.mkdir("/Docs/a.txt");
    else emulator().remote.write("/Docs/a.txt", theirs);
    const { names } = await listAll(await openProvider(emulator(), { memory }));
    expect(names).toEqual([theirs === null ? "a.txt/" : "a.txt"]);
    expect([...memory.values.keys()].filter((name) => name.startsWith("damaged:"))).toEqual([]);
  });

  test("is taken away also where the trash may not be seen", async () => {
    const provider = await openProvider(emulator());
    const old = await put(provider, "a.txt", "old");
    emulator().fault({ route: "GET trash/resources", times: 9, kind: "error", status: 403, error: "ForbiddenError" });
    damageAlways({ kind: "corrupt-upload" });
    expect((await errorOf(put(provider, "a.txt", "content", old))).code).toBe("unavailable");
    expect(await stored()).toEqual({});
    expect(await trashed()).toContain("old");
  });
});
