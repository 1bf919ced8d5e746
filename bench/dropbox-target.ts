import * as z from "zod";
import { startEmulatorProcess } from "../test/emulators/dropbox/emulator-process.js";
import type { EmulatorProcess } from "../test/emulators/dropbox/emulator-process.js";
import { below } from "./fingerprint.js";
import type { Access, Target } from "./target.js";

/**
 * The emulated Dropbox in a process of its own. Both programs reach it in the same way: by TLS, through a proxy, under the
 * service's own host names.
 */
export async function openDropboxTarget(latencyMs: number): Promise<Target> {
  const emulator = await startEmulatorProcess(["--latency-ms", String(latencyMs), "--tls-proxy"]);
  const { proxyUrl, caFile } = emulator;
  if (proxyUrl === undefined || caFile === undefined) throw new Error("the emulator has no TLS proxy");
  return {
    title: `Dropbox, ${String(latencyMs)} ms`,
    service: "dropbox",
    ignoresTimes: false,
    latencyMs,
    hash: "dropbox",
    trisync: accessOfTrisync(emulator, proxyUrl, caFile),
    rclone: accessOfRclone(emulator, proxyUrl, caFile),
    fingerprint: async (remote) =>
      below(`/${remote}/`, Hashes.parse(await emulator.control("remote.hashes")), (hash) => `dropbox:${hash}`),
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
    url: (remote) => `dropbox:/${remote}`,
    args: [],
    env: {
      HTTPS_PROXY: proxyUrl,
      NODE_EXTRA_CA_CERTS: caFile,
      DROPBOX_APP_KEY: app.key,
      DROPBOX_APP_SECRET: app.secret,
      DROPBOX_REFRESH_TOKEN: refreshToken,
    },
  };
}

/** The remote "bench" exists in the environment only. */
function accessOfRclone({ accessToken }: EmulatorProcess, proxyUrl: string, caFile: string): Access {
  const token = { access_token: accessToken, token_type: "bearer", expiry: "0001-01-01T00:00:00Z" };
  return {
    url: (remote) => `bench:/${remote}`,
    args: ["--ca-cert", caFile],
    env: {
      HTTPS_PROXY: proxyUrl,
      RCLONE_CONFIG_BENCH_TYPE: "dropbox",
      RCLONE_CONFIG_BENCH_TOKEN: JSON.stringify(token),
    },
  };
}
