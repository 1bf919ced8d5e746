import { buffer } from "node:stream/consumers";
import { describe, expect, test } from "vitest";
import type { HttpAnswer, HttpRequest } from "../../../lib/http/types.js";
import { patternOf } from "../../support/builders.js";
import { fileAt } from "../support/entries.js";
import { errorOf } from "../support/outcomes.js";
import { signal } from "../support/signal.js";
import { openProvider, useEmulator } from "./support.js";

const emulator = useEmulator();

describe("downloads", () => {
  test("go without the token, and from any byte on, also where the host ignores ranges", async () => {
    const bytes = patternOf(100_000);
    emulator().remote.write("/Docs/a.bin", bytes);
    const provider = await openProvider(emulator());
    const file = await fileAt(provider, "a.bin");
    for (const ignoreRanges of [false, true]) {
      emulator().settings.ignoreRanges = ignoreRanges;
      const rest = await buffer(await provider.download(file, 70_000, signal));
      expect(rest.equals(bytes.subarray(70_000))).toBe(true);
    }
  });

  test("ask for another address when the first is too old", async () => {
    emulator().remote.write("/Docs/a.bin", "content");
    const provider = await openProvider(emulator());
    const file = await fileAt(provider, "a.bin");
    emulator().fault({ route: "download", kind: "expired-url" });
    expect((await buffer(await provider.download(file, 0, signal))).toString()).toBe("content");
    emulator().fault({ route: "download", kind: "expired-url", times: 5 });
    const error = await errorOf(provider.download(file, 0, signal));
    // The sign-in is as good as ever, so that the run goes on.
    expect(error.code).toBe("unavailable");
    expect(error.message).not.toContain("tempauth");
    emulator().clearFaults();
  });

  test("ask for the content where the drive does not show its address", async () => {
    emulator().settings.gzip = false;
    emulator().remote.write("/Docs/a.bin", "content");
    const alter = (_request: HttpRequest, answer: HttpAnswer): HttpAnswer => {
      return { ...answer, text: answer.text.replaceAll("@microsoft.graph.downloadUrl", "other") };
    };
    const provider = await openProvider(emulator(), { alter });
    const file = await fileAt(provider, "a.bin");
    expect((await buffer(await provider.download(file, 3, signal))).toString()).toBe("tent");
  });

  test("of a version whose eTag alone changed are the listed bytes", async () => {
    emulator().remote.write("/Docs/a.bin", "content", { modified: new Date("2026-03-01T09:30:00Z") });
    const provider = await openProvider(emulator());
    const file = await fileAt(provider, "a.bin");
    emulator().remote.touch("/Docs/a.bin", new Date("2026-03-01T09:30:00Z"));
    expect((await buffer(await provider.download(file, 0, signal))).toString()).toBe("content");
    emulator().remote.write("/Docs/a.bin", "contenT", { modified: new Date("2026-03-01T09:30:00Z") });
    expect((await errorOf(provider.download(file, 0, signal))).code).toBe("changed");
  });

  test("of blocked content are refused", async () => {
    emulator().remote.write("/Docs/a.bin", "content");
    const provider = await openProvider(emulator());
    const file = await fileAt(provider, "a.bin");
    emulator().remote.mark("/Docs/a.bin", { isMalware: true });
    expect(["changed", "rejected"]).toContain((await errorOf(provider.download(file, 0, signal))).code);
  });
});

test("a hash that the service does not know is undefined", async () => {
  emulator().remote.write("/Docs/a.bin", "content", { hasNoHash: true });
  const provider = await openProvider(emulator());
  const file = await fileAt(provider, "a.bin");
  expect(file.hash).toBeUndefined();
  expect(await provider.hash(file, signal)).toBeUndefined();
});
