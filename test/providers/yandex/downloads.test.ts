import { buffer } from "node:stream/consumers";
import { describe, expect, test } from "vitest";
import type { RemoteFile } from "../../../lib/model/entry.js";
import type { Provider } from "../../../providers/provider.js";
import { patternOf } from "../../support/builders.js";
import { fileAt } from "../support/entries.js";
import { listAll } from "../support/listings.js";
import { createMemory } from "../support/memory.js";
import { errorOf } from "../support/outcomes.js";
import { signal } from "../support/signal.js";
import { openProvider, useEmulator } from "./support.js";

const emulator = useEmulator();

function seed(count: number, folders = 1): void {
  const files = Array.from({ length: count }, (_, i) => [`/Docs/d${i % folders}/f${i}`, `content ${i}`] as const);
  emulator().remote.seed(Object.fromEntries(files));
}

async function filesOf(provider: Provider): Promise<readonly RemoteFile[]> {
  const { entries } = await listAll(provider);
  return entries.filter((entry) => entry.kind === "file");
}

async function fetchAll(provider: Provider, files: readonly RemoteFile[]): Promise<void> {
  for (let at = 0; at < files.length; at += 8) {
    await Promise.all(
      files.slice(at, at + 8).map(async (file) => {
        const bytes = await buffer(await provider.download(file, 0, signal));
        expect(bytes.length).toBe(file.sizeBytes);
      }),
    );
  }
}

/** As a job that has listed before: its listings bring no links. */
function laterRun(): ReturnType<typeof createMemory> {
  const memory = createMemory();
  memory.set("listed", "yes");
  return memory;
}

describe("requests for links", () => {
  test("none in a first run: they came with the listing", async () => {
    seed(200, 10);
    const provider = await openProvider(emulator());
    const files = await filesOf(provider);
    emulator().resetCounters();
    await fetchAll(provider, files);
    expect(emulator().countsByRoute()).toEqual({ "GET download": 200 });
  });

  test("one for each folder in a later run", async () => {
    seed(200, 10);
    const provider = await openProvider(emulator(), { memory: laterRun() });
    const files = await filesOf(provider);
    emulator().resetCounters();
    await fetchAll(provider, files);
    expect(emulator().countsByRoute()).toEqual({ "GET download": 200, "GET resources": 10 });
  });

  test("a few for a folder with very many files", async () => {
    seed(1500);
    const provider = await openProvider(emulator(), { memory: laterRun() });
    const files = await filesOf(provider);
    emulator().resetCounters();
    await fetchAll(provider, files);
    expect(emulator().requestCount("GET resources")).toBeLessThanOrEqual(4);
  });
});

describe("links that do not work any more", () => {
  test("because their time is over: fresh ones are asked for", async () => {
    seed(3);
    const provider = await openProvider(emulator());
    const files = await filesOf(provider);
    emulator().advanceClock(5 * 3_600_000);
    emulator().resetCounters();
    await fetchAll(provider, files);
    expect(emulator().requests.filter(({ status }) => status === 410)).toHaveLength(3);
    expect(emulator().countsByRoute()).toEqual({ "GET download": 6, "GET resources": 3 });
  });

  test.each([
    { kind: "expired-link" },
    { kind: "status", status: 403 },
    { kind: "status", status: 500, body: "<html>" },
  ] as const)("$kind $status: a fresh one", async (effect) => {
    seed(1);
    const provider = await openProvider(emulator());
    const files = await filesOf(provider);
    emulator().fault({ route: "GET download", ...effect });
    await fetchAll(provider, files);
  });

  test("and fresh ones neither: an error that says so", async () => {
    seed(1);
    const provider = await openProvider(emulator());
    const [file] = await filesOf(provider);
    emulator().fault({ route: "GET download", kind: "status", status: 403, times: 9 });
    expect((await errorOf(provider.download(file!, 0, signal))).code).toBe("unavailable");
  });
});

describe("versions", () => {
  test("a link that was kept for another version is not used", async () => {
    seed(2);
    const provider = await openProvider(emulator());
    const old = await filesOf(provider);
    emulator().remote.write("/Docs/d0/f0", "theirs");
    const now = await fileAt(provider, "d0/f0");
    expect((await buffer(await provider.download(now, 0, signal))).toString()).toBe("theirs");
    expect(old[0]?.version).not.toBe(now.version);
  });

  test("a file that was replaced before its link was asked for is changed", async () => {
    seed(1);
    const provider = await openProvider(emulator(), { memory: laterRun() });
    const [file] = await filesOf(provider);
    emulator().remote.write("/Docs/d0/f0", "theirs");
    expect((await errorOf(provider.download(file!, 0, signal))).code).toBe("changed");
    expect((await errorOf(provider.download(file!, file!.sizeBytes ?? 0, signal))).code).toBe("changed");
    emulator().remote.delete("/Docs/d0/f0");
    expect((await errorOf(provider.download(file!, 0, signal))).code).toBe("not-found");
  });
});

describe("content", () => {
  test("comes from the middle on, through redirects as well", async () => {
    emulator().settings.downloadRedirects = true;
    const bytes = patternOf(300_000);
    emulator().remote.write("/Docs/a.bin", bytes);
    const provider = await openProvider(emulator());
    const file = await fileAt(provider, "a.bin");
    const rest = await buffer(await provider.download(file, 123_456, signal));
    expect(rest.equals(bytes.subarray(123_456))).toBe(true);
  });

  test("that breaks off is an error of the stream", async () => {
    emulator().remote.write("/Docs/a.bin", patternOf(300_000));
    const provider = await openProvider(emulator());
    const file = await fileAt(provider, "a.bin");
    emulator().fault({ route: "GET download", kind: "truncated-download", afterBytes: 100_000 });
    const stream = await provider.download(file, 0, signal);
    expect((await errorOf(buffer(stream))).code).toBe("unavailable");
  });
});
