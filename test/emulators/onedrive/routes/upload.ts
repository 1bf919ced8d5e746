import type { Answer } from "../../shared/answer.js";
import {
  assertPreconditions,
  behaviorInQuery,
  bodyOf,
  type Call,
  header,
  noteMisuse,
  resolveItem,
  resolveTarget,
} from "../call.js";
import { contentOf } from "../content.js";
import { badRequest, refusal } from "../failures.js";
import { prepare, replaceContent, storeFile } from "../store.js";
import { showItem } from "./show.js";

/** `PUT …/content`: a file in one request, by name or by id. */
export async function upload(call: Call): Promise<Answer> {
  checkHeaders(call);
  const blob = bodyOf(call);
  const { world, drive } = call;
  const name = call.address.item?.path?.at(-1);
  if (blob.sizeBytes > world.settings.simpleUploadBytes) {
    throw refusal(413, "invalidRequest", {
      inner: "maxStreamSizeExceeded",
      misuse: "a simple upload that is too large",
    });
  }
  const known = name ?? drive.get(call.address.item?.start.name ?? "")?.name ?? "";
  const ready = await prepare(world, { drive, name: known }, contentOf([blob]));
  if (name === undefined) {
    const item = resolveItem(call);
    if (item.kind !== "file") throw badRequest("Cannot upload content to an item representing a folder.");
    assertPreconditions(call, item);
    replaceContent({ world, drive, item, times: {}, ready });
    return showItem(call, item);
  }
  const behavior = behaviorInQuery(call, "replace");
  const target = resolveTarget(call, { createParents: true });
  assertPreconditions(call, target.item);
  const { item, isNew } = storeFile({ world, drive, ...target, behavior, times: {}, ready });
  return showItem(call, item, isNew ? 201 : 200);
}

function checkHeaders(call: Call): void {
  const type = header(call, "content-type") ?? "";
  if (type.startsWith("application/json"))
    throw badRequest("Unable to read JSON request payload: a file sent as application/json");
  if (type.startsWith("multipart/")) noteMisuse(call, "a file sent as multipart, which is stored as it is");
  if (header(call, "content-encoding") !== undefined) noteMisuse(call, "Content-Encoding on an upload");
  if (header(call, "content-length") === undefined && !call.exchange.isBatched) noteMisuse(call, "no Content-Length");
}
