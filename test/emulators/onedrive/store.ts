import { awaitRewriting, asStored } from "./office.js";
import { type Content, listedSha256 } from "./content.js";
import type { Drive } from "./drive.js";
import { refusal } from "./failures.js";
import type { Item, Times } from "./items.js";
import { isPersonal } from "./kinds.js";
import { renamed } from "./names.js";
import type { ConflictBehavior } from "./sessions.js";
import type { World } from "./world.js";

export interface Stored {
  readonly item: Item;
  readonly isNew: boolean;
}

/** A content that is ready to be stored without further waiting. */
export interface Ready {
  readonly content: Content;
  readonly sha256: string | undefined;
}

/** Everything about a content that takes time, done before anything is looked at or changed. */
export async function prepare(
  world: World,
  place: { readonly drive: Drive; readonly name: string },
  content: Content,
): Promise<Ready> {
  const stored = asStored(content, { ...place, settings: world.settings });
  const listsSha256 = isPersonal(place.drive.kind) && world.settings.personalSha256;
  return { content: stored, sha256: listsSha256 ? await listedSha256(stored) : undefined };
}

export interface Storing {
  readonly world: World;
  readonly drive: Drive;
  readonly parent: Item;
  readonly name: string;
  readonly behavior: ConflictBehavior;
  readonly times: Times;
  readonly ready: Ready;
}

/** Puts a file where its name says, by the rules of the conflict behavior. */
export function storeFile(storing: Storing): Stored {
  const { world, drive, parent, name, behavior, times, ready } = storing;
  const existing = drive.child(parent, name);
  if (existing === undefined) return { item: create(storing, name), isNew: true };
  if (behavior === "rename") return { item: create(storing, freeName(drive, parent, name)), isNew: true };
  if (behavior === "fail" || existing.kind !== "file") throw refusal(409, "nameAlreadyExists");
  replaceContent({ world, drive, item: existing, times, ready });
  return { item: existing, isNew: false };
}

export function replaceContent({
  world,
  drive,
  item,
  times,
  ready,
}: Pick<Storing, "world" | "drive" | "times" | "ready"> & { readonly item: Item }): void {
  assertRoom(world, drive, ready.content.sizeBytes - (isPersonal(drive.kind) ? item.sizeBytes : 0));
  drive.setContent(item, { ...ready, ...times });
  awaitRewriting(world, drive, item);
}

/** Throws 507 when the drive has no room for so many bytes more, and 413 when no file may be so large. */
export function assertRoom({ settings }: World, drive: Drive, bytes: number): void {
  if (bytes > settings.fileBytes) throw refusal(413, "invalidRequest", { inner: "maxFileSizeExceeded" });
  if (bytes > 0 && drive.usedBytes + bytes > settings.quotaBytes) throw refusal(507, "quotaLimitReached");
}

export function freeName(drive: Drive, parent: Item, name: string): string {
  let number = 1;
  while (drive.child(parent, renamed(name, number)) !== undefined) number += 1;
  return renamed(name, number);
}

function create({ world, drive, parent, times, ready }: Storing, name: string): Item {
  assertRoom(world, drive, ready.content.sizeBytes);
  const item = drive.addFile(parent, name, { ...ready, ...times });
  awaitRewriting(world, drive, item);
  return item;
}
