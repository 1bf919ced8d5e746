import * as z from "zod";
import type { ProviderErrorCode } from "../../lib/model/errors.js";
import { attempt } from "../attempts.js";
import { parseJson, remember } from "../memory.js";
import type { Connection } from "./connection.js";
import type { DamagedError } from "./damage.js";
import { versionOf } from "./entries.js";
import { isNotFound, isParentMissing } from "./errors.js";
import { carryOut } from "./operations.js";
import { folderOf, lastNameOf, type RemotePath } from "./paths.js";
import { trashPage, type TrashItem } from "./schemas.js";
import type { Delivery, Sent } from "./sending.js";
import { isAsideOf } from "./temporary-names.js";

/** Damaged content at a path, and the version that it has replaced. */
const damaged = z.object({ md5: z.string(), replaced: z.string().optional() });
type Damaged = z.infer<typeof damaged>;

const PREFIX = "damaged:";

/**
 * Undoes an upload that the service has stored damaged: what it has stored goes to the trash, and the version that was replaced comes
 * back from there. Resolves to what is to be sent now: where that version could not be brought back, nothing is replaced any more.
 * Rejects with "changed" when something else is there by now. Until it is done it stays on record, for the next run.
 */
export async function takeBack(
  connection: Connection,
  { file, path, mayReplace }: Sent,
  { md5 }: DamagedError,
  signal: AbortSignal,
): Promise<Delivery> {
  const replaced = mayReplace ? file.replaces?.version : undefined;
  remember(connection.memory, PREFIX + path, { md5, replaced } satisfies Damaged);
  const isBack = await undo(connection, path, { md5, replaced }, signal);
  return isBack ? { file, path, mayReplace } : { file: { ...file, replaces: undefined }, path, mayReplace: false };
}

/** Undoes what an earlier run could not, before anybody takes it for an edit. */
export async function finishTakingBack(connection: Connection, signal: AbortSignal): Promise<void> {
  for (const [name, text] of connection.memory.entries(PREFIX)) {
    const one = parseJson(text, damaged);
    if (one === undefined) continue;
    const outcome = await attempt(() => undo(connection, name.slice(PREFIX.length), one, signal));
    if (!outcome.ok && MAY_WORK_LATER.has(outcome.error.code)) throw outcome.error;
  }
}

/** Anything else says that there is something other than the damaged content, or that it will never be deleted. */
const MAY_WORK_LATER: ReadonlySet<ProviderErrorCode> = new Set([
  "unavailable",
  "unauthorized",
  "malformed",
  "exhausted",
]);

/** Whether the replaced version is in its place again. */
async function undo(
  connection: Connection,
  path: RemotePath,
  { md5, replaced }: Damaged,
  signal: AbortSignal,
): Promise<boolean> {
  const { memory, kept } = connection;
  // Looked for before: so that, for others, the file is missing for a moment only.
  const old = replaced === undefined ? undefined : await findInTrash(connection, path, replaced, signal);
  const about = { operation: "take back the damaged upload of", subject: path } as const;
  const query = { path, permanently: false, md5 };
  const call = { ...about, method: "DELETE", route: "/resources", query, repeatable: true } as const;
  const gone = await attempt(() => carryOut(connection, call, signal));
  const isGone = gone.ok || isNotFound(gone.error) || isParentMissing(gone.error);
  const isBack = isGone && old !== undefined && (await restore(connection, old, path, signal));
  if (isBack) kept.end(path);
  if (isGone || !MAY_WORK_LATER.has(gone.error.code)) memory.set(PREFIX + path, undefined);
  if (!isGone) throw gone.error;
  return isBack;
}

/** Among so many that were deleted last. */
const LOOKED_AT = 500;

/** Sign-ins to the application's own folder may not see the trash: then the replaced version stays there. */
async function findInTrash(
  { api }: Connection,
  path: RemotePath,
  version: string,
  signal: AbortSignal,
): Promise<TrashItem | undefined> {
  const about = { operation: "look into the trash for", subject: path } as const;
  const fields = ["path", "origin_path", "md5", "sha256"].map((name) => `_embedded.items.${name}`).join(",");
  const query = { path: "trash:/", limit: LOOKED_AT, sort: "-deleted", fields };
  const call = { ...about, method: "GET", route: "/trash/resources", query, repeatable: true } as const;
  const found = await attempt(() => api.ask(call, trashPage, signal));
  const items = found.ok ? found.value._embedded.items : [];
  return items.find((item) => {
    const from = item.origin_path ?? "";
    const isAside = folderOf(from) === folderOf(path) && isAsideOf(lastNameOf(path), lastNameOf(from));
    return isAside && versionOf(item) === version;
  });
}

async function restore(
  connection: Connection,
  { path: from }: TrashItem,
  path: RemotePath,
  signal: AbortSignal,
): Promise<boolean> {
  const about = { operation: "bring back the old version of", subject: path } as const;
  const query = { path: from, name: lastNameOf(path), overwrite: false };
  const call = { ...about, method: "PUT", route: "/trash/resources/restore", query, repeatable: true } as const;
  return (await attempt(() => carryOut(connection, call, signal))).ok;
}
