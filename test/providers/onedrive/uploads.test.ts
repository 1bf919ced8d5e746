import { describe, expect, test, vi } from "vitest";
import type { HttpAnswer, HttpRequest } from "../../../lib/http/types.js";
import { LocalError } from "../../../lib/model/errors.js";
import { toSyncPath } from "../../../lib/model/path.js";
import { openOneDrive } from "../../../providers/onedrive/onedrive.js";
import type { Provider } from "../../../providers/provider.js";
import { changingContent, patternOf, uploadOf } from "../../support/builders.js";
import type { Fault } from "../../emulators/onedrive/faults.js";
import { fileAt } from "../support/entries.js";
import { listAll } from "../support/listings.js";
import { createMemory } from "../support/memory.js";
import { codesOf, errorOf } from "../support/outcomes.js";
import { signal } from "../support/signal.js";
import { waitedMs } from "../support/virtual-time.js";
import { contextFor, openProvider, personsEnv, showLate, useEmulator } from "./support.js";

const emulator = useEmulator();

const RANGE = 100 * 327_680;

const names = (count: number): readonly string[] => Array.from({ length: count }, (_, n) => `d${n % 3}/f${n}.bin`);

async function sendNames(provider: Provider, count: number) {
  return await provider.uploadBatch(
    names(count).map((name) => uploadOf(name, `content of ${name}`)),
    signal,
  );
}

async function expectStored(count: number): Promise<void> {
  const tree = await emulator().remote.tree();
  for (const name of names(count)) expect(tree[`/Docs/${name}`]?.toString()).toBe(`content of ${name}`);
  expect(Object.values(tree).filter((bytes) => bytes !== null)).toHaveLength(count);
}

describe("small files", () => {
  test("sessions are created twenty to a request, and every file is one version with its time", async () => {
    const provider = await openProvider(emulator());
    await provider.identify(signal);
    await provider.createFolders(["d0", "d1", "d2"].map(toSyncPath), signal);
    emulator().resetCounters();
    expect(codesOf(await sendNames(provider, 60))).toEqual(names(60).map(() => "ok"));
    await expectStored(60);
    expect(emulator().requestCount("batch")).toBe(3);
    expect(emulator().requestCount("upload-range")).toBe(60);
    expect(emulator().requestCount()).toBe(63);
    expect(emulator().remote.deleted()).toEqual([]);
    expect(emulator().remote.stat("/Docs/d0/f0.bin")?.modified.getTime()).toBe(Date.UTC(2026, 2, 1, 12));
    expect(emulator().openSessions()).toEqual([]);
  });

  test("an empty file has its time, and is listed like any other", async () => {
    const provider = await openProvider(emulator());
    const { entry } = await provider.upload(uploadOf("deep/er/empty", ""), signal);
    expect(entry).toMatchObject({ sizeBytes: 0, modifiedMs: Date.UTC(2026, 2, 1, 12) });
    const { entries } = await listAll(provider);
    expect(entries).toContainEqual(entry);
  });

  const lags: readonly { title: string; path: string; fault?: Fault }[] = [
    { title: "whose time is taken without an answer", path: "empty" },
    { title: "a document by its name", path: "empty.docx" },
    { title: "whose first answer was lost", path: "empty", fault: { route: "content", kind: "cut-after" } },
  ];
  test.each(lags)("an empty file, $title, is waited for where the drive does not show it yet", async (lag) => {
    showLate(emulator(), 5000);
    const provider = await openProvider(emulator());
    if (lag.fault !== undefined) emulator().fault(lag.fault);
    const { entry } = await provider.upload(uploadOf(lag.path, ""), signal);
    expect(entry).toMatchObject({ path: lag.path, sizeBytes: 0, modifiedMs: Date.UTC(2026, 2, 1, 12) });
    expect((await listAll(provider)).entries).toContainEqual(entry);
  });

  test("an empty file that is never shown is not waited for without an end", async () => {
    showLate(emulator(), 3_600_000);
    const provider = await openProvider(emulator());
    const error = await errorOf(provider.upload(uploadOf("empty", ""), signal));
    expect(error).toMatchObject({ code: "changed" });
    expect(waitedMs(emulator())).toBeLessThan(30_000);
  });

  test("a member that was turned away holds back all other requests as well", async () => {
    const context = contextFor(emulator());
    const pauses: number[] = [];
    const createHttp: typeof context.createHttp = (options) => {
      const http = context.createHttp(options);
      const pause = vi.spyOn(http, "pause");
      pause.mockImplementation((ms) => pauses.push(ms));
      return http;
    };
    const provider = context.mirror.follow(await openOneDrive({ ...context, createHttp }, context.sleep));
    await provider.createFolders(["d0", "d1", "d2"].map(toSyncPath), signal);
    emulator().fault({ route: "batch/create-session", nth: 3, kind: "throttle", retryAfter: 5 });
    expect(codesOf(await sendNames(provider, 20))).toEqual(names(20).map(() => "ok"));
    expect(Math.max(...pauses)).toBe(5_000);
  });

  /** `underway`: how many requests may be on their way already when the service asks to be left alone. */
  const passing: readonly { title: string; fault: Fault; underway?: number }[] = [
    { title: "a batch turned away with 429", fault: { route: "batch", kind: "throttle", retryAfter: 2 } },
    { title: "a batch turned away without a time", fault: { route: "batch", kind: "throttle", retryAfter: null } },
    {
      title: "a batch turned away with 503 and a web page",
      fault: { route: "batch", kind: "throttle", status: 503, format: "html" },
    },
    {
      title: "members turned away",
      fault: { route: "batch/create-session", nth: 3, times: 7, kind: "throttle", retryAfter: 5 },
    },
    {
      title: "members turned away without a time",
      fault: { route: "batch/create-session", times: 4, kind: "throttle", retryAfter: null },
    },
    {
      title: "members that failed by themselves",
      fault: { route: "batch/create-session", times: 2, kind: "error", status: 503, code: "serviceNotAvailable" },
    },
    {
      title: "members that met a lock",
      fault: { route: "batch/create-session", times: 2, kind: "error", status: 423, code: "resourceLocked" },
    },
    { title: "a batch whose answer was lost", fault: { route: "batch", kind: "cut-after" } },
    { title: "a batch of which half an answer came", fault: { route: "batch", kind: "cut-half" } },
    {
      title: "a batch that took too long, and was done",
      fault: { route: "batch", kind: "status", status: 504, processed: true },
    },
    {
      title: "ranges turned away",
      fault: { route: "upload-range", times: 3, kind: "throttle", retryAfter: 1 },
      underway: 7,
    },
    { title: "a range cut off", fault: { route: "upload-range", kind: "cut-before", afterBodyBytes: 3 } },
    { title: "a range whose answer was lost", fault: { route: "upload-range", kind: "cut-after" } },
    {
      title: "a range answered with 500 though stored",
      fault: { route: "upload-range", kind: "status", status: 500, processed: true },
    },
    { title: "a session that is gone", fault: { route: "upload-range", kind: "lost-session" } },
    { title: "an upload address that is too old", fault: { route: "upload-range", kind: "expired-url" } },
    { title: "a locked target", fault: { route: "upload-range", kind: "error", status: 423, code: "resourceLocked" } },
    { title: "an expired token", fault: { route: "batch", kind: "expired-token" } },
    { title: "answers without a hash", fault: { route: "upload-range", kind: "missing-hash", times: 20 } },
  ];
  test.each(passing)("$title: all arrive, each once", async ({ fault, underway = 0 }) => {
    const provider = await openProvider(emulator());
    await provider.createFolders(["d0", "d1", "d2"].map(toSyncPath), signal);
    emulator().fault(fault);
    expect(codesOf(await sendNames(provider, 20))).toEqual(names(20).map(() => "ok"));
    await expectStored(20);
    expect(emulator().pendingFaults()).toEqual([]);
    expect(emulator().earlyRequests).toBeLessThanOrEqual(underway);
    emulator().resetCounters();
  });

  test("a full drive fails what does not fit, and nothing else", async () => {
    const provider = await openProvider(emulator());
    emulator().fault({ route: "upload-range", nth: 2, kind: "error", status: 507, code: "quotaLimitReached" });
    const codes = codesOf(await sendNames(provider, 4));
    expect([...codes].sort()).toEqual(["ok", "ok", "ok", "quota"]);
    expect(emulator().openSessions()).toEqual([]);
  });

  test("a name that a dead run's session blocks is freed by what it left behind", async () => {
    const memory = createMemory();
    const settings = personsEnv(emulator());
    const first = await openProvider(emulator(), { memory, settings });
    const controller = new AbortController();
    emulator().fault({ route: "upload-range", kind: "hang", times: 100 });
    const work = first.uploadBatch(
      names(20).map((name) => uploadOf(name, `content of ${name}`)),
      controller.signal,
    );
    setTimeout(() => controller.abort(new Error("killed")), 400);
    await expect(work).rejects.toThrow("killed");
    emulator().clearFaults();
    await emulator().remote.tree();
    const second = await openProvider(emulator(), { memory, settings });
    expect(codesOf(await sendNames(second, 20))).toEqual(names(20).map(() => "ok"));
    await expectStored(20);
  });

  test("a name that somebody else's session blocks takes the file in one request", async () => {
    const other = await openProvider(emulator());
    const controller = new AbortController();
    emulator().fault({ route: "upload-range", kind: "cut-before", times: 20 });
    await errorOf(other.upload(uploadOf("big.bin", patternOf(2_000_000)), controller.signal));
    emulator().clearFaults();
    const provider = await openProvider(emulator());
    const { entry } = await provider.upload(uploadOf("big.bin", "small after all"), signal);
    expect(entry).toMatchObject({ sizeBytes: 15, modifiedMs: Date.UTC(2026, 2, 1, 12) });
    expect((await emulator().remote.read("/Docs/big.bin")).toString()).toBe("small after all");
  });

  test("content that changes meanwhile leaves no session behind", async () => {
    const provider = await openProvider(emulator());
    await expect(provider.upload(uploadOf("a.bin", changingContent("0123456789", 5)), signal)).rejects.toBeInstanceOf(
      LocalError,
    );
    await expect(
      provider.upload(uploadOf("b.bin", changingContent(patternOf(2_000_000), 1_500_000)), signal),
    ).rejects.toBeInstanceOf(LocalError);
    expect(emulator().openSessions()).toEqual([]);
  });
});

describe("large files", () => {
  const content = patternOf(RANGE + 1_000_000);

  test("travel in ranges, without the token", async () => {
    const provider = await openProvider(emulator());
    const { entry } = await provider.upload(uploadOf("big.bin", content), signal);
    expect(entry.sizeBytes).toBe(content.length);
    expect(emulator().requestCount("upload-range")).toBe(2);
    expect((await emulator().remote.read("/Docs/big.bin")).equals(content)).toBe(true);
  });

  const faults: readonly { title: string; fault: Fault; versions?: number }[] = [
    { title: "a first range cut off", fault: { route: "upload-range", kind: "cut-before", afterBodyBytes: 5_000_000 } },
    { title: "a first range whose answer was lost", fault: { route: "upload-range", kind: "cut-after" } },
    { title: "a last range whose answer was lost", fault: { route: "upload-range", nth: 2, kind: "cut-after" } },
    {
      title: "a range answered with 503",
      fault: { route: "upload-range", kind: "throttle", status: 503, retryAfter: 1 },
    },
    { title: "a session that is gone", fault: { route: "upload-range", nth: 2, kind: "lost-session" } },
    // The lost session holds the name, so the file is sent in one request, and its time makes a second version.
    {
      title: "an upload address that is too old",
      fault: { route: "upload-range", nth: 2, kind: "expired-url" },
      versions: 2,
    },
    {
      title: "a range found too large",
      fault: {
        route: "upload-range",
        kind: "error",
        status: 413,
        code: "invalidRequest",
        inner: "maxFragmentLengthExceeded",
      },
    },
    { title: "a session whose address was lost", fault: { route: "create-session", kind: "cut-after" }, versions: 2 },
  ];
  test.each(faults)("$title: arrives whole, once", async ({ fault, versions = 1 }) => {
    const provider = await openProvider(emulator());
    emulator().fault(fault);
    await provider.upload(uploadOf("big.bin", content), signal);
    expect((await emulator().remote.read("/Docs/big.bin")).equals(content)).toBe(true);
    expect(emulator().pendingFaults()).toEqual([]);
    expect(emulator().remote.deleted()).toHaveLength(versions - 1);
    emulator().resetCounters();
  });

  test.each(["0-", "none"])("end when the service asks for %s after every range", async (expected) => {
    const body = JSON.stringify(expected === "none" ? {} : { nextExpectedRanges: [expected] });
    emulator().fault({ route: "upload-range", kind: "status", status: 202, body, times: 50 });
    const provider = await openProvider(emulator());
    expect((await errorOf(provider.upload(uploadOf("big.bin", content), signal))).code).toBe("unavailable");
    expect(emulator().requestCount("upload-range")).toBeLessThan(20);
    emulator().clearFaults();
    await provider.upload(uploadOf("big.bin", content), signal);
    expect((await emulator().remote.read("/Docs/big.bin")).equals(content)).toBe(true);
  });

  test.each([0, 5000])(
    "are looked at once more where the last answer names no hash (shown after %d ms)",
    async (lag) => {
      emulator().settings.gzip = false;
      showLate(emulator(), lag);
      const alter = (request: HttpRequest, answer: HttpAnswer): HttpAnswer => {
        const isLast = request.method === "PUT" && answer.status === 201;
        return isLast ? { ...answer, text: answer.text.replaceAll("quickXorHash", "other") } : answer;
      };
      const { entry } = await (await openProvider(emulator(), { alter })).upload(uploadOf("big.bin", content), signal);
      expect(entry.hash).toBeDefined();
    },
  );

  test("go on in a later run where they broke off, and nothing of it is shown", async () => {
    const memory = createMemory();
    const settings = personsEnv(emulator());
    const first = await openProvider(emulator(), { memory, settings });
    emulator().fault({ route: "upload-range", nth: 2, kind: "cut-before", times: 20 });
    emulator().fault({ route: "upload-status", nth: 2, kind: "cut-before", times: 20 });
    const error = await errorOf(first.upload(uploadOf("big.bin", content), signal));
    expect(error.code).toBe("unavailable");
    expect(error.message).not.toContain("tempauth");
    expect(JSON.stringify(error, Object.getOwnPropertyNames(error))).not.toContain("uploadSession");
    emulator().clearFaults();
    const second = await openProvider(emulator(), { memory, settings });
    emulator().resetCounters();
    await second.upload(uploadOf("big.bin", content), signal);
    expect(emulator().requestCount("upload-range")).toBe(1);
    expect(emulator().requestCount("create-session")).toBe(0);
    expect((await emulator().remote.read("/Docs/big.bin")).equals(content)).toBe(true);
    expect([...memory.values.keys()].filter((name) => name.startsWith("upload"))).toEqual([]);
  });

  /** Sends one range, and then the connection is gone. */
  async function breakOff(
    memory: ReturnType<typeof createMemory>,
    settings: Readonly<Record<string, string>>,
  ): Promise<void> {
    emulator().fault({ route: "upload-range", nth: 2, kind: "cut-before", times: 20 });
    emulator().fault({ route: "upload-status", nth: 2, kind: "cut-before", times: 20 });
    await errorOf((await openProvider(emulator(), { memory, settings })).upload(uploadOf("big.bin", content), signal));
    emulator().clearFaults();
    expect(
      emulator()
        .openSessions()
        .map(({ receivedBytes }) => receivedBytes > 0),
    ).toEqual([true]);
  }

  test("begin anew when the old session has ended", async () => {
    const [memory, settings] = [createMemory(), personsEnv(emulator())];
    await breakOff(memory, settings);
    emulator().advanceClock(emulator().settings.sessionLifetimeMs + 1);
    emulator().resetCounters();
    await (await openProvider(emulator(), { memory, settings })).upload(uploadOf("big.bin", content), signal);
    expect(emulator().requestCount("create-session")).toBe(1);
    expect((await emulator().remote.read("/Docs/big.bin")).equals(content)).toBe(true);
    expect(emulator().openSessions()).toEqual([]);
  });

  test("begin anew when the file is another one by now, and the old session ends", async () => {
    const [memory, settings] = [createMemory(), personsEnv(emulator())];
    await breakOff(memory, settings);
    const other = { ...uploadOf("big.bin", patternOf(2_000_000)), resumeKey: "another content" };
    await (await openProvider(emulator(), { memory, settings })).upload(other, signal);
    expect((await emulator().remote.read("/Docs/big.bin")).length).toBe(2_000_000);
    expect(emulator().openSessions()).toEqual([]);
  });

  test("replace only what was listed, also when it changes on the way", async () => {
    const provider = await openProvider(emulator());
    const { entry: replaces } = await provider.upload(uploadOf("big.bin", "old"), signal);
    emulator().remote.write("/Docs/big.bin", "theirs");
    expect((await errorOf(provider.upload(uploadOf("big.bin", content, { replaces }), signal))).code).toBe("changed");
    expect((await emulator().remote.read("/Docs/big.bin")).toString()).toBe("theirs");
    expect(emulator().openSessions()).toEqual([]);
  });
});

describe("conditions", () => {
  test("a file that was only renamed or touched by the service is replaced all the same", async () => {
    const provider = await openProvider(emulator());
    const { entry: replaces } = await provider.upload(uploadOf("a.bin", "old"), signal);
    emulator().remote.touch("/Docs/a.bin", new Date(replaces.modifiedMs ?? 0));
    expect(emulator().remote.stat("/Docs/a.bin")?.eTag).not.toBe(replaces.version);
    const { entry } = await provider.upload(uploadOf("a.bin", "newer", { replaces }), signal);
    expect(entry.sizeBytes).toBe(5);
  });

  test("an eTag that the service refuses though it shows it is compared instead", async () => {
    const provider = await openProvider(emulator());
    const { entry: replaces } = await provider.upload(uploadOf("a.bin", "old"), signal);
    for (const route of ["create-session", "delete", "update"]) {
      emulator().fault({ route, kind: "error", status: 412, code: "resourceModified" });
    }
    const { entry } = await provider.upload(uploadOf("a.bin", "newer", { replaces }), signal);
    const [moved] = await provider.move([{ entry, to: toSyncPath("b.bin") }], signal);
    if (moved?.ok !== true || moved.value.kind !== "file") throw new Error("not moved");
    expect(codesOf(await provider.delete([moved.value], signal))).toEqual(["ok"]);
    expect(emulator().pendingFaults()).toEqual([]);
    expect(Object.keys(await emulator().remote.tree())).toEqual(["/Docs"]);
  });
});

describe("documents that the service rewrites", () => {
  const NAMES = ["a.docx", "b.xlsx", "c.html", "d.pdf", "e.aspx"];

  test.each(["at-upload", "after-upload"] as const)("%s: their version holds still", async (officeRewriting) => {
    Object.assign(emulator().settings, { officeRewriting, officeRewrites: 3 });
    const provider = await openProvider(emulator());
    const attempts = await provider.uploadBatch(
      NAMES.map((name) => uploadOf(name, `content of ${name}`)),
      signal,
    );
    expect(codesOf(attempts)).toEqual(NAMES.map(() => "ok"));
    const versions = attempts.map((attempt) => (attempt.ok ? attempt.value.entry.version : ""));
    let cursor: string | undefined;
    for (let run = 0; run < 10; run++) {
      const { entries, cursor: next } = await listAll(provider, cursor);
      cursor = next;
      for (const entry of entries) {
        if (entry.kind !== "file") continue;
        expect(entry.version).toBe(versions[NAMES.indexOf(entry.path)]);
        expect(entry.hash).toBeUndefined();
      }
    }
    expect(emulator().requestCounts()["delete"]).toBeUndefined();
  });

  test("are replaced, moved and deleted under the eTag of the moment", async () => {
    const { remote } = emulator();
    const provider = await openProvider(emulator());
    const { entry: first } = await provider.upload(uploadOf("a.docx", "one"), signal);
    remote.rewriteOffice("/Docs/a.docx");
    const { entry: second } = await provider.upload(uploadOf("a.docx", "two", { replaces: first }), signal);
    expect(second.version).not.toBe(first.version);
    remote.rewriteOffice("/Docs/a.docx");
    const [moved] = await provider.move([{ entry: second, to: toSyncPath("b.docx") }], signal);
    if (moved?.ok !== true || moved.value.kind !== "file") throw new Error("not moved");
    expect(moved.value.version).toBe(second.version);
    remote.rewriteOffice("/Docs/b.docx");
    expect(codesOf(await provider.delete([moved.value], signal))).toEqual(["ok"]);
  });

  test("somebody's edit is another version, and is not overwritten", async () => {
    const { remote } = emulator();
    const provider = await openProvider(emulator());
    const { entry } = await provider.upload(uploadOf("a.docx", "one"), signal);
    remote.write("/Docs/a.docx", "theirs", { modified: new Date("2026-04-01T10:00:00Z") });
    expect((await errorOf(provider.upload(uploadOf("a.docx", "mine", { replaces: entry }), signal))).code).toBe(
      "changed",
    );
    expect(codesOf(await provider.delete([entry], signal))).toEqual(["changed"]);
    expect(codesOf(await provider.move([{ entry, to: toSyncPath("b.docx") }], signal))).toEqual(["changed"]);
    expect((await fileAt(provider, "a.docx")).version).not.toBe(entry.version);
  });

  test("are not downloaded in another size than the listed one", async () => {
    const { remote } = emulator();
    const provider = await openProvider(emulator());
    await provider.upload(uploadOf("a.docx", "one"), signal);
    const listed = await fileAt(provider, "a.docx");
    remote.rewriteOffice("/Docs/a.docx");
    expect((await errorOf(provider.download(listed, 0, signal))).code).toBe("changed");
    const now = await fileAt(provider, "a.docx");
    expect(now.version).toBe(listed.version);
    expect((await provider.download(now, 0, signal)).destroy()).toBeDefined();
  });
});

test("an upload into a folder that does not exist makes it, also the root", async () => {
  const provider = await openProvider(emulator(), { target: "/New/Root" });
  expect(codesOf(await sendNames(provider, 5))).toEqual(names(5).map(() => "ok"));
  expect(Object.keys(await emulator().remote.tree())).toContain("/New/Root/d0/f0.bin");
  expect((await provider.identify(signal)).root).toBeDefined();
});

describe("a personal drive", () => {
  const personal = useEmulator({ kind: "personal" });

  test("that does not know the size of an upload session gets none", async () => {
    const provider = await openProvider(personal(), { settings: personsEnv(personal()) });
    const fault = { route: "create-session", kind: "error", status: 400, code: "invalidRequest" } as const;
    personal().fault(fault);
    const { entry } = await provider.upload(uploadOf("big.bin", patternOf(2_000_000)), signal);
    expect(entry.sizeBytes).toBe(2_000_000);
    personal().fault({ ...fault, times: 2 });
    expect((await errorOf(provider.upload(uploadOf("b.bin", patternOf(2_000_000)), signal))).code).toBe("rejected");
    personal().resetCounters();
  });
});
