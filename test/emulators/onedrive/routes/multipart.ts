import * as z from "zod";
import type { Answer } from "../../shared/answer.js";
import { collectAll } from "../../shared/bytes.js";
import { Behavior, bodyOf, type Call, FileSystemInfo, header, resolveItem } from "../call.js";
import { blobInMemory, contentOf } from "../content.js";
import { badRequest } from "../failures.js";
import { isPersonal } from "../kinds.js";
import { assertName } from "../names.js";
import { prepare, storeFile } from "../store.js";
import { showItem } from "./show.js";

const LIMIT_BYTES = 4 * 1024 * 1024;

const Metadata = z.object({
  name: z.string(),
  file: z.object({}),
  fileSystemInfo: FileSystemInfo.optional(),
  "@microsoft.graph.sourceUrl": z.literal("cid:content"),
  "@microsoft.graph.conflictBehavior": Behavior.default("fail"),
});

/** `POST …/children` as multipart/related: content and times of a small file in one request, on personal drives. */
export async function uploadMultipart(call: Call): Promise<Answer> {
  const { drive, world } = call;
  if (!isPersonal(drive.kind)) throw badRequest("multipart uploads are for personal drives");
  const body = await collectAll(bodyOf(call));
  if (body.length > LIMIT_BYTES) throw badRequest("a multipart upload that is too large");
  const [metadata, content] = partsOf(body, header(call, "content-type") ?? "");
  const result = Metadata.safeParse(parseJson(metadata));
  if (!result.success) throw badRequest("the first part describes no file");
  const { name, fileSystemInfo = {}, "@microsoft.graph.conflictBehavior": behavior } = result.data;
  const ready = await prepare(world, { drive, name }, contentOf([blobInMemory(content)]));
  const parent = resolveItem(call);
  assertName(name, { kind: drive.kind, isFolder: false, parentPath: drive.pathOf(parent) }, world.settings);
  const { item, isNew } = storeFile({ world, drive, parent, name, behavior, times: fileSystemInfo, ready });
  return showItem(call, item, isNew ? 201 : 200);
}

function parseJson(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString());
  } catch {
    throw badRequest("the first part is no JSON");
  }
}

/** Exactly two parts, without their headers. */
function partsOf(body: Buffer, type: string): readonly [Buffer, Buffer] {
  const boundary = /boundary="?([^";]+)"?/.exec(type)?.[1];
  if (boundary === undefined) throw badRequest("a multipart upload without boundary");
  const text = body.toString("latin1");
  const parts = `\r\n${text}`.split(`\r\n--${boundary}`).slice(1, -1);
  const contents = parts.map((part) => Buffer.from(part.slice(part.indexOf("\r\n\r\n") + 4), "latin1"));
  const [metadata, content] = contents;
  if (metadata === undefined || content === undefined || contents.length !== 2) throw badRequest("not two parts");
  return [metadata, content];
}
