import type { LocalFile, LocalFolder } from "../model/entry.js";
import { parentOf } from "../model/path.js";
import { changed, explainErrors } from "./errors.js";
import type { FolderContext } from "./folder-context.js";
import { ifAllowed } from "./if-allowed.js";
import { locate } from "./locate.js";
import { makeFolder } from "./make-folder.js";
import { assertSeen } from "./seen.js";
import { changedMsOf } from "./stamp.js";
import { dirname } from "node:path";

/** Systems write to the disk by themselves, within about half a minute, what nobody asked them to sync. This is longer. */
const WRITTEN_BACK_MS = 120_000;

/**
 * Makes sure that a power loss leaves what was seen where it is. An earlier run may have died between giving it its place
 * and syncing that; once both sides are said to agree on it, its absence would read as a deletion, and older bytes as an edit.
 */
export async function makeDurable(context: FolderContext, seen: LocalFile | LocalFolder): Promise<void> {
  if (seen.kind === "file" && isLongAgo(context, changedMsOf(seen.stamp))) return;
  await explainErrors("sync", seen.path, async () => {
    const { absolute, stats } = await locate(context, seen.path, "present");
    if (seen.kind === "file") assertSeen(stats, seen);
    else if (!stats?.isDirectory()) throw changed(seen.path);
    else if (isLongAgo(context, Number(stats.ctimeNs / 1_000_000n))) return;
    if (seen.kind === "file") await syncFile(context, absolute);
    const parent = parentOf(seen.path);
    if (parent !== undefined) await makeFolder(context, parent);
    await context.syncFolder(dirname(absolute));
  });
}

function isLongAgo({ now }: FolderContext, changedMs: number | undefined): boolean {
  return changedMs !== undefined && now() - changedMs > WRITTEN_BACK_MS;
}

async function syncFile({ files }: FolderContext, absolute: string): Promise<void> {
  const handle = await files.open(absolute, "read");
  try {
    // Windows syncs only what is open for writing.
    await ifAllowed(() => handle.sync());
  } finally {
    await handle.close();
  }
}
