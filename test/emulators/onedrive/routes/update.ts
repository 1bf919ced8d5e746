import * as z from "zod";
import type { Answer } from "../../shared/answer.js";
import { emptyAnswer } from "../answer.js";
import {
  assertAllowedAt,
  assertPreconditions,
  Behavior,
  type Call,
  FileSystemInfo,
  joinPath,
  jsonBody,
  resolveItem,
  resolveTarget,
} from "../call.js";
import { badRequest, notFound, refusal } from "../failures.js";
import { normalDriveId } from "../ids.js";
import type { Item } from "../items.js";
import { isPersonal } from "../kinds.js";
import { assertName } from "../names.js";
import type { ConflictBehavior } from "../sessions.js";
import { freeName } from "../store.js";
import { makeFolder } from "./create-folder.js";
import { showItem } from "./show.js";

const Changes = z.strictObject({
  name: z.string().optional(),
  parentReference: z.looseObject({ id: z.string().optional(), driveId: z.string().optional() }).optional(),
  fileSystemInfo: FileSystemInfo.optional(),
  description: z.string().optional(),
  folder: z.looseObject({}).optional(),
  "@microsoft.graph.conflictBehavior": Behavior.optional(),
});
type Changes = z.output<typeof Changes>;

/** `PATCH` of an item: name, place, times, description. With a folder facet and a path it makes all missing folders. */
export async function update(call: Call): Promise<Answer> {
  const changes = await jsonBody(call, Changes);
  if (changes.folder !== undefined && call.address.item?.path !== undefined) return makeFolders(call, changes);
  const { drive, world } = call;
  const item = resolveItem(call);
  assertPreconditions(call, item);
  const { name, parentReference, fileSystemInfo, description } = changes;
  if (item === drive.root && (name ?? parentReference) !== undefined) throw badRequest("the root cannot be moved");
  if ((name ?? parentReference ?? fileSystemInfo ?? description) === undefined)
    throw badRequest("a PATCH without changes");
  if (name !== undefined || parentReference !== undefined) move(call, item, changes);
  const isNewTime = fileSystemInfo?.modifiedMs !== undefined && fileSystemInfo.modifiedMs !== item.fsModifiedMs;
  const isNewCreation = fileSystemInfo?.createdMs !== undefined && fileSystemInfo.createdMs !== item.fsCreatedMs;
  if (fileSystemInfo !== undefined && (isNewTime || isNewCreation)) drive.setTimes(item, fileSystemInfo);
  if (description !== undefined) drive.describe(item, description);
  const isSilent = world.settings.updateAnswer === "no-content" || call.exchange.fault?.kind === "no-content";
  return isSilent ? emptyAnswer(204) : showItem(call, item);
}

function move(call: Call, item: Item, changes: Changes): void {
  const { drive, world } = call;
  const parent = newParent(call, item, changes.parentReference);
  const wanted = changes.name ?? item.name;
  const parentPath = drive.pathOf(parent);
  assertName(wanted, { kind: drive.kind, isFolder: item.kind === "folder", parentPath }, world.settings);
  assertAllowedAt(drive, joinPath(parentPath, wanted), "write");
  if (drive.isWithin(parent, item)) throw badRequest("a folder cannot be moved into itself");
  const isSame = parent.id === item.parentId && wanted === item.name;
  if (isSame) return;
  const taken = drive.child(parent, wanted);
  if (taken === item && isPersonal(drive.kind) && world.settings.personalCaseRename === "conflict") {
    throw refusal(409, "nameAlreadyExists");
  }
  const behavior = changes["@microsoft.graph.conflictBehavior"] ?? "fail";
  const name = taken === undefined || taken === item ? wanted : solved(call, { taken, item, parent, behavior });
  drive.move(item, parent, name);
  // The service may set the time of what it moves; careful clients send the time along.
  if (world.settings.moveResetsTime && changes.fileSystemInfo?.modifiedMs === undefined) {
    item.fsModifiedMs = world.clock.nowMs();
  }
}

function newParent({ drive }: Call, item: Item, reference: Changes["parentReference"]): Item {
  if (reference === undefined) return drive.parentOf(item) ?? drive.root;
  const { id, driveId } = reference;
  if (driveId !== undefined && normalDriveId(driveId) !== normalDriveId(drive.id)) {
    throw refusal(400, "invalidRequest", {
      message: "Moving across drives is not supported",
      misuse: "a move to another drive",
    });
  }
  if (id === undefined || id === "root") throw badRequest("parentReference needs the true id of the folder");
  const parent = drive.get(id);
  if (parent === undefined) throw notFound();
  if (parent.kind !== "folder") throw badRequest("parentReference is no folder");
  return parent;
}

function solved(
  { drive }: Call,
  {
    taken,
    item,
    parent,
    behavior,
  }: { readonly taken: Item; readonly item: Item; readonly parent: Item; readonly behavior: ConflictBehavior },
): string {
  const isReplaceable = taken.kind === "file" && item.kind === "file";
  if (behavior === "rename") return freeName(drive, parent, taken.name);
  if (behavior === "fail" || !isReplaceable) throw refusal(409, "nameAlreadyExists");
  drive.remove(taken);
  return taken.name;
}

function makeFolders(call: Call, changes: Changes): Answer {
  const { drive } = call;
  const target = resolveTarget(call, { createParents: true, isFolder: true });
  const behavior = changes["@microsoft.graph.conflictBehavior"] ?? "fail";
  return showItem(call, makeFolder(drive, { ...target, behavior, times: changes.fileSystemInfo }), 201);
}
