import { LocalError, UsageError } from "../model/errors.js";
import { explain, isSystemError } from "./errors.js";
import type { FolderContext } from "./folder-context.js";
import { inodeOf } from "./stamp.js";

/** "device:inode" of the root. Rejects with `UsageError` when there is no such folder. */
export async function identify({ root, files }: Pick<FolderContext, "root" | "files">): Promise<string> {
  const stats = await lookAtRoot(root, async () => files.lstat(await files.realpath(root)));
  if (!stats.isDirectory()) throw new UsageError(`${JSON.stringify(root)} is not a folder`);
  return inodeOf(stats);
}

async function lookAtRoot<T>(root: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!isSystemError(error)) throw error;
    if (error.code === "ENOENT" || error.code === "ENOTDIR") {
      throw new UsageError(`the folder ${JSON.stringify(root)} does not exist; is its disk attached?`, {
        cause: error,
      });
    }
    const { code, words } = explain(error.code);
    throw new LocalError(code, `cannot read ${JSON.stringify(root)}: ${words}`, { cause: error });
  }
}
