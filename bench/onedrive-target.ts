import * as z from "zod";
import { parseBase64 } from "../lib/hash/quick-xor-hash.js";
import { startEmulatorProcess } from "../test/emulators/onedrive/emulator-process.js";
import type { EmulatorProcess } from "../test/emulators/onedrive/emulator-process.js";
import { below } from "./fingerprint.js";
import type { Access, Target } from "./target.js";

/**
 * The emulated OneDrive for Business in a process of its own. Both programs reach it in the same way: by TLS, through a proxy,
 * under the service's own host names.
 */
export async function openOneDriveTarget(latencyMs: number): Promise<Target> {
  const emulator = await startEmulatorProcess(["--latency-ms", String(latencyMs), "--tls-proxy"]);
  const { proxyUrl, caFile } = emulator;
  if (proxyUrl === undefined || caFile === undefined) throw new Error("the emulator has no TLS proxy");
  // rclone sends its token to upload URLs, which the service may answer with 401 or overlook.
  await emulator.control("settings", { filesHostRefusesBearer: false });
  return {
    title: `OneDrive, ${String(latencyMs)} ms`,
    service: "onedrive",
    ignoresTimes: false,
    latencyMs,
    hash: "quickxor",
    trisync: accessOfTrisync(emulator, proxyUrl, caFile),
    rclone: accessOfRclone(emulator, proxyUrl, caFile),
    fingerprint: async (remote) => {
      const hashes = Hashes.parse(await emulator.control("remote.hashes"));
      return below(`/${remote}/`, hashes, (hash) => parseBase64(hash) ?? hash);
    },
    takeRequests: async () => {
      const count = z.number().parse(await emulator.control("requestCount"));
      await emulator.control("resetCounters");
      return count;
    },
    close: emulator.stop,
  };
}

const Hashes = z.record(z.string(), z.string().nullable());

function accessOfTrisync({ app, refreshToken }: EmulatorProcess, proxyUrl: string, caFile: string): Access {
  return {
    url: (remote) => `onedrive:/${remote}`,
    args: [],
    env: {
      HTTPS_PROXY: proxyUrl,
      NODE_EXTRA_CA_CERTS: caFile,
      ONEDRIVE_CLIENT_ID: app.clientId,
      ONEDRIVE_REFRESH_TOKEN: refreshToken,
    },
  };
}

/** The remote "bench" exists in the environment only. */
function accessOfRclone({ accessToken, driveId }: EmulatorProcess, proxyUrl: string, caFile: string): Access {
  const token = { access_token: accessToken, token_type: "Bearer", expiry: "2099-01-01T00:00:00Z" };
  return {
    url: (remote) => `bench:/${remote}`,
    args: ["--ca-cert", caFile],
    env: {
      HTTPS_PROXY: proxyUrl,
      RCLONE_CONFIG_BENCH_TYPE: "onedrive",
      RCLONE_CONFIG_BENCH_TOKEN: JSON.stringify(token),
      RCLONE_CONFIG_BENCH_DRIVE_ID: driveId,
      RCLONE_CONFIG_BENCH_DRIVE_TYPE: "business",
    },
  };
}
