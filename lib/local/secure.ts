import type { BigIntStats } from "node:fs";
import { dirname } from "node:path";
import type { SyncPath } from "../model/path.js";
import { copyBytes } from "./copy-bytes.js";
import type { FolderContext } from "./folder-context.js";
import { look } from "./look.js";
import { tryLink } from "./place-new.js";
import { inodeOf } from "./stamp.js";
import { withTrashName } from "./trash-name.js";

/**
 * Saves a second name for the file in this run's trash, durably, while it keeps its own: then calls `replace`, which may
 * take that away. When `replace` fails, nothing has changed and the trash is as it was.
 * `replace` gets what was saved, or undefined where it had to be copied because the disk knows no links.
 */
export async function secure(
  context: FolderContext,
  { path, absolute }: { readonly path: SyncPath; readonly absolute: string },
  replace: (saved: BigIntStats | undefined) => Promise<void>,
): Promise<void> {
  const old = await context.files.lstat(absolute);
  await withTrashName(context, path, async (trashed) => {
    const isLinked = (await tryLink(context, absolute, trashed)) === "linked";
    try {
      if (!isLinked) await copyBytes(context, { from: absolute, to: trashed, path });
      await context.syncFolder(dirname(trashed));
      await replace(isLinked ? await look(context.files, trashed) : undefined);
    } catch (error) {
      if (await isStillThere(context, absolute, old)) await context.files.unlink(trashed).catch(() => undefined);
      throw error;
    }
  });
}

/** Some network disks report errors for what they have done: when in doubt, the trash keeps the file. */
async function isStillThere({ files }: FolderContext, absolute: string, old: BigIntStats): Promise<boolean> {
  const now = await look(files, absolute).catch(() => undefined);
  return now !== undefined && inodeOf(now) === inodeOf(old);
}
