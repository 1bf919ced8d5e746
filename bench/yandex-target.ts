import { startYandexProcess } from "../test/emulators/yandex/emulator-process.js";
import { fingerprintBelow, targetOf } from "./emulated-target.js";
import { accessThrough } from "./proxied-access.js";
import type { Target } from "./target.js";

/** What the service allows. More are answered with 429. */
const REQUESTS_PER_SECOND = 40;

/**
 * The emulated Yandex Disk in a process of its own. rclone always keeps times, so that it has nothing to set against a
 * run that ignores them.
 */
export async function openYandexTarget(latencyMs: number, times: "keep" | "ignore"): Promise<Target> {
  const options = ["--latency-ms", String(latencyMs), "--rate-limit", String(REQUESTS_PER_SECOND), "--tls-proxy"];
  const emulator = await startYandexProcess(options);
  const { accessToken, refreshToken } = emulator;
  const access = accessThrough(emulator);
  const token = { access_token: accessToken, refresh_token: refreshToken, token_type: "OAuth" };
  return targetOf(emulator, {
    title: `Yandex Disk, ${String(latencyMs)} ms, times ${times === "keep" ? "kept" : "ignored"}`,
    service: "yandex",
    ignoresTimes: times === "ignore",
    latencyMs,
    hash: "sha256",
    trisync: { ...access.trisync("yandex", { YANDEX_TOKEN: accessToken }), args: ["--times", times] },
    rclone: times === "keep" ? access.rclone("yandex", { ...token, expiry: "2099-01-01T00:00:00Z" }) : undefined,
    fingerprint: (remote) => fingerprintBelow(remote, emulator, (hash) => `sha256:${hash}`),
  });
}
