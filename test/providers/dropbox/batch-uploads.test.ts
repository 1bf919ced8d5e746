import { describe, expect, test } from "vitest";
import type { Upload } from "../../../providers/provider.js";
import { changingContent, patternOf } from "../../support/builders.js";
import { fileAt } from "../support/entries.js";
import { listAll } from "../support/listings.js";
import { codesOf } from "../support/outcomes.js";
import { signal } from "../support/signal.js";
import { openProvider, uploadOf, useEmulator } from "./support.js";

const emulator = useEmulator();
const BATCH = "files/upload_session";

async function open() {
  const provider = await openProvider(emulator());
  await provider.identify(signal);
  emulator().resetCounters();
  return provider;
}

function manyFiles(count: number, sizeBytes = 100): Upload[] {
  return Array.from({ length: count }, (_, n) => uploadOf(`d${n % 7}/f${n}.txt`, patternOf(sizeBytes, n + 1)));
}

/** Every file is there once, with its own bytes. */
async function expectStored(files: readonly Upload[]): Promise<void> {
  const tree = await emulator().remote.tree();
  for (const { path, content } of files) {
    const expected = await content.read(0, content.sizeBytes);
    expect(tree[`/Docs/${path}`]?.equals(expected), path).toBe(true);
    expect(emulator().remote.revisions(`/Docs/${path}`), path).toHaveLength(1);
  }
}

describe("a batch", () => {
  test("of 2,000 files of 4 KiB costs at most 120 requests", async () => {
    const provider = await open();
    const files = manyFiles(2000, 4096);
    const size = provider.capabilities.batch?.files ?? 0;
    const batches = Array.from({ length: 2000 / size }, (_, n) => files.slice(n * size, (n + 1) * size));
    const attempts = (await Promise.all(batches.map((batch) => provider.uploadBatch(batch, signal)))).flat();
    expect(new Set(codesOf(attempts))).toEqual(new Set(["ok"]));
    expect(emulator().requestCount()).toBeLessThanOrEqual(60);
    expect(emulator().lockRejections).toBe(0);
    expect(emulator().misuse).toEqual([]);
    await expectStored(files);
  });

  test("resolves in the order given, to what a listing shows", async () => {
    const provider = await open();
    const files = [...manyFiles(10), uploadOf("empty", ""), uploadOf("ü \u{1f600}.txt", "x")];
    const attempts = await provider.uploadBatch(files, signal);
    const { entries } = await listAll(provider);
    attempts.forEach((attempt, at) => {
      expect(attempt.ok && attempt.value.entry.path).toBe(files[at]?.path);
      expect(entries).toContainEqual(attempt.ok && attempt.value.entry);
    });
  });

  test.each([1, 2, 3])("of %i costs a request for each", async (count) => {
    const provider = await open();
    await provider.uploadBatch(manyFiles(count), signal);
    expect(emulator().requestCount()).toBe(count);
  });

  test("sets aside what was changed, what is taken and what cannot be read; the others are stored", async () => {
    const provider = await open();
    emulator().remote.write("/Docs/taken", "theirs");
    emulator().remote.write("/Docs/moved-on", "1");
    emulator().remote.write("/Docs/same", "same");
    emulator().remote.mkdir("/Docs/folder");
    const listed = await fileAt(provider, "moved-on");
    emulator().remote.write("/Docs/moved-on", "2");
    const fresh = await fileAt(provider, "moved-on");
    emulator().remote.write("/Docs/replaced", "old");
    const attempts = await provider.uploadBatch(
      [
        uploadOf("new", "new"),
        uploadOf("taken", "mine"),
        uploadOf("moved-on", "3", listed),
        uploadOf("same", "same"),
        uploadOf("folder", "x"),
        uploadOf("unreadable", changingContent("0123456789", 0)),
        uploadOf("replaced", "newer", await fileAt(provider, "replaced")),
      ],
      signal,
    );
    expect(codesOf(attempts)).toEqual(["ok", "changed", "changed", "ok", "changed", "changed", "ok"]);
    expect((await emulator().remote.read("/Docs/taken")).toString()).toBe("theirs");
    expect(emulator().remote.stat("/Docs/moved-on")?.rev).toBe(fresh.version);
    expect((await emulator().remote.read("/Docs/replaced")).toString()).toBe("newer");
    expect(emulator().remote.stat("/Docs/unreadable")).toBeUndefined();
  });

  test.each(
    ["start_batch", "append_batch", "finish_batch_v2"].flatMap((name) => [
      [name, "cut-before"] as const,
      [name, "cut-after"] as const,
      [name, "cut-half"] as const,
    ]),
  )("stores every file once when the answer of %s is lost: %s", async (name, kind) => {
    const provider = await open();
    const files = manyFiles(100);
    emulator().fault({ route: `${BATCH}/${name}`, kind });
    expect(new Set(codesOf(await provider.uploadBatch(files, signal)))).toEqual(new Set(["ok"]));
    expect(emulator().pendingFaults()).toEqual([]);
    await expectStored(files);
  });

  test.each([
    { route: `${BATCH}/append_batch`, kind: "rate-limit", retryAfter: 15, times: 2 },
    { route: `${BATCH}/finish_batch_v2`, kind: "rate-limit", reason: "too_many_write_operations", times: 2 },
    { route: `${BATCH}/finish_batch_v2`, kind: "status", status: 502, times: 2 },
    { route: `${BATCH}/finish_batch_v2`, kind: "status", status: 500, processed: true },
    {
      route: `${BATCH}/finish_batch_v2`,
      kind: "refuse",
      tag: "too_many_write_operations",
      entries: [0, 5, 7],
      times: 3,
    },
    { route: `${BATCH}/finish_batch_v2`, kind: "refuse", tag: "too_many_write_operations" },
  ] as const)("waits and goes on: %j", async (fault) => {
    const provider = await open();
    const files = manyFiles(20);
    emulator().fault(fault);
    expect(new Set(codesOf(await provider.uploadBatch(files, signal)))).toEqual(new Set(["ok"]));
    expect(emulator().pendingFaults()).toEqual([]);
    await expectStored(files);
  });

  test("sends only those again that the service was too busy for, and gives up on them in the end", async () => {
    const provider = await open();
    const refused = { kind: "refuse", tag: "too_many_write_operations" } as const;
    emulator().fault({ route: `${BATCH}/finish_batch_v2`, ...refused, entries: [3] });
    emulator().fault({ route: `${BATCH}/finish_batch_v2`, ...refused, nth: 2, entries: [0], times: 100 });
    const codes = codesOf(await provider.uploadBatch(manyFiles(10), signal));
    expect(codes.filter((code) => code === "ok")).toHaveLength(9);
    expect(codes[3]).toBe("unavailable");
    expect(emulator().requestCount(`${BATCH}/finish_batch_v2`)).toBeLessThan(12);
  });

  test("one entry that is refused for good does not hold up the others", async () => {
    const provider = await open();
    emulator().fault({ route: `${BATCH}/finish_batch_v2`, kind: "refuse", tag: "disallowed_name", entries: [2] });
    const codes = codesOf(await provider.uploadBatch(manyFiles(5), signal));
    expect(codes).toEqual(["ok", "ok", "rejected", "ok", "ok"]);
  });

  test("halves its requests when the service finds them too large", async () => {
    emulator().settings.argHeaderBytes = 1000;
    const provider = await open();
    const files = manyFiles(60);
    expect(new Set(codesOf(await provider.uploadBatch(files, signal)))).toEqual(new Set(["ok"]));
    await expectStored(files);
    expect(new Set(emulator().misuse.splice(0))).toEqual(
      new Set([`${BATCH}/append_batch: Request Header Fields Too Large`]),
    );
  });

  test("a session that is lost is made up for", async () => {
    const provider = await open();
    emulator().fault({
      route: `${BATCH}/finish_batch_v2`,
      kind: "slow",
      ms: 1,
    });
    emulator().settings.sessionLifetimeMs = -1;
    const work = provider.uploadBatch(manyFiles(5), signal);
    expect(codesOf(await work)).toEqual(["ok", "ok", "ok", "ok", "ok"]);
    expect(emulator().requestCount("files/upload")).toBe(5);
  });

  test("a full account fails every entry and nothing else", async () => {
    const provider = await open();
    emulator().settings.quotaBytes = 350;
    const codes = codesOf(await provider.uploadBatch(manyFiles(5), signal));
    expect(codes).toEqual(["ok", "ok", "ok", "quota", "quota"]);
  });

  test("a revoked sign-in ends it", async () => {
    const provider = await open();
    emulator().tokens.revokeAll();
    await expect(provider.uploadBatch(manyFiles(5), signal)).rejects.toMatchObject({ code: "unauthorized" });
  });

  test("an abort rejects with its reason", async () => {
    const provider = await open();
    const stop = new AbortController();
    const reason = new Error("enough");
    emulator().fault({ route: `${BATCH}/finish_batch_v2`, kind: "hang" });
    const work = provider.uploadBatch(manyFiles(5), stop.signal);
    setTimeout(() => stop.abort(reason), 100);
    await expect(work).rejects.toBe(reason);
  });
});
