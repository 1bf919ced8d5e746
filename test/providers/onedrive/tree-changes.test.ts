import { describe, expect, test } from "vitest";
import type { HttpAnswer, HttpRequest } from "../../../lib/http/types.js";
import { toSyncPath } from "../../../lib/model/path.js";
import type { RemoteMove } from "../../../providers/provider.js";
import { toWaves } from "../../../providers/onedrive/waves.js";
import type { Fault } from "../../emulators/onedrive/faults.js";
import { uploadOf } from "../../support/builders.js";
import { fileAt, folderAt } from "../support/entries.js";
import { listAll } from "../support/listings.js";
import { createMemory } from "../support/memory.js";
import { codesOf } from "../support/outcomes.js";
import { signal } from "../support/signal.js";
import { openProvider, personsEnv, showLate, useEmulator } from "./support.js";

const emulator = useEmulator();

const paths = async (): Promise<readonly string[]> =>
  Object.keys(await emulator().remote.tree())
    .filter((path) => path !== "/Docs")
    .map((path) => path.slice("/Docs/".length))
    .sort();

async function filesOf(count: number) {
  for (let n = 0; n < count; n++) emulator().remote.write(`/Docs/d/f${n}.txt`, String(n));
  const provider = await openProvider(emulator());
  const { entries } = await listAll(provider);
  return { provider, files: entries.filter((entry) => entry.kind === "file") };
}

describe("deletes", () => {
  test("go twenty to a request", async () => {
    const { provider, files } = await filesOf(45);
    emulator().resetCounters();
    expect(new Set(codesOf(await provider.delete(files, signal)))).toEqual(new Set(["ok"]));
    expect(emulator().requestCounts()).toMatchObject({ batch: 3, "batch/delete": 45 });
    expect(await paths()).toEqual(["d"]);
  });

  const faults: readonly { title: string; fault: Fault }[] = [
    {
      title: "members turned away",
      fault: { route: "batch/delete", nth: 2, times: 5, kind: "throttle", retryAfter: 7 },
    },
    {
      title: "members that met a lock",
      fault: { route: "batch/delete", times: 3, kind: "error", status: 423, code: "resourceLocked" },
    },
    {
      title: "members that met another writer",
      fault: { route: "batch/delete", times: 3, kind: "error", status: 409, code: "resourceModified" },
    },
    {
      title: "a member of a failed dependency",
      fault: { route: "batch/delete", kind: "error", status: 424, code: "failedDependency" },
    },
    { title: "a batch whose answer was lost", fault: { route: "batch", kind: "cut-after" } },
    {
      title: "a batch that took too long, and was done",
      fault: { route: "batch", kind: "status", status: 504, processed: true },
    },
    {
      title: "a member refused by a spurious mismatch",
      fault: { route: "batch/delete", kind: "error", status: 412, code: "resourceModified" },
    },
  ];
  test.each(faults)("$title: all are gone", async ({ fault }) => {
    const { provider, files } = await filesOf(12);
    emulator().fault(fault);
    expect(new Set(codesOf(await provider.delete(files, signal)))).toEqual(new Set(["ok"]));
    expect(await paths()).toEqual(["d"]);
    expect(emulator().earlyRequests).toBe(0);
    emulator().resetCounters();
  });

  test("what may not be deleted is told, and the others go", async () => {
    const { provider, files } = await filesOf(3);
    emulator().remote.deny("/Docs/d/f1.txt", { on: "delete", status: 403, code: "accessDenied" });
    const attempts = await provider.delete(files, signal);
    expect([...codesOf(attempts)].sort()).toEqual(["ok", "ok", "rejected"]);
    expect(await paths()).toEqual(["d", "d/f1.txt"]);
  });

  test("a file that may not be looked at is left, and the others go", async () => {
    for (const name of ["a", "b", "c"]) emulator().remote.write(`/Docs/${name}.docx`, name);
    const provider = await openProvider(emulator());
    const { entries } = await listAll(provider);
    emulator().fault({ route: "batch/item", nth: 2, kind: "error", status: 403, code: "accessDenied" });
    const files = entries.filter((entry) => entry.kind === "file");
    expect(codesOf(await provider.delete(files, signal)).toSorted()).toEqual(["ok", "ok", "rejected"]);
    expect(await paths()).toHaveLength(1);
  });

  test("an answer that cannot be read leaves only its own member open", async () => {
    emulator().settings.gzip = false;
    const { provider: healthy } = await filesOf(1);
    await healthy.close(signal);
    const alter = (request: HttpRequest, answer: HttpAnswer): HttpAnswer => {
      return request.operation === "create folder"
        ? { ...answer, text: answer.text.replace('"id":"0', '"x":"0') }
        : answer;
    };
    const provider = await openProvider(emulator(), { alter });
    await provider.identify(signal);
    const codes = codesOf(await provider.createFolders(["x", "y"].map(toSyncPath), signal));
    expect(codes.toSorted()).toEqual(["malformed", "ok"]);
  });

  test("a file that was moved away meanwhile stays where it is now", async () => {
    const { provider, files } = await filesOf(1);
    emulator().remote.move("/Docs/d/f0.txt", "/Docs/elsewhere.txt");
    expect(codesOf(await provider.delete(files, signal))).toEqual(["changed"]);
    expect(await paths()).toEqual(["d", "elsewhere.txt"]);
  });

  test("folders in each other go from the bottom up", async () => {
    const { remote } = emulator();
    for (const path of ["a/b/c", "a/d", "e"]) remote.mkdir(`/Docs/${path}`);
    remote.write("/Docs/a/d/keep.txt", "1");
    const provider = await openProvider(emulator());
    const folders = [];
    for (const path of ["a", "a/b", "a/b/c", "a/d", "e"]) folders.push(await folderAt(provider, path));
    expect(codesOf(await provider.delete(folders, signal))).toEqual(["changed", "ok", "ok", "changed", "ok"]);
    expect(await paths()).toEqual(["a", "a/d", "a/d/keep.txt"]);
  });
});

describe("moves", () => {
  test("of a thousand files in a folder are one request", async () => {
    const { provider } = await filesOf(30);
    const entry = await folderAt(provider, "d");
    emulator().resetCounters();
    expect(codesOf(await provider.move([{ entry, to: toSyncPath("renamed") }], signal))).toEqual(["ok"]);
    expect(emulator().requestCount()).toBe(1);
  });

  test("of files go twenty to a request, keep their time, and make missing folders", async () => {
    const { provider, files } = await filesOf(40);
    emulator().resetCounters();
    const moves = files.map((entry, n) => ({ entry, to: toSyncPath(`new/sub/g${n}.txt`) }));
    const attempts = await provider.move(moves, signal);
    expect(new Set(codesOf(attempts))).toEqual(new Set(["ok"]));
    expect(emulator().requestCounts()["batch/update"]).toBe(40);
    expect(emulator().requestCount()).toBeLessThan(10);
    const { entries } = await listAll(await openProvider(emulator()));
    for (const attempt of attempts) if (attempt.ok) expect(entries).toContainEqual(attempt.value);
    expect(attempts[3]).toMatchObject({ value: { modifiedMs: files[3]?.kind === "file" ? files[3].modifiedMs : 0 } });
  });

  test("in chains and swaps are made in order", async () => {
    const { provider } = await filesOf(3);
    const [a, b, c] = [
      await fileAt(provider, "d/f0.txt"),
      await fileAt(provider, "d/f1.txt"),
      await fileAt(provider, "d/f2.txt"),
    ];
    const move = (entry: typeof a, to: string): RemoteMove => ({ entry, to: toSyncPath(to) });
    const chain = [move(c, "d/f3.txt"), move(b, "d/f2.txt"), move(a, "d/f1.txt")];
    expect(toWaves(chain)).toHaveLength(3);
    expect(codesOf(await provider.move(chain, signal))).toEqual(["ok", "ok", "ok"]);
    expect(await paths()).toEqual(["d", "d/f1.txt", "d/f2.txt", "d/f3.txt"]);
  });

  const faults: readonly { title: string; fault: Fault }[] = [
    { title: "one whose answer was lost", fault: { route: "update", kind: "cut-after" } },
    {
      title: "one that took too long, and was done",
      fault: { route: "update", kind: "status", status: 504, processed: true },
    },
    {
      title: "one that took too long again and again, and was done",
      fault: { route: "update", kind: "status", status: 504, processed: true, times: 20 },
    },
    { title: "one answered without a body", fault: { route: "update", kind: "no-content" } },
    {
      title: "one that met a lock",
      fault: { route: "update", times: 2, kind: "error", status: 423, code: "resourceLocked" },
    },
    {
      title: "one that met the running move of a folder",
      fault: { route: "update", times: 2, kind: "error", status: 409, code: "resourceModified" },
    },
    {
      title: "one refused by a spurious mismatch",
      fault: { route: "update", kind: "error", status: 412, code: "resourceModified" },
    },
  ];
  test.each(faults)("$title: is made", async ({ fault }) => {
    const { provider } = await filesOf(1);
    emulator().fault(fault);
    const entry = await fileAt(provider, "d/f0.txt");
    const [attempt] = await provider.move([{ entry, to: toSyncPath("d/g.txt") }], signal);
    expect(attempt).toMatchObject({ ok: true, value: { path: "d/g.txt", id: entry.id } });
    expect(await paths()).toEqual(["d", "d/g.txt"]);
    emulator().clearFaults();
    emulator().resetCounters();
  });

  test("one answered without a body, of a file that the drive does not show yet: is waited for", async () => {
    showLate(emulator(), 5000);
    const provider = await openProvider(emulator());
    const { entry } = await provider.upload(uploadOf("new.txt", "new"), signal);
    const [attempt] = await provider.move([{ entry, to: toSyncPath("newer.txt") }], signal);
    expect(attempt).toMatchObject({ ok: true, value: { path: "newer.txt", id: entry.id } });
  });

  test("a file that somebody edited is not moved under their hands", async () => {
    const { provider, files } = await filesOf(1);
    emulator().remote.write("/Docs/d/f0.txt", "edited");
    const [entry] = files;
    if (entry?.kind !== "file") throw new Error("no file");
    expect(codesOf(await provider.move([{ entry, to: toSyncPath("d/g.txt") }], signal))).toEqual(["changed"]);
    expect(await paths()).toEqual(["d", "d/f0.txt"]);
  });
});

describe("a change of case that the drive does not make", () => {
  const personal = useEmulator({ kind: "personal", personalCaseRename: "conflict" });

  test("leaves alone what somebody has renamed since", async () => {
    const memory = createMemory();
    const settings = personsEnv(personal());
    const provider = await openProvider(personal(), { memory, settings });
    const { entry } = await provider.upload(uploadOf("readme.md", "1"), signal);
    personal().fault({ route: "update", nth: 3, times: 20, kind: "error", status: 400, code: "invalidRequest" });
    await provider.move([{ entry, to: toSyncPath("README.md") }], signal);
    personal().clearFaults();
    const between = Object.keys(await personal().remote.tree()).find((path) => path.includes("README.md"));
    personal().remote.move(between ?? "", "/Docs/theirs.md");
    const { entries } = await listAll(await openProvider(personal(), { memory, settings }));
    expect(entries.map(({ path }) => path)).toEqual(["theirs.md"]);
    personal().resetCounters();
  });

  test("and any other move keep the time to the millisecond, as personal drives do", async () => {
    const modified = new Date(Date.UTC(2026, 2, 1, 12, 0, 0, 123));
    personal().remote.write("/Docs/a.txt", "1", { modified });
    const provider = await openProvider(personal(), { settings: personsEnv(personal()) });
    const entry = await fileAt(provider, "a.txt");
    expect(codesOf(await provider.move([{ entry, to: toSyncPath("b.txt") }], signal))).toEqual(["ok"]);
    expect((await fileAt(provider, "b.txt")).modifiedMs).toBe(modified.getTime());
    personal().resetCounters();
  });

  test("takes a detour, which a later run ends if this one does not", async () => {
    const memory = createMemory();
    const settings = personsEnv(personal());
    const provider = await openProvider(personal(), { memory, settings });
    const { entry } = await provider.upload(uploadOf("readme.md", "1"), signal);
    personal().fault({ route: "update", nth: 3, times: 20, kind: "error", status: 400, code: "invalidRequest" });
    expect(codesOf(await provider.move([{ entry, to: toSyncPath("README.md") }], signal))).toEqual(["rejected"]);
    personal().clearFaults();
    const { entries } = await listAll(await openProvider(personal(), { memory, settings }));
    expect(entries.map(({ path }) => path)).toEqual(["README.md"]);
    expect([...memory.values.keys()].filter((name) => name.startsWith("rename"))).toEqual([]);
    personal().resetCounters();
  });
});

describe("folders", () => {
  test("are made twenty to a request, level by level", async () => {
    const provider = await openProvider(emulator());
    await provider.identify(signal);
    emulator().resetCounters();
    const wanted = Array.from({ length: 20 }, (_, n) => [`a${n}`, `a${n}/b`]).flat();
    const attempts = await provider.createFolders(wanted.map(toSyncPath), signal);
    expect(new Set(codesOf(attempts))).toEqual(new Set(["ok"]));
    expect(emulator().requestCount()).toBe(2);
    expect(await paths()).toEqual([...wanted].sort());
  });

  test.each(["cut-after", "cut-half"] as const)("of which the answer was lost (%s) are there", async (kind) => {
    const provider = await openProvider(emulator());
    await provider.identify(signal);
    emulator().fault({ route: "batch", kind });
    const attempts = await provider.createFolders(["a", "b", "c"].map(toSyncPath), signal);
    expect(codesOf(attempts)).toEqual(["ok", "ok", "ok"]);
    expect(await paths()).toEqual(["a", "b", "c"]);
  });
});
