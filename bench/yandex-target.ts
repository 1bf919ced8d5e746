import * as z from "zod";
import { startYandexProcess } from "../test/emulators/yandex/emulator-process.js";
import type { YandexProcess } from "../test/emulators/yandex/emulator-process.js";
import { below } from "./fingerprint.js";
import type { Access, Target } from "./target.js";

/** What the service allows. More are answered with 429. */
const REQUESTS_PER_SECOND = 40;

/**
 * The emulated Yandex Disk in a process of its own. Both programs reach it in the same way: by TLS, through a proxy, under the
 * service's own host names. rclone always keeps times, so that it has nothing to set against a run that ignores them.
 */
export async function openYandexTarget(latencyMs: number, times: "keep" | "ignore"): Promise<Target> {
  const options = ["--latency-ms", String(latencyMs), "--rate-limit", String(REQUESTS_PER_SECOND), "--tls-proxy"];
  const emulator = await startYandexProcess(options);
  const { proxyUrl, caFile } = emulator;
  if (proxyUrl === undefined || caFile === undefined) throw new Error("the emulator has no TLS proxy");
  return {
    title: `Yandex Disk, ${String(latencyMs)} ms, times ${times === "keep" ? "kept" : "ignored"}`,
    service: "yandex",
    ignoresTimes: times === "ignore",
    latencyMs,
    hash: "sha256",
    trisync: { ...accessOfTrisync(emulator, proxyUrl, caFile), args: ["--times", times] },
    rclone: times === "keep" ? accessOfRclone(emulator, proxyUrl, caFile) : undefined,
    fingerprint: async (remote) => {
      const hashes = Hashes.parse(await emulator.control("remote.hashes"));
      return below(`/${remote}/`, hashes, (hash) => `sha256:${hash}`);
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

function accessOfTrisync({ accessToken }: YandexProcess, proxyUrl: string, caFile: string): Access {
  return {
    url: (remote) => `yandex:/${remote}`,
    args: [],
    env: { HTTPS_PROXY: proxyUrl, NODE_EXTRA_CA_CERTS: caFile, YANDEX_TOKEN: accessToken },
  };
}

/** The remote "bench" exists in the environment only. */
function accessOfRclone({ accessToken, refreshToken }: YandexProcess, proxyUrl: string, caFile: string): Access {
  const stored = { access_token: accessToken, refresh_token: refreshToken, token_type: "OAuth" };
  const token = { ...stored, expiry: "2099-01-01T00:00:00Z" };
  return {
    url: (remote) => `bench:/${remote}`,
    args: ["--ca-cert", caFile],
    env: {
      HTTPS_PROXY: proxyUrl,
      RCLONE_CONFIG_BENCH_TYPE: "yandex",
      RCLONE_CONFIG_BENCH_TOKEN: JSON.stringify(token),
    },
  };
}
