import * as z from "zod";
import type { Answer } from "../../shared/answer.js";
import { jsonAnswer } from "../answer.js";
import {
  Behavior,
  type Call,
  FileSystemInfo,
  header,
  jsonBody,
  matches,
  noteMisuse,
  preconditionFailed,
  resolveItem,
  resolveTarget,
  type Target,
} from "../call.js";
import { badRequest, refusal } from "../failures.js";
import { isClassic, isPersonal } from "../kinds.js";
import { graphUrl, uploadUrl } from "../links.js";
import { assertRoom } from "../store.js";

const Body = z.strictObject({
  item: z
    .strictObject({
      "@microsoft.graph.conflictBehavior": Behavior.optional(),
      name: z.string().optional(),
      description: z.string().optional(),
      fileSize: z.number().optional(),
      fileSystemInfo: FileSystemInfo.optional(),
      driveItemSource: z.unknown().optional(),
      mediaSource: z.unknown().optional(),
    })
    .default({}),
  deferCommit: z.boolean().optional(),
});

/** `POST …/createUploadSession`. */
export async function createSession(call: Call): Promise<Answer> {
  const { item: wanted, deferCommit = false } = await jsonBody(call, Body);
  const { drive, world, exchange } = call;
  const target = targetOf(call);
  const { parent, name, item } = target;
  if (wanted.name !== undefined && wanted.name !== name)
    throw badRequest("the name in the body is not the one in the path");
  const behavior = wanted["@microsoft.graph.conflictBehavior"];
  if (behavior === undefined) noteMisuse(call, "no conflictBehavior");
  if (item !== undefined && item.kind !== "file") throw refusal(409, "nameAlreadyExists");
  const ifMatch = header(call, "if-match");
  if (ifMatch !== undefined && !matches(drive, item, ifMatch)) throw preconditionFailed(drive);
  if (behavior === "fail" && item !== undefined) throw refusal(409, "nameAlreadyExists");
  checkSize(call, wanted.fileSize);
  checkOpenSessions(call, target);
  const session = world.sessions.start({
    drive,
    parent,
    name,
    // Said to be "fail" and seen to be "replace".
    conflictBehavior: behavior ?? "replace",
    ifMatch,
    times: wanted.fileSystemInfo ?? {},
    description: wanted.description,
    deferCommit,
  });
  return jsonAnswer(200, {
    "@odata.context": `${graphUrl(exchange)}/v1.0/$metadata#microsoft.graph.uploadSession`,
    uploadUrl: uploadUrl(exchange, session),
    expirationDateTime: new Date(session.expiresMs).toISOString(),
    ...(isClassic(drive.kind) ? {} : { nextExpectedRanges: ["0-"] }),
  });
}

function targetOf(call: Call): Target {
  const { drive, world } = call;
  if (call.address.item?.path !== undefined) {
    return resolveTarget(call, { createParents: world.settings.sessionCreatesParents });
  }
  const item = resolveItem(call);
  if (item.kind === "folder") throw badRequest("Cannot create an upload session on a folder");
  if (isPersonal(drive.kind)) throw badRequest("File name not provided in url");
  return { item, parent: drive.parentOf(item) ?? drive.root, name: item.name };
}

function checkSize(call: Call, fileSize: number | undefined): void {
  if (fileSize === undefined) return;
  if (!isPersonal(call.drive.kind)) noteMisuse(call, "fileSize on a business drive");
  assertRoom(call.world, call.drive, fileSize);
}

/** On business drives an open session keeps its name to itself. Many open sessions are no good anywhere. */
function checkOpenSessions({ world, drive }: Call, { parent, name }: Target): void {
  const { sessionLocksName, openSessions } = world.settings;
  const open = world.sessions.open().filter((session) => session.drive === drive);
  if (open.length >= openSessions) throw badRequest(`more than ${String(openSessions)} open upload sessions`);
  if (isPersonal(drive.kind) || !sessionLocksName || world.sessions.holder(parent, name) === undefined) return;
  throw refusal(409, "nameAlreadyExists", { message: "An upload session already exists for this item." });
}
