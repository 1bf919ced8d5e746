import { describe, expect, test } from "vitest";
import { LocalError } from "../../../lib/model/errors.js";
import { toSyncPath } from "../../../lib/model/path.js";
import { changingContent, patternOf } from "../../support/builders.js";
import { fileAt } from "../support/entries.js";
import { listAll } from "../support/listings.js";
import { createMemory, type Memory } from "../support/memory.js";
import { errorOf } from "../support/outcomes.js";
import { signal } from "../support/signal.js";
import { openProvider, uploadOf, useEmulator } from "./support.js";

const emulator = useEmulator();
const MIB = 1024 * 1024;

const sessionsIn = (memory: ReturnType<typeof createMemory>) =>
  [...memory.values.keys()].filter((name) => name.startsWith("upload:"));

describe("a small file", () => {
  test.each(["", "hello", patternOf(5 * MIB)])("is stored as it is, with one request", async (content) => {
    const provider = await openProvider(emulator());
    await provider.identify(signal);
    emulator().resetCounters();
    const { entry, sentHash } = await provider.upload(uploadOf("A/b ü.txt", content), signal);
    expect(emulator().requestCount()).toBe(1);
    expect((await emulator().remote.read("/Docs/A/b ü.txt")).equals(Buffer.from(content))).toBe(true);
    expect(entry.hash).toBe(sentHash);
    expect(entry.modifiedMs).toBe(Date.UTC(2026, 2, 1, 9, 30, 0));
    expect((await listAll(provider)).entries).toContainEqual(entry);
    expect(emulator().misuse).toEqual([]);
  });

  test("replaces the version that was listed, and keeps the id", async () => {
    emulator().remote.write("/Docs/a.txt", "old");
    const provider = await openProvider(emulator());
    const old = await fileAt(provider, "a.txt");
    const { entry } = await provider.upload(uploadOf("a.txt", "new", old), signal);
    expect((await emulator().remote.read("/Docs/a.txt")).toString()).toBe("new");
    expect(entry.id).toBe(old.id);
    expect(entry.version).not.toBe(old.version);
  });

  test("never replaces another version", async () => {
    emulator().remote.write("/Docs/a.txt", "old");
    const provider = await openProvider(emulator());
    const old = await fileAt(provider, "a.txt");
    emulator().remote.write("/Docs/a.txt", "newer");
    expect(await errorOf(provider.upload(uploadOf("a.txt", "mine", old), signal))).toMatchObject({ code: "changed" });
    expect((await emulator().remote.read("/Docs/a.txt")).toString()).toBe("newer");
  });

  test("never replaces a file that was not listed, nor brings a deleted one back", async () => {
    const provider = await openProvider(emulator());
    emulator().remote.write("/Docs/a.txt", "theirs");
    expect(await errorOf(provider.upload(uploadOf("a.txt", "mine"), signal))).toMatchObject({ code: "changed" });
    const listed = await fileAt(provider, "a.txt");
    emulator().remote.delete("/Docs/a.txt");
    expect(await errorOf(provider.upload(uploadOf("a.txt", "mine", listed), signal))).toMatchObject({
      code: "changed",
    });
  });

  test("never takes the place of a folder, nor goes below a file", async () => {
    emulator().remote.mkdir("/Docs/x");
    emulator().remote.write("/Docs/f", "file");
    const provider = await openProvider(emulator());
    expect(await errorOf(provider.upload(uploadOf("x", "1"), signal))).toMatchObject({ code: "changed" });
    expect(await errorOf(provider.upload(uploadOf("f/a", "1"), signal))).toMatchObject({ code: "changed" });
  });

  test("the same bytes that are there already are a success", async () => {
    emulator().remote.write("/Docs/a.txt", "same");
    const provider = await openProvider(emulator());
    const { entry } = await provider.upload(uploadOf("a.txt", "same"), signal);
    expect(entry).toEqual(await fileAt(provider, "a.txt"));
  });

  test.each(["cut-after", "cut-before", "cut-half"] as const)(
    "is stored once when the answer is lost: %s",
    async (kind) => {
      emulator().remote.write("/Docs/a.txt", "old");
      const provider = await openProvider(emulator());
      const old = await fileAt(provider, "a.txt");
      emulator().fault({ route: "files/upload", kind });
      const { entry } = await provider.upload(uploadOf("a.txt", "new", old), signal);
      expect((await emulator().remote.read("/Docs/a.txt")).toString()).toBe("new");
      expect(entry).toEqual(await fileAt(provider, "a.txt"));
      expect(emulator().remote.revisions("/Docs/a.txt")).toHaveLength(2);
      expect(emulator().pendingFaults()).toEqual([]);
    },
  );

  test("an answer of half a JSON says nothing; the next attempt finds the file there", async () => {
    const provider = await openProvider(emulator());
    emulator().fault({ route: "files/upload", kind: "half-json" });
    expect(await errorOf(provider.upload(uploadOf("a.txt", "1"), signal))).toMatchObject({ code: "malformed" });
    await provider.upload(uploadOf("a.txt", "1"), signal);
    expect(emulator().remote.revisions("/Docs/a.txt")).toHaveLength(1);
  });

  test.each([
    ["insufficient_space", "quota"],
    ["disallowed_name", "rejected"],
    ["no_write_permission", "rejected"],
    ["upload_traffic_limit_reached", "quota"],
    ["brand_new_tag", "unavailable"],
  ])("%s is %s", async (tag, code) => {
    const provider = await openProvider(emulator());
    emulator().fault({ route: "files/upload", kind: "refuse", tag });
    expect(await errorOf(provider.upload(uploadOf("a.txt", "1"), signal))).toMatchObject({ code });
  });

  test("a full account is told", async () => {
    emulator().settings.quotaBytes = 10;
    const provider = await openProvider(emulator());
    const error = await errorOf(provider.upload(uploadOf("a.txt", patternOf(100)), signal));
    expect(error).toMatchObject({ code: "quota" });
    expect(error.message).toMatch(/^upload a\.txt: .*space/);
  });

  test.each([
    { kind: "rate-limit", retryAfter: 15, times: 2 },
    { kind: "rate-limit", format: "text", omit: "header", times: 2 },
    { kind: "status", status: 503, times: 2 },
    { kind: "refuse", tag: "too_many_write_operations", times: 3 },
    { kind: "slow", ms: 50 },
  ] as const)("waits and goes on: %j", async (fault) => {
    const provider = await openProvider(emulator());
    emulator().fault({ route: "files/upload", ...fault });
    await provider.upload(uploadOf("a.txt", "1"), signal);
    expect(emulator().remote.revisions("/Docs/a.txt")).toHaveLength(1);
  });

  test("gives up on a service that stays too busy", async () => {
    const provider = await openProvider(emulator());
    emulator().fault({ route: "files/upload", kind: "refuse", tag: "too_many_write_operations", times: 1000 });
    expect(await errorOf(provider.upload(uploadOf("a.txt", "1"), signal))).toMatchObject({ code: "unavailable" });
    expect(emulator().requestCount("files/upload")).toBeLessThan(20);
  });

  test("content that changes while it is read is not stored", async () => {
    const provider = await openProvider(emulator());
    await expect(provider.upload(uploadOf("a.txt", changingContent("12345", 0)), signal)).rejects.toBeInstanceOf(
      LocalError,
    );
    expect(emulator().remote.stat("/Docs/a.txt")).toBeUndefined();
  });

  test("an abort rejects with its reason", async () => {
    const provider = await openProvider(emulator());
    const reason = new Error("enough");
    await expect(provider.upload(uploadOf("a.txt", "1"), AbortSignal.abort(reason))).rejects.toBe(reason);
  });
});

test("many files at once never write at the same time", async () => {
  emulator().settings.latencyMs = 5;
  const provider = await openProvider(emulator());
  const files = Array.from({ length: 40 }, (_, n) => uploadOf(`f${n}`, patternOf(n % 2 === 0 ? 1000 : MIB, n + 1)));
  await Promise.all(files.map((file) => provider.upload(file, signal)));
  expect(emulator().lockRejections).toBe(0);
  expect(Object.keys(await emulator().remote.tree())).toHaveLength(41);
  expect(emulator().misuse).toEqual([]);
});

describe("a large file", () => {
  const big = patternOf(26 * MIB + 17);

  async function open(memory: Memory = createMemory()) {
    const provider = await openProvider(emulator(), { memory });
    await provider.identify(signal);
    emulator().resetCounters();
    return provider;
  }

  test("is sent in parts, checked, and forgotten", async () => {
    const memory = createMemory();
    const provider = await open(memory);
    const { entry, sentHash } = await provider.upload(uploadOf("big.bin", big), signal);
    expect(emulator().remote.stat("/Docs/big.bin")?.contentHash).toBe(sentHash.slice("dropbox:".length));
    expect(entry).toEqual(await fileAt(provider, "big.bin"));
    expect(emulator().requestCount("files/upload_session/append_v2")).toBe(7);
    expect(emulator().misuse).toEqual([]);
    expect(sessionsIn(memory)).toEqual([]);
  });

  test.each([9, 12, 16, 24])("of %i MiB has the right end", async (mib) => {
    const content = patternOf(mib * MIB, mib);
    await (await open()).upload(uploadOf("big.bin", content), signal);
    expect((await emulator().remote.read("/Docs/big.bin")).equals(content)).toBe(true);
    expect(emulator().misuse).toEqual([]);
  });

  const routes = ["start", "append_v2", "finish"].map((name) => `files/upload_session/${name}`);
  test.each(
    routes.flatMap((route) => (route.endsWith("append_v2") ? [1, 4, 7] : [1]).map((nth) => [route, nth] as const)),
  )("survives lost answers of %s, request %i", async (route, nth) => {
    const provider = await open();
    emulator().fault({ route, nth, kind: "cut-after" });
    await provider.upload(uploadOf("big.bin", big), signal);
    expect((await emulator().remote.read("/Docs/big.bin")).equals(big)).toBe(true);
    expect(emulator().remote.revisions("/Docs/big.bin")).toHaveLength(1);
    // Nothing was begun anew because of it.
    const starts = route.endsWith("/start") && nth === 1 ? 2 : 1;
    expect(emulator().requestCount("files/upload_session/start")).toBe(starts);
    expect(emulator().requestCount("files/upload_session/append_v2")).toBeLessThanOrEqual(8);
  });

  test("is gone on with by a later run", async () => {
    const memory = createMemory();
    const first = await open(memory);
    emulator().fault({ route: "files/upload_session/append_v2", nth: 3, kind: "status", status: 500, times: 50 });
    expect(await errorOf(first.upload(uploadOf("big.bin", big), signal))).toMatchObject({ code: "unavailable" });
    emulator().clearFaults();
    const sent = emulator()
      .openSessions()
      .reduce((sum, session) => sum + session.receivedBytes, 0);
    expect(sent).toBeGreaterThan(0);

    const second = await open(memory);
    await second.upload(uploadOf("big.bin", big), signal);
    expect((await emulator().remote.read("/Docs/big.bin")).equals(big)).toBe(true);
    expect(emulator().requestCount("files/upload_session/start")).toBe(0);
    expect(emulator().requestCount("files/upload_session/append_v2")).toBe(5);
    expect(sessionsIn(memory)).toEqual([]);
  });

  test("is gone on with after an abort", async () => {
    const memory = createMemory();
    const stop = new AbortController();
    const reason = new Error("interrupted");
    const watched: Memory = {
      ...memory,
      set: (name, value) => {
        memory.set(name, value);
        if (/:\d+$/.test(name)) stop.abort(reason);
      },
    };
    emulator().fault({ route: "files/upload_session/append_v2", nth: 2, kind: "hang", times: 5 });
    await expect((await open(watched)).upload(uploadOf("big.bin", big), stop.signal)).rejects.toBe(reason);
    emulator().clearFaults();
    const second = await open(memory);
    await second.upload(uploadOf("big.bin", big), signal);
    expect((await emulator().remote.read("/Docs/big.bin")).equals(big)).toBe(true);
    expect(emulator().requestCount("files/upload_session/append_v2")).toBe(6);
  });

  test("finds itself stored when the run ended right after the commit", async () => {
    const memory = createMemory();
    const cutOff: Memory = {
      ...memory,
      set: (name, value) => {
        if (value !== undefined) memory.set(name, value);
      },
    };
    await (await open(cutOff)).upload(uploadOf("big.bin", big), signal);
    expect(sessionsIn(memory).length).toBeGreaterThan(0);
    const { entry } = await (await open(memory)).upload(uploadOf("big.bin", big), signal);
    expect(entry.sizeBytes).toBe(big.length);
    expect(emulator().requestCount("files/upload_session/append_v2")).toBe(0);
    expect(emulator().remote.revisions("/Docs/big.bin")).toHaveLength(1);
  });

  test("begins anew when the session is too old", async () => {
    const memory = createMemory();
    emulator().fault({ route: "files/upload_session/append_v2", nth: 3, kind: "status", status: 500, times: 50 });
    await errorOf((await open(memory)).upload(uploadOf("big.bin", big), signal));
    emulator().clearFaults();
    emulator().advanceClock(8 * 24 * 3600 * 1000);
    const second = await open(memory);
    await second.upload(uploadOf("big.bin", big), signal);
    expect((await emulator().remote.read("/Docs/big.bin")).equals(big)).toBe(true);
    expect(emulator().requestCount("files/upload_session/start")).toBe(1);
  });

  test("never replaces another version, and does not send the bytes for nothing a second time", async () => {
    const memory = createMemory();
    emulator().remote.write("/Docs/big.bin", "theirs");
    const provider = await open(memory);
    expect(await errorOf(provider.upload(uploadOf("big.bin", big), signal))).toMatchObject({ code: "changed" });
    expect((await emulator().remote.read("/Docs/big.bin")).toString()).toBe("theirs");
    const listed = await fileAt(provider, "big.bin");
    emulator().resetCounters();
    await provider.upload(uploadOf("big.bin", big, listed), signal);
    expect(emulator().requestCount("files/upload_session/append_v2")).toBe(0);
    expect((await emulator().remote.read("/Docs/big.bin")).equals(big)).toBe(true);
  });

  test("content that changes while it is read is not stored, and its session is forgotten", async () => {
    const memory = createMemory();
    const provider = await open(memory);
    const content = changingContent(big, 17 * MIB);
    await expect(provider.upload(uploadOf("big.bin", content), signal)).rejects.toBeInstanceOf(LocalError);
    expect(emulator().remote.stat("/Docs/big.bin")).toBeUndefined();
    expect(sessionsIn(memory)).toEqual([]);
  });

  test("sessions that are over are forgotten when the provider is closed", async () => {
    const memory = createMemory();
    emulator().fault({ route: "files/upload_session/append_v2", nth: 2, kind: "status", status: 500, times: 50 });
    const provider = await open(memory);
    await errorOf(provider.upload(uploadOf("big.bin", big), signal));
    await provider.close(signal);
    expect(sessionsIn(memory).length).toBeGreaterThan(0);
    const [name = ""] = sessionsIn(memory);
    memory.set(name, memory.get(name)?.replace(/"startedMs":\d+/, '"startedMs":0'));
    await (await open(memory)).close(signal);
    expect(sessionsIn(memory)).toEqual([]);
  });
});

test("refusal is told by the same words that the service uses", async () => {
  const provider = await openProvider(emulator());
  expect(provider.refusal(toSyncPath("a/Thumbs.db"), 1)).toContain("Thumbs.db");
  expect(provider.refusal(toSyncPath("a/b"), 1)).toBeUndefined();
});
