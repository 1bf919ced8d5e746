import type { RemoteFile } from "../../lib/model/entry.js";
import { ProviderError } from "../../lib/model/errors.js";
import { attempt } from "../attempts.js";
import type { Connection } from "./connection.js";
import { isVersion } from "./entries.js";
import { isNotFound, isServiceError, isTaken } from "./errors.js";
import { removePath } from "./leftovers.js";
import { lookUp } from "./look.js";
import { carryOut } from "./operations.js";
import { childOf, folderOf, lastNameOf, type RemotePath } from "./paths.js";
import { newAsideName } from "./temporary-names.js";

/**
 * Puts the version that is about to be overwritten into the trash, and leaves it where it is as well. The service promises
 * nothing about content that an upload replaces, and has no condition for overwriting; so the version is looked at, copied,
 * and the copy deleted on the condition that its hash is the right one. Rejects with "changed" when another is there.
 */
export async function setAside(
  connection: Connection,
  old: RemoteFile,
  path: RemotePath,
  signal: AbortSignal,
): Promise<void> {
  const { leftovers, kept, now } = connection;
  const found = await lookUp(connection, path, signal);
  if (found === undefined || !isVersion(found, old)) throw changed(old);
  const { version } = old;
  if (version !== undefined && kept.isKept(path, version)) return;
  const aside = childOf(folderOf(path), newAsideName(lastNameOf(path), now()));
  leftovers.beginAside(aside);
  await copy(connection, { old, from: path, to: aside }, signal);
  await discard(connection, { old, aside, md5: found.md5 }, signal);
  leftovers.end(aside);
  if (version !== undefined) kept.note(path, version);
}

async function copy(
  connection: Connection,
  { old, from, to }: { readonly old: RemoteFile; readonly from: RemotePath; readonly to: RemotePath },
  signal: AbortSignal,
): Promise<void> {
  const about = { operation: "keep the old version of", subject: old.path } as const;
  const query = { from, path: to, overwrite: false };
  const call = { ...about, method: "POST", route: "/resources/copy", query, repeatable: true } as const;
  const outcome = await attempt(() => carryOut(connection, call, signal));
  // The name is made up, so if it is taken, an earlier try has carried it out and its answer was lost.
  if (outcome.ok || isTaken(outcome.error)) return;
  throw isNotFound(outcome.error) ? changed(old) : outcome.error;
}

/** The copy may not be found for a moment. */
const PAUSES_MS = [500, 1_500, 3_000];

async function discard(
  connection: Connection,
  { old, aside, md5 }: { readonly old: RemoteFile; readonly aside: RemotePath; readonly md5: string | undefined },
  signal: AbortSignal,
): Promise<void> {
  const about = { operation: "move the old version to the trash of", subject: old.path } as const;
  const query = { path: aside, permanently: false, md5 };
  const call = { ...about, method: "DELETE", route: "/resources", query, repeatable: true } as const;
  for (const pauseMs of [...PAUSES_MS, undefined]) {
    const outcome = await attempt(() => carryOut(connection, call, signal));
    if (outcome.ok) return;
    if (isServiceError(outcome.error, "MD5DifferError")) {
      await removePath(connection, aside, false, signal);
      throw changed(old);
    }
    if (!isNotFound(outcome.error) || pauseMs === undefined) throw outcome.error;
    await connection.sleep(pauseMs, signal);
  }
}

function changed({ path }: RemoteFile): ProviderError {
  return new ProviderError("changed", `upload ${path}: the file has been changed on Yandex Disk since it was listed`);
}
