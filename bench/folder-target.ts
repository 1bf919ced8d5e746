import { join } from "node:path";
import { fingerprint } from "./fingerprint.js";
import type { Target } from "./target.js";

/** Another directory of the same disk. */
export function openFolderTarget(directory: string): Target {
  const place = (remote: string): string => join(directory, remote);
  return {
    title: "folder",
    service: "folder",
    ignoresTimes: false,
    latencyMs: undefined,
    trisync: { url: (remote) => `folder:${place(remote)}`, args: [], env: {} },
    rclone: { url: place, args: [], env: {} },
    hash: "sha256",
    fingerprint: (remote) => fingerprint(place(remote), "sha256"),
    takeRequests: async () => undefined,
    close: async () => undefined,
  };
}
