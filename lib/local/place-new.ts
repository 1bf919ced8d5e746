import { dirname } from "node:path";
import { hasCode } from "./errors.js";
import type { FolderContext } from "./folder-context.js";
import { look } from "./look.js";

/** What disks without hard links (exFAT, some network disks) or with too many of them answer. */
const NO_LINK = ["EPERM", "EACCES", "ENOTSUP", "EOPNOTSUPP", "ENOSYS", "EMLINK"] as const;

/**
 * Gives the file `from` the name `to` in place of its own, never replacing anything: false when `to` is taken. A link does that
 * in one step, and is durable before the old name goes, so that the file has a name at every instant.
 * Where there are no links, a look before the rename has to do.
 */
export async function placeNew(context: FolderContext, from: string, to: string): Promise<boolean> {
  const linked = await tryLink(context, from, to);
  if (linked === "taken") return false;
  if (linked === "linked") {
    await context.syncFolder(dirname(to));
    await context.files.unlink(from);
    return true;
  }
  if ((await look(context.files, to)) !== undefined) return false;
  await context.files.rename(from, to);
  await context.syncFolder(dirname(to));
  return true;
}

export async function tryLink(
  { files }: FolderContext,
  from: string,
  to: string,
): Promise<"linked" | "taken" | "across" | "unsupported"> {
  try {
    await files.link(from, to);
    return "linked";
  } catch (error) {
    if (hasCode(error, "EEXIST")) return "taken";
    // Another disk, or another mount of the same one.
    if (hasCode(error, "EXDEV")) return "across";
    if (hasCode(error, ...NO_LINK)) return "unsupported";
    throw error;
  }
}
