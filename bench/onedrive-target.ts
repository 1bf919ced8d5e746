import { parseBase64 } from "../lib/hash/quick-xor-hash.js";
import { startEmulatorProcess } from "../test/emulators/onedrive/emulator-process.js";
import { fingerprintBelow, targetOf } from "./emulated-target.js";
import { accessThrough } from "./proxied-access.js";
import type { Target } from "./target.js";

/** The emulated OneDrive for Business in a process of its own. */
export async function openOneDriveTarget(latencyMs: number): Promise<Target> {
  const emulator = await startEmulatorProcess(["--latency-ms", String(latencyMs), "--tls-proxy"]);
  const { app, accessToken, refreshToken, driveId } = emulator;
  const access = accessThrough(emulator);
  // rclone sends its token to upload URLs, which the service may answer with 401 or overlook.
  await emulator.control("settings", { filesHostRefusesBearer: false });
  return targetOf(emulator, {
    title: `OneDrive, ${String(latencyMs)} ms`,
    service: "onedrive",
    ignoresTimes: false,
    latencyMs,
    hash: "quickxor",
    trisync: access.trisync("onedrive", { ONEDRIVE_CLIENT_ID: app.clientId, ONEDRIVE_REFRESH_TOKEN: refreshToken }),
    rclone: access.rclone(
      "onedrive",
      { access_token: accessToken, token_type: "Bearer", expiry: "2099-01-01T00:00:00Z" },
      { RCLONE_CONFIG_BENCH_DRIVE_ID: driveId, RCLONE_CONFIG_BENCH_DRIVE_TYPE: "business" },
    ),
    fingerprint: (remote) => fingerprintBelow(remote, emulator, (hash) => parseBase64(hash) ?? hash),
  });
}
