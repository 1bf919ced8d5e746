import * as z from "zod";
import type { Answer } from "../../shared/answer.js";
import {
  assertAllowedAt,
  Behavior,
  type Call,
  FileSystemInfo,
  joinPath,
  jsonBody,
  noteMisuse,
  resolveItem,
} from "../call.js";
import type { Drive } from "../drive.js";
import { badRequest, refusal } from "../failures.js";
import type { Item, Times } from "../items.js";
import { isPersonal } from "../kinds.js";
import { assertName } from "../names.js";
import type { ConflictBehavior } from "../sessions.js";
import { freeName } from "../store.js";
import { showItem } from "./show.js";

const NewFolder = z.strictObject({
  name: z.string(),
  folder: z.looseObject({}),
  fileSystemInfo: FileSystemInfo.optional(),
  description: z.string().optional(),
  "@microsoft.graph.conflictBehavior": Behavior.optional(),
});

/** `POST …/children` with a folder facet. */
export async function createFolder(call: Call): Promise<Answer> {
  const body = await jsonBody(call, NewFolder);
  const { drive, world } = call;
  const parent = resolveItem(call);
  if (parent.kind !== "folder") throw badRequest("a folder in something that is none");
  const parentPath = drive.pathOf(parent);
  assertName(body.name, { kind: drive.kind, isFolder: true, parentPath }, world.settings);
  assertAllowedAt(drive, joinPath(parentPath, body.name), "write");
  const behavior = body["@microsoft.graph.conflictBehavior"];
  if (behavior === undefined) noteMisuse(call, "no conflictBehavior");
  const made = makeFolder(drive, { parent, name: body.name, behavior: behavior ?? "fail", times: body.fileSystemInfo });
  return showItem(call, made, 201);
}

export function makeFolder(
  drive: Drive,
  {
    parent,
    name,
    behavior,
    times = {},
  }: {
    readonly parent: Item;
    readonly name: string;
    readonly behavior: ConflictBehavior;
    readonly times?: Times | undefined;
  },
): Item {
  const existing = drive.child(parent, name);
  if (existing === undefined) return drive.addFolder(parent, name, times);
  if (behavior === "rename") return drive.addFolder(parent, freeName(drive, parent, name), times);
  // On personal drives, replacing a folder is said to empty it or to fail.
  if (behavior === "replace" && existing.kind === "folder" && !isPersonal(drive.kind)) return existing;
  throw refusal(409, "nameAlreadyExists");
}
