import * as z from "zod";
import { startEmulatorProcess } from "../test/emulators/gphotos/emulator-process.js";
import { targetOf } from "./emulated-target.js";
import type { Target } from "./target.js";

/** The emulated Google Photos in a process of its own, which photos only go to. rclone is not set against it. */
export async function openGooglePhotosTarget(latencyMs: number): Promise<Target> {
  const emulator = await startEmulatorProcess(["--latency-ms", String(latencyMs)]);
  return targetOf(emulator, {
    title: `Google Photos, ${String(latencyMs)} ms`,
    service: "gphotos",
    ignoresTimes: false,
    latencyMs,
    hash: "sha256",
    trisync: {
      url: () => "gphotos:",
      args: ["--mode", "backup"],
      env: { ...emulator.env, GOOGLE_REFRESH_TOKEN: emulator.refreshToken },
    },
    rclone: undefined,
    // The whole library is the remote side.
    fingerprint: async () => {
      const items = Items.parse(await emulator.control("remote.items"));
      return new Map(
        items.flatMap(({ filename, sha256, albums }) =>
          albums.map((album) => [`${album}/${filename}`, `sha256:${sha256}`] as const),
        ),
      );
    },
  });
}

const Items = z.array(z.object({ filename: z.string(), sha256: z.string(), albums: z.array(z.string()) }));
