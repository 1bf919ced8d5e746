import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { openSharedState } from "../../../lib/state/shared-state.js";
import { openGooglePhotos } from "../../../providers/gphotos/gphotos.js";
import type { Provider } from "../../../providers/provider.js";
import {
  albumsOf,
  codesOf,
  contextFor,
  createMemory,
  errorOf,
  photoUpload,
  put,
  signal,
  useEmulator,
  type TestContext,
} from "./support.js";

const emulator = useEmulator();

const directories: string[] = [];

afterEach(() => {
  for (const directory of directories.splice(0)) rmSync(directory, { recursive: true });
});

/** Opens jobs of one state directory, each with a memory of its own. */
function useState(): (options?: TestContext) => Promise<Provider> {
  const dir = mkdtempSync(join(tmpdir(), "trisync-shared-"));
  directories.push(dir);
  return async (options = {}) => {
    const context = contextFor(emulator(), options);
    const shared = openSharedState({ dir, pid: 42, now: context.now });
    return await openGooglePhotos({ ...context, shared }, context.sleep);
  };
}

function uploadsOf(album: string, names: string): ReturnType<typeof photoUpload>[] {
  return Array.from({ length: 20 }, (_, i) => photoUpload(`${album}/${names} ${i}.jpg`));
}

describe("two jobs of one account at the same time", () => {
  test("take turns at writing, and make one album where both need it", async () => {
    const { settings } = emulator();
    Object.assign(settings, { latencyMs: 20, writePenaltyMs: 3_600_000, albumLagMs: 600_000 });
    const open = useState();
    const jobs = await Promise.all(["one", "two", "three"].map(async (name) => ({ name, job: await open() })));
    const attempts = await Promise.all(
      jobs.map(async ({ name, job }) => [
        ...(await job.uploadBatch(uploadsOf("both", name), signal)),
        ...(await job.uploadBatch(uploadsOf(name, name), signal)),
      ]),
    );
    expect(new Set(codesOf(attempts.flat()))).toEqual(new Set(["ok"]));
    expect(emulator().lockRejections).toBe(0);
    const albums = emulator().remote.albums();
    expect(albums.map(({ title }) => title).sort()).toEqual(["both", "one", "three", "two"]);
    expect(albumsOf(emulator())["both"]).toHaveLength(60);
  });
});

describe("an album whose making was cut off", () => {
  test("by a kill is found by the next run, however late the list shows it", async () => {
    emulator().settings.albumLagMs = 15_000;
    const open = useState();
    const stop = new AbortController();
    emulator().fault({ route: "albums.create", kind: "hang" });
    const killed = (await open()).upload(photoUpload("a/x.jpg"), stop.signal);
    killed.catch(() => undefined);
    await expect.poll(() => emulator().remote.albums().length).toBe(1);
    stop.abort(new Error("killed"));
    await expect(killed).rejects.toThrow("killed");
    await put(await open(), "a/x.jpg");
    expect(emulator().remote.albums()).toHaveLength(1);
    expect(albumsOf(emulator())).toEqual({ a: ["x.jpg"] });
  });

  test("by a refusal is not waited for", async () => {
    const open = useState();
    emulator().fault({ route: "albums.create", kind: "status", status: 400, message: "No." });
    const error = await errorOf(put(await open(), "a/x.jpg"));
    expect(error.message).toContain("No.");
    const waits: number[] = [];
    await put(await open({ waits }), "a/x.jpg");
    expect(waits).toEqual([]);
  });

  test("that the user deletes afterwards is made anew", async () => {
    const open = useState();
    await put(await open(), "a/x.jpg");
    emulator().remote.removeAlbum(emulator().remote.albums()[0]!.id);
    await put(await open(), "a/y.jpg");
    expect(albumsOf(emulator())).toEqual({ a: ["y.jpg"] });
  });
});

describe("the requests of the day", () => {
  const settings = (): Readonly<Record<string, string>> => ({
    GOOGLE_REFRESH_TOKEN: emulator().tokens.issue().refreshToken,
    GOOGLE_REQUESTS_PER_DAY: "20",
  });

  async function spend(job: Provider): Promise<void> {
    for (let i = 0; i < 30; i++) await put(job, `a/${String(i)}.jpg`);
  }

  test("are those of all jobs of a project, in one run after the other and side by side", async () => {
    const open = useState();
    const [first, besides] = [await open({ settings: settings() }), await open({ settings: settings() })];
    expect((await errorOf(spend(first))).code).toBe("exhausted");
    await first.close(signal);
    const asked = emulator().requestCount();
    expect(asked).toBeLessThanOrEqual(20);
    for (const job of [besides, await open({ settings: settings() })]) {
      expect((await errorOf(put(job, "b/x.jpg"))).code).toBe("exhausted");
    }
    expect(emulator().requestCount()).toBe(asked);
  });

  test("begin anew at midnight Pacific time, be it summer or winter", async () => {
    for (const [before, after] of [
      ["2026-07-02T06:59:00Z", "2026-07-02T07:00:01Z"],
      ["2026-12-02T07:59:00Z", "2026-12-02T08:00:01Z"],
    ] as const) {
      const memory = createMemory();
      const at = (time: string): TestContext => ({
        memory,
        settings: settings(),
        aheadMs: Date.parse(time) - Date.now(),
      });
      const open = useState();
      expect((await errorOf(spend(await open(at(before))))).code).toBe("exhausted");
      expect((await errorOf(put(await open(at(before)), "b/x.jpg"))).code).toBe("exhausted");
      await put(await open(at(after)), "b/x.jpg");
    }
  });
});
