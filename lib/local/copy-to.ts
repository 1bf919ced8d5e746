import { randomUUID } from "node:crypto";
import { join } from "node:path";
import type { LocalFile } from "../model/entry.js";
import type { SyncPath } from "../model/path.js";
import { copyBytes } from "./copy-bytes.js";
import { describeFile } from "./describe.js";
import { exists, explainErrors } from "./errors.js";
import type { FolderContext } from "./folder-context.js";
import { locate } from "./locate.js";
import { makeWay } from "./make-folder.js";
import { makeOwnFolder, TEMPORARY } from "./own-folder.js";
import { temporaryName } from "./owner.js";
import { placeNew } from "./place-new.js";
import { assertSeen } from "./seen.js";

/**
 * A second file with the same bytes. Not a link: an editor that writes in place through one name would change the other,
 * and the two are kept apart because they are to differ.
 */
export async function copyTo(context: FolderContext, seen: LocalFile, path: SyncPath): Promise<LocalFile> {
  return explainErrors("copy to", path, async () => {
    const source = await locate(context, seen.path, "present");
    assertSeen(source.stats, seen);
    const target = await makeWay(context, path);
    if (target.stats !== undefined) throw exists(path);
    const name = temporaryName(context, `${randomUUID()}.copy`);
    const temporary = join(await makeOwnFolder(context, TEMPORARY), name);
    context.partials.add(name);
    try {
      await copyBytes(context, { from: source.absolute, to: temporary, path: seen.path });
      assertSeen((await locate(context, seen.path, "present")).stats, seen);
      if (!(await placeNew(context, temporary, target.absolute))) throw exists(path);
    } catch (error) {
      await context.files.unlink(temporary).catch(() => undefined);
      throw error;
    } finally {
      context.partials.delete(name);
    }
    const stats = await context.files.lstat(target.absolute);
    return describeFile(path, { stats, nowMs: context.now(), touched: "ours" });
  });
}
