import { expect, test } from "vitest";
import type { Provider } from "../../../providers/provider.js";
import { patternOf, uploadOf } from "../../support/builders.js";
import { fileAt } from "../support/entries.js";
import { createMemory } from "../support/memory.js";
import { codesOf } from "../support/outcomes.js";
import { signal } from "../support/signal.js";
import { openProvider, put, smallUploads, useEmulator } from "./support.js";

const emulator = useEmulator({ files: { "/Docs": null, "/Docs/d0": null } });

const LINK = "GET resources/upload";

/** As many as may be on their way when the service says it. */
const MOST_AT_ONCE = 12;

async function uploadBatches(provider: Provider, batches: number): Promise<readonly string[]> {
  const all = Array.from({ length: batches }, () => provider.uploadBatch(smallUploads(100), signal));
  return (await Promise.all(all)).flatMap((attempts) => codesOf(attempts));
}

test.each([
  { kind: "traffic-limit", route: LINK },
  { kind: "no-space", route: LINK },
  { kind: "status", status: 507, route: "PUT upload-target" },
] as const)("used up ($kind): nothing more is asked for, by no batch of the run", async (fault) => {
  emulator().fault({ ...fault, times: 10_000 });
  const provider = await openProvider(emulator());
  expect(new Set(await uploadBatches(provider, 4))).toEqual(new Set(["quota"]));
  expect(emulator().countsByRoute()[LINK]).toBeLessThanOrEqual(MOST_AT_ONCE);
  emulator().resetCounters();
  const attempts = await provider.uploadBatch(smallUploads(10), signal);
  expect(emulator().countsByRoute()).toEqual({});
  const messages = attempts.map((attempt) => (attempt.ok ? "" : attempt.error.message));
  expect(new Set(messages.map((message) => message.replace(/f\d+\.txt/, "")))).toHaveProperty("size", 1);
  expect(messages[3]).toMatch(/^upload d0\/f3\.txt: (?!.*f\d).*(space|allowance)/);
});

test("used up: no old version is put aside for content that cannot come any more", async () => {
  const provider = await openProvider(emulator());
  const names = Array.from({ length: 40 }, (_, at) => `old${String(at)}.txt`);
  for (const name of names) await put(provider, name, "old");
  const files = await Promise.all(
    names.map(async (name) => uploadOf(name, "new", { replaces: await fileAt(provider, name) })),
  );
  emulator().resetCounters();
  emulator().fault({ route: LINK, kind: "traffic-limit", times: 10_000 });
  expect(new Set(codesOf(await provider.uploadBatch(files, signal)))).toEqual(new Set(["quota"]));
  expect(emulator().countsByRoute()["POST resources/copy"]).toBeLessThanOrEqual(MOST_AT_ONCE);
});

test("a file that is too large for the account stops no other", async () => {
  emulator().fault({ route: "PUT upload-target", kind: "status", status: 413 });
  const provider = await openProvider(emulator());
  const codes = codesOf(await provider.uploadBatch(smallUploads(30), signal));
  expect(codes.filter((code) => code === "ok")).toHaveLength(29);
  expect(codes).toContain("rejected");
});

test("a sign-in that is void: nothing more is asked for", async () => {
  const provider = await openProvider(emulator());
  await put(provider, "before.txt", "1");
  emulator().resetCounters();
  emulator().fault({ route: LINK, kind: "status", status: 401, times: 10_000 });
  expect(new Set(await uploadBatches(provider, 4))).toEqual(new Set(["unauthorized"]));
  expect(emulator().countsByRoute()[LINK]).toBeLessThanOrEqual(2 * MOST_AT_ONCE);
});

test("used up: nothing is noted of content that was not sent", async () => {
  const memory = createMemory();
  emulator().fault({ route: LINK, kind: "traffic-limit", times: 10_000 });
  const provider = await openProvider(emulator(), { memory });
  const content = patternOf(300 * 1024);
  const archives = Array.from({ length: 20 }, (_, at) => uploadOf(`a${String(at)}.zip`, content));
  expect(new Set(codesOf(await provider.uploadBatch(archives, signal)))).toEqual(new Set(["quota"]));
  expect([...memory.values.keys()].filter((name) => name.startsWith("temporary:"))).toEqual([]);
});
