import { blobInMemory, type Content, contentOf } from "./content.js";
import type { Drive } from "./drive.js";
import type { Item } from "./items.js";
import { isPersonal } from "./kinds.js";
import type { Settings } from "./settings.js";
import type { World } from "./world.js";

const REWRITTEN = /\.(?:doc|docx|dotx|docm|xls|xlsx|xltx|xlsm|ppt|pptx|potx|pptm|htm|html|aspx|pdf)$/i;

/** Whether SharePoint writes document properties into files of this name. */
function isRewritten(drive: Drive, name: string): boolean {
  return !isPersonal(drive.kind) && REWRITTEN.test(name);
}

/** What the service keeps of an upload: on business drives, Office files grow at once when the setting says so. */
export function asStored(
  content: Content,
  place: { readonly drive: Drive; readonly name: string; readonly settings: Settings },
): Content {
  if (place.settings.officeRewriting !== "at-upload" || !isRewritten(place.drive, place.name)) return content;
  return withProperties(content);
}

/** Remembers an upload that the service will rewrite later. */
export function awaitRewriting(world: World, drive: Drive, item: Item): void {
  if (world.settings.officeRewriting !== "after-upload" || !isRewritten(drive, item.name)) return;
  item.rewritesLeft = world.settings.officeRewrites;
  world.toRewrite.set(item, drive);
}

/** Rewrites, once each, the files whose turn it is: before every request, so that a client may find it at any moment. */
export function rewriteWaiting(world: World): void {
  for (const [item, drive] of world.toRewrite) {
    item.rewritesLeft -= 1;
    if (item.rewritesLeft <= 0) world.toRewrite.delete(item);
    if (!item.isDeleted) rewrite(drive, item);
  }
}

/** Size, hash, eTag and cTag change; times that clients set do not. */
export function rewrite(drive: Drive, item: Item): void {
  if (item.content !== undefined) drive.rewrite(item, withProperties(item.content));
}

let rewrites = 0;

/** Never twice the same, as observed. */
function withProperties(content: Content): Content {
  rewrites += 1;
  const properties = `<!-- document properties ${String(rewrites)} -->`.padEnd(1024 + (rewrites % 512), " ");
  return contentOf([...content.blobs, blobInMemory(Buffer.from(properties))]);
}
