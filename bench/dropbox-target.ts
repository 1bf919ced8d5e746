import { startEmulatorProcess } from "../test/emulators/dropbox/emulator-process.js";
import { fingerprintBelow, targetOf } from "./emulated-target.js";
import { accessThrough } from "./proxied-access.js";
import type { Target } from "./target.js";

/** The emulated Dropbox in a process of its own. */
export async function openDropboxTarget(latencyMs: number): Promise<Target> {
  const emulator = await startEmulatorProcess(["--latency-ms", String(latencyMs), "--tls-proxy"]);
  const { app, accessToken, refreshToken } = emulator;
  const access = accessThrough(emulator);
  return targetOf(emulator, {
    title: `Dropbox, ${String(latencyMs)} ms`,
    service: "dropbox",
    ignoresTimes: false,
    latencyMs,
    hash: "dropbox",
    trisync: access.trisync("dropbox", {
      DROPBOX_APP_KEY: app.key,
      DROPBOX_APP_SECRET: app.secret,
      DROPBOX_REFRESH_TOKEN: refreshToken,
    }),
    rclone: access.rclone("dropbox", {
      access_token: accessToken,
      token_type: "bearer",
      expiry: "0001-01-01T00:00:00Z",
    }),
    fingerprint: (remote) => fingerprintBelow(remote, emulator, (hash) => `dropbox:${hash}`),
  });
}
