import * as z from "zod";
import type { Answer } from "../../shared/answer.js";
import { emptyAnswer } from "../answer.js";
import { Behavior, type Call, jsonBody, resolveItem } from "../call.js";
import { notFound } from "../failures.js";
import { newGuid, normalDriveId } from "../ids.js";
import type { Item } from "../items.js";
import { monitorUrl } from "../links.js";
import { assertName } from "../names.js";
import { freeName } from "../store.js";

const Request = z.strictObject({
  parentReference: z.looseObject({ id: z.string().optional(), driveId: z.string().optional() }).optional(),
  name: z.string().optional(),
  childrenOnly: z.boolean().optional(),
  includeAllVersionHistory: z.boolean().optional(),
});

/** `POST …/copy`: carried out at once, though its monitor says otherwise for a while. */
export async function copy(call: Call): Promise<Answer> {
  const { parentReference, name } = await jsonBody(call, Request);
  const { drive, world, exchange } = call;
  const item = resolveItem(call);
  const parent = parentReference?.id === undefined ? drive.parentOf(item) : drive.get(parentReference.id);
  const { driveId } = parentReference ?? {};
  const isElsewhere = driveId !== undefined && normalDriveId(driveId) !== normalDriveId(drive.id);
  if (parent?.kind !== "folder" || isElsewhere) throw notFound();
  const wanted = name ?? item.name;
  assertName(
    wanted,
    { kind: drive.kind, isFolder: item.kind === "folder", parentPath: drive.pathOf(parent) },
    world.settings,
  );
  const behavior = Behavior.safeParse(exchange.query.get("@microsoft.graph.conflictBehavior")).data ?? "fail";
  const taken = drive.child(parent, wanted);
  const id = newGuid(world.chance);
  const pollsLeft = world.settings.copyPolls;
  if (taken !== undefined && (behavior === "fail" || taken === item)) {
    world.monitors.set(id, { pollsLeft, itemId: undefined, errorCode: "nameAlreadyExists" });
  } else {
    if (taken !== undefined && behavior === "replace") drive.remove(taken);
    const free = behavior === "rename" && taken !== undefined ? freeName(drive, parent, wanted) : wanted;
    world.monitors.set(id, { pollsLeft, itemId: copyInto(call, item, parent, free).id, errorCode: undefined });
  }
  return emptyAnswer(202, { Location: monitorUrl(exchange, drive, id) });
}

/** Times start anew, as the service does it. */
function copyInto(call: Call, item: Item, parent: Item, name: string): Item {
  const { drive } = call;
  if (item.content !== undefined) return drive.addFile(parent, name, { content: item.content, sha256: item.sha256 });
  const children = drive.childrenOf(item);
  const folder = drive.addFolder(parent, name);
  for (const child of children) copyInto(call, child, folder, child.name);
  return folder;
}
