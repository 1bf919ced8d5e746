import { isOwn } from "../../lib/local/own-folder.js";
import { ProviderError } from "../../lib/model/errors.js";
import type { SyncPath } from "../../lib/model/path.js";

/** What nearly every disk allows; those that allow less say so when they are asked to store the name. */
const LONGEST_NAME_BYTES = 255;

/** Why a folder would never take the name, as a sentence; undefined when it would. */
export function refusalOf(path: SyncPath): string | undefined {
  if (isOwn(path)) return 'The name ".trisync" is kept for trisync\'s own files. Rename it.';
  const isTooLong = path.split("/").some((name) => Buffer.byteLength(name) > LONGEST_NAME_BYTES);
  return isTooLong ? `A name may have at most ${LONGEST_NAME_BYTES} bytes. Rename it.` : undefined;
}

/** Throws "rejected" for a name that is refused. */
export function assertTaken(path: SyncPath): void {
  const reason = refusalOf(path);
  if (reason !== undefined) throw new ProviderError("rejected", `${JSON.stringify(path)}: ${reason}`);
}
