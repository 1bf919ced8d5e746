import type { BigIntStats } from "node:fs";
import { dirname } from "node:path";
import type { LocalFile } from "../model/entry.js";
import type { SyncPath } from "../model/path.js";
import { describeFile } from "./describe.js";
import { changed, exists, explainErrors } from "./errors.js";
import type { FileHandle } from "./file-system.js";
import type { FolderContext } from "./folder-context.js";
import { ifAllowed } from "./if-allowed.js";
import { locate } from "./locate.js";
import { look } from "./look.js";
import { makeWay } from "./make-folder.js";
import type { DiskPartial } from "./disk-partial.js";
import { placeNew } from "./place-new.js";
import { assertSeen, isSameFile } from "./seen.js";
import { secure } from "./secure.js";

export interface Commit {
  readonly partial: DiskPartial;
  readonly path: SyncPath;
  readonly modifiedMs: number | undefined;
  readonly replaces: LocalFile | undefined;
}

/**
 * Gives a complete partial file its place. The path holds the whole old or the whole new bytes at every instant, and the
 * old ones are safe in the trash before the new ones take their name.
 */
export async function commit(context: FolderContext, options: Commit): Promise<LocalFile> {
  const { partial, path, modifiedMs, replaces } = options;
  return explainErrors("write", path, async () => {
    const { absolute, stats } = await makeWay(context, path);
    // A folder that the scan did not show is left out, and will be there in the next run, too.
    if (replaces === undefined && stats?.isDirectory()) throw exists(path);
    if (replaces === undefined ? stats !== undefined : stats === undefined) throw changed(path);
    if (replaces !== undefined) assertSeen(stats, replaces);
    await partial.seal((handle) => dress(handle, modifiedMs, stats));
    await assertSameWay(context, path, absolute);
    if (replaces === undefined) {
      if (!(await placeNew(context, partial.absolute, absolute))) throw changed(path);
    } else {
      await replace(context, { from: partial.absolute, to: absolute, seen: replaces });
    }
    partial.forget();
    const now = await context.files.lstat(absolute);
    return describeFile(path, { stats: now, nowMs: context.now(), touched: "ours" });
  });
}

/** Sealing waits for the disk, which is time enough for a link to take the place of a folder on the way. */
async function assertSameWay(context: FolderContext, path: SyncPath, absolute: string): Promise<void> {
  const place = await locate(context, path, "any");
  if (place.absolute !== absolute) throw changed(path);
}

/**
 * Puts `from` in the place of the file that was seen at `to`, which goes to the trash first. Rejects with "changed" when
 * another one is there by now, also when it came while the old one was being saved.
 */
export async function replace(
  context: FolderContext,
  { from, to, seen }: { readonly from: string; readonly to: string; readonly seen: LocalFile },
): Promise<void> {
  await secure(context, { path: seen.path, absolute: to }, async (saved) => {
    if (saved !== undefined && !isSameFile(saved, seen)) throw changed(seen.path);
    const last = await look(context.files, to);
    if (last === undefined || !isSameFile(last, seen)) throw changed(seen.path);
    await context.files.rename(from, to);
  });
  await context.syncFolder(dirname(to));
}

const PERMISSIONS = 0o777n;

/** Times as wanted; owner and permissions of the file it replaces, which may be a private one or a program. */
async function dress(handle: FileHandle, modifiedMs: number | undefined, old: BigIntStats | undefined): Promise<void> {
  if (old !== undefined) {
    const own = await handle.stat();
    if (own.uid !== old.uid || own.gid !== old.gid) {
      await ifAllowed(() => handle.setOwner(Number(old.uid), Number(old.gid)));
    }
    if ((own.mode & PERMISSIONS) !== (old.mode & PERMISSIONS)) {
      await ifAllowed(() => handle.setMode(Number(old.mode & PERMISSIONS)));
    }
  }
  if (modifiedMs !== undefined) await ifAllowed(() => handle.setTimes(modifiedMs));
}
