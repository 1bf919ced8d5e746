import { describe, expect, test } from "vitest";
import type { HttpAnswer, HttpRequest } from "../../../lib/http/types.js";
import type { Provider } from "../../../providers/provider.js";
import { patternOf, uploadOf } from "../../support/builders.js";
import { createMemory, type Memory } from "../support/memory.js";
import { errorOf } from "../support/outcomes.js";
import { signal } from "../support/signal.js";
import { openProvider, personsEnv, useEmulator } from "./support.js";

const emulator = useEmulator();

const RANGE = 100 * 327_680;
const content = patternOf(RANGE + 1_000_000);
const IN_STEP = { isAllUploaded: true };

const recordsIn = (memory: ReturnType<typeof createMemory>): readonly string[] =>
  [...memory.values.keys()].filter((name) => name.startsWith("upload"));

async function isUnfinished(provider: Provider, name: string): Promise<void> {
  emulator().fault({ route: "upload-range", nth: 2, kind: "cut-before", times: 20 });
  emulator().fault({ route: "upload-status", nth: 2, kind: "cut-before", times: 20 });
  await errorOf(provider.upload(uploadOf(name, content), signal));
  emulator().clearFaults();
}

/** A run that was cut off within a large file, and the memory that it leaves to the next ones. */
async function cutOff() {
  const memory = createMemory();
  const settings = personsEnv(emulator());
  const open = async (more: { memory?: Memory; mayWrite?: boolean } = {}): Promise<Provider> =>
    await openProvider(emulator(), { memory, settings, ...more });
  await isUnfinished(await open(), "big.bin");
  expect(emulator().openSessions()).toHaveLength(1);
  return { memory, open };
}

describe("an upload that nobody went on with", () => {
  test("is cancelled at the end of a run that uploaded everything", async () => {
    const { memory, open } = await cutOff();
    await (await open()).close(signal, IN_STEP);
    expect(emulator().openSessions()).toEqual([]);
    expect(recordsIn(memory)).toEqual([]);
    const other = await openProvider(emulator(), { settings: personsEnv(emulator()) });
    const { entry } = await other.upload(uploadOf("big.bin", patternOf(2_000_000)), signal);
    expect(entry.sizeBytes).toBe(2_000_000);
    // A name that is blocked takes two versions: the content, and its time.
    expect(emulator().remote.deleted()).toEqual([]);
  });

  const aborted = AbortSignal.abort(new Error("ended"));
  test.each([
    { title: "came to less", mayWrite: true, closing: signal, ending: { isAllUploaded: false } },
    { title: "does not know", mayWrite: true, closing: signal, ending: undefined },
    { title: "was told to end", mayWrite: true, closing: aborted, ending: IN_STEP },
    { title: "may not write", mayWrite: false, closing: signal, ending: IN_STEP },
  ])("is left for the next run by one that $title", async ({ mayWrite, closing, ending }) => {
    const { open } = await cutOff();
    await (await open({ mayWrite })).close(closing, ending);
    expect(emulator().openSessions()).toHaveLength(1);
    emulator().resetCounters();
    const next = await open();
    await next.upload(uploadOf("big.bin", content), signal);
    expect(emulator().requestCount("create-session")).toBe(0);
    await next.close(signal, IN_STEP);
    expect((await emulator().remote.read("/Docs/big.bin")).equals(content)).toBe(true);
  });

  test("is remembered for the next run where no answer comes before this one is told to end", async () => {
    const { memory, open } = await cutOff();
    emulator().fault({ route: "upload-cancel", kind: "hang" });
    await (await open()).close(AbortSignal.timeout(200), IN_STEP);
    expect(recordsIn(memory)).toHaveLength(1);
    await (await open()).close(signal, IN_STEP);
    expect(recordsIn(memory)).toEqual([]);
  });

  test("of many small files is cancelled, too", async () => {
    const memory = createMemory();
    const settings = personsEnv(emulator());
    const controller = new AbortController();
    const alter = (request: HttpRequest, answer: HttpAnswer): HttpAnswer => {
      if (request.url.endsWith("/$batch")) controller.abort(new Error("ended"));
      return answer;
    };
    const first = await openProvider(emulator(), { memory, settings, alter });
    const files = Array.from({ length: 5 }, (_, n) => uploadOf(`f${n}.bin`, `content ${n}`));
    await expect(first.uploadBatch(files, controller.signal)).rejects.toThrow("ended");
    expect(emulator().openSessions()).toHaveLength(5);
    await (await openProvider(emulator(), { memory, settings })).close(signal, IN_STEP);
    expect(emulator().openSessions()).toEqual([]);
    expect(recordsIn(memory)).toEqual([]);
  });

  test.each([404, 410])("is forgotten when the service has no such session (%s)", async (status) => {
    const { memory, open } = await cutOff();
    emulator().fault({ route: "upload-cancel", kind: "error", status, code: "itemNotFound" });
    await (await open()).close(signal, IN_STEP);
    expect(recordsIn(memory)).toEqual([]);
    expect(emulator().pendingFaults()).toEqual([]);
  });

  test.each([403, 409, 423])("is tried again by the next run when the service refuses (%s)", async (status) => {
    const { memory, open } = await cutOff();
    emulator().fault({ route: "upload-cancel", kind: "error", status, code: "generalException" });
    await (await open()).close(signal, IN_STEP);
    expect(recordsIn(memory)).toHaveLength(1);
    await (await open()).close(signal, IN_STEP);
    expect(emulator().openSessions()).toEqual([]);
    expect(recordsIn(memory)).toEqual([]);
  });

  test("is tried again by the next run when the service is out of reach, and no other is tried before", async () => {
    const { memory, open } = await cutOff();
    await isUnfinished(await open(), "other.bin");
    emulator().fault({ route: "upload-cancel", kind: "cut-before", times: 100 });
    emulator().resetCounters();
    await (await open()).close(signal, IN_STEP);
    expect(recordsIn(memory)).toHaveLength(2);
    emulator().clearFaults();
    await (await open()).close(signal, IN_STEP);
    expect(emulator().openSessions()).toEqual([]);
    expect(recordsIn(memory)).toEqual([]);
  });
});
