import type { Problem } from "../lib/model/entry.js";

/** What the service, "Dropbox", shows under a name that cannot be kept here, or that would lead elsewhere. The path is as shown. */
export function badName(service: string, path: string): Problem {
  return {
    side: "remote",
    path,
    code: "bad-name",
    message: `${service} shows an entry of a name that no file here can have. Rename it on ${service}.`,
    covers: undefined,
  };
}
