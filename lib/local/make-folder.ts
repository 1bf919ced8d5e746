import { join } from "node:path";
import { nameOf, parentOf } from "../model/path.js";
import type { SyncPath } from "../model/path.js";
import { exists, hasCode } from "./errors.js";
import type { FolderContext } from "./folder-context.js";
import { locate } from "./locate.js";
import type { Place } from "./locate.js";
import { look } from "./look.js";
import { beDurable } from "./own-folder.js";

/** The folder at `path`, made with all its parents if need be, each durable. Rejects with "exists" for anything else there. */
export async function makeFolder(context: FolderContext, path: SyncPath): Promise<string> {
  const place = await locate(context, path, "any");
  if (place.stats?.isDirectory() && context.durable.has(place.absolute)) {
    await context.durable.get(place.absolute);
    return place.absolute;
  }
  if (place.stats !== undefined && !place.stats.isDirectory()) throw exists(path);
  const parent = await makeParents(context, path);
  const absolute = place.stats === undefined ? join(parent, nameOf(path)) : place.absolute;
  if (place.stats === undefined) await makeOne(context, absolute);
  await assertFolder(context, absolute, path);
  await beDurable(context, parent, absolute);
  return absolute;
}

/** The folder that holds `path`. */
async function makeParents(context: FolderContext, path: SyncPath): Promise<string> {
  const parent = parentOf(path);
  return parent === undefined ? context.root : await makeFolder(context, parent);
}

/** Where `path` is or will be, in a folder that exists and is durable. */
export async function makeWay(context: FolderContext, path: SyncPath): Promise<Place> {
  const place = await locate(context, path, "any");
  const parent = await makeParents(context, path);
  return place.stats === undefined ? { absolute: join(parent, nameOf(path)), stats: undefined } : place;
}

async function makeOne(context: FolderContext, absolute: string): Promise<void> {
  context.durable.delete(absolute);
  try {
    await context.files.mkdir(absolute);
  } catch (error) {
    // Another action of this run may have needed the same folder.
    if (!hasCode(error, "EEXIST")) throw error;
  }
}

async function assertFolder(context: FolderContext, absolute: string, path: SyncPath): Promise<void> {
  const stats = await look(context.files, absolute);
  if (!stats?.isDirectory()) throw exists(path);
}
