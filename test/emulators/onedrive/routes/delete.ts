import * as z from "zod";
import type { Answer } from "../../shared/answer.js";
import { emptyAnswer } from "../answer.js";
import { assertPreconditions, type Call, header, jsonBody, resolveItem } from "../call.js";
import { badRequest, notFound, refusal } from "../failures.js";
import { isPersonal } from "../kinds.js";
import { showItem } from "./show.js";

/** `DELETE`: to the recycle bin, with all it holds. */
export function remove(call: Call): Answer {
  const item = resolveItem(call);
  if (item === call.drive.root) throw badRequest("the root cannot be deleted");
  assertPreconditions(call, item);
  call.drive.remove(item);
  return emptyAnswer(204);
}

/** `POST …/permanentDelete`, on business drives. */
export function removeForGood(call: Call): Answer {
  if (isPersonal(call.drive.kind))
    throw refusal(501, "notSupported", { misuse: "permanentDelete on a personal drive" });
  if (header(call, "content-length") === undefined && !call.exchange.isBatched) {
    throw refusal(411, "invalidRequest", {
      message: "Length Required",
      misuse: "permanentDelete without Content-Length",
    });
  }
  return remove(call);
}

const Place = z.strictObject({
  parentReference: z.looseObject({ id: z.string().optional() }).optional(),
  name: z.string().optional(),
});

/** `POST …/restore`, on personal drives. */
export async function restore(call: Call): Promise<Answer> {
  const { drive, address } = call;
  const { parentReference, name } = await jsonBody(call, Place);
  if (!isPersonal(drive.kind)) throw refusal(501, "notSupported");
  const item = drive.known(address.item?.start.name ?? "");
  if (item?.isDeleted !== true) throw notFound();
  const parent = drive.get(parentReference?.id ?? item.parentId ?? "");
  if (parent?.kind !== "folder") throw notFound();
  if (drive.child(parent, name ?? item.name) !== undefined) throw refusal(409, "nameAlreadyExists");
  drive.restore(item, parent, name ?? item.name);
  return showItem(call, item);
}
