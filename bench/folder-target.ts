import { join } from "node:path";
import { fingerprint } from "./fingerprint.js";
import type { Target } from "./target.js";

/** Another directory of the same disk. */
export function openFolderTarget(directory: string): Target {
  const place = (remote: string): string => join(directory, remote);
  return {
    title: "folder",
    latencyMs: undefined,
    trisync: { url: (remote) => `folder:${place(remote)}`, args: [], env: {} },
    rclone: { url: place, args: [], env: {} },
    fingerprint: (remote) => fingerprint(place(remote)),
    takeRequests: async () => undefined,
    close: async () => undefined,
  };
}
