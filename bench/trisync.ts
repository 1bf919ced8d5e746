import process from "node:process";
import { fileURLToPath } from "node:url";
import * as z from "zod";
import type { Contender } from "./contender.js";
import { measure } from "./measure.js";
import type { Target } from "./target.js";

/** The bundle, as it is released. */
export const EXECUTABLE = fileURLToPath(new URL("../dist/bin/cli.js", import.meta.url));

const Summary = z.object({ event: z.literal("summary"), requests: z.number(), exitCode: z.literal(0) });

/** The built executable of this project, as cron would start it. */
export function createTrisync({ trisync: access }: Target, scratch: string, signal: AbortSignal): Contender {
  return {
    name: "trisync",
    sync: ({ local, remote, memory }) => {
      const places = ["--local", local, "--remote", access.url(remote), "--state", memory];
      const args = [EXECUTABLE, "sync", ...places, "--json", ...access.args];
      const env = { PATH: process.env["PATH"] ?? "", HOME: scratch, TZ: "UTC", ...access.env };
      return measure({ program: process.execPath, args, env }, scratch, signal);
    },
    countedRequests: ({ stdout }) => Summary.parse(JSON.parse(stdout.trimEnd().split("\n").at(-1) ?? "")).requests,
  };
}
