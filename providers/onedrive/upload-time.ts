import type { Upload } from "../provider.js";
import { mayBeRewritten } from "./rewritten.js";

const LAST_MS = Date.UTC(9999, 11, 31, 23, 59, 59);

/**
 * The modification time that a file is stored with: whole seconds, which all drives keep. Undefined for a time that the service could
 * not take. The version of a document that the service rewrites rests on this time, so a new content never gets that of the old.
 */
export function uploadTimeMs({ path, modifiedMs, replaces }: Upload, isPersonal: boolean): number | undefined {
  if (!(modifiedMs >= 0 && modifiedMs <= LAST_MS)) return undefined;
  const ms = toSeconds(modifiedMs);
  const isTaken = replaces?.modifiedMs !== undefined && toSeconds(replaces.modifiedMs) === ms;
  return isTaken && mayBeRewritten(path, isPersonal) ? ms + 1000 : ms;
}

/** What is to be set, as the service wants it; nothing for a time that it could not take. */
export function fileSystemInfo(ms: number | undefined): { readonly fileSystemInfo?: object } {
  if (ms === undefined || !(ms >= 0 && ms <= LAST_MS)) return {};
  const lastModifiedDateTime = new Date(ms).toISOString().replace(".000Z", "Z");
  return { fileSystemInfo: { lastModifiedDateTime } };
}

function toSeconds(ms: number): number {
  return Math.floor(ms / 1000) * 1000;
}
