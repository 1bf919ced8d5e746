import * as z from "zod";
import { startEmulatorProcess } from "../test/emulators/flickr/emulator-process.js";
import { targetOf } from "./emulated-target.js";
import type { Target } from "./target.js";

/** The emulator counts far more calls than the service would before it refuses any: what is measured is one job after the other. */
const REQUESTS_PER_HOUR = "1000000";

/** The emulated Flickr in a process of its own. rclone knows no Flickr. */
export async function openFlickrTarget(latencyMs: number): Promise<Target> {
  const options = ["--latency-ms", String(latencyMs), "--requests-per-hour", REQUESTS_PER_HOUR];
  const emulator = await startEmulatorProcess(options);
  return targetOf(emulator, {
    title: `Flickr, ${String(latencyMs)} ms`,
    service: "flickr",
    ignoresTimes: false,
    latencyMs,
    hash: "sha256",
    trisync: { url: () => "flickr:", args: [], env: emulator.env },
    rclone: undefined,
    // The whole account is the remote side.
    fingerprint: async () => {
      const photos = Photos.parse(await emulator.control("remote.photos"));
      return new Map(
        photos.flatMap(({ title, sha256, sets }) =>
          sets.map((set) => [`${set}/${title}`, `sha256:${sha256}`] as const),
        ),
      );
    },
  });
}

const Photos = z.array(z.object({ title: z.string(), sha256: z.string(), sets: z.array(z.string()) }));
