import { execFile } from "node:child_process";
import { join } from "node:path";
import process from "node:process";
import { promisify } from "node:util";
import type { Contender } from "./contender.js";
import { measure } from "./measure.js";
import type { Access } from "./target.js";

/** "rclone v1.60.1", or undefined when it is not installed. */
export async function findRclone(): Promise<string | undefined> {
  try {
    const { stdout } = await promisify(execFile)("rclone", ["version"]);
    return stdout.split("\n")[0];
  } catch {
    return undefined;
  }
}

/** `rclone sync` with its defaults, except that it looks for renames, as trisync always does. */
export function createRclone(access: Access, scratch: string, signal: AbortSignal): Contender {
  return {
    name: "rclone",
    sync: ({ local, remote }, direction) => {
      const sides = direction === "up" ? [local, access.url(remote)] : [access.url(remote), local];
      const env = {
        PATH: process.env["PATH"] ?? "",
        HOME: scratch,
        RCLONE_CONFIG: join(scratch, "rclone.conf"),
        ...access.env,
      };
      const args = ["sync", ...sides, "--track-renames", ...access.args];
      return measure({ program: "rclone", args, env }, scratch, signal);
    },
    countedRequests: () => undefined,
  };
}
