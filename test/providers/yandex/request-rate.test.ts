import { expect, test } from "vitest";
import { sleep } from "../../../lib/http/sleep.js";
import { openYandex } from "../../../providers/yandex/yandex.js";
import { createContext } from "../support/context.js";
import { codesOf } from "../support/outcomes.js";
import { signal } from "../support/signal.js";
import { smallUploads, useEmulator } from "./support.js";

const emulator = useEmulator({ files: { "/Docs": null, "/Docs/d0": null }, requestsPerSecond: 40 });

test("no more requests a second are made than the service allows", async () => {
  const context = createContext({
    target: "/Docs",
    times: "ignore",
    time: { sleep, now: Date.now },
    settings: { ...emulator().env, YANDEX_TOKEN: emulator().tokens.issue().accessToken },
  });
  const provider = await openYandex(context);
  expect(new Set(codesOf(await provider.uploadBatch(smallUploads(80), signal)))).toEqual(new Set(["ok"]));
  expect(emulator().rateLimited).toBe(0);
  expect(emulator().peakRate).toBeLessThanOrEqual(40);
});
