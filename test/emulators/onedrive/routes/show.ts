import type { Answer } from "../../shared/answer.js";
import { jsonAnswer } from "../answer.js";
import { type Call, header } from "../call.js";
import type { Item } from "../items.js";
import { graphUrl } from "../links.js";
import { itemJson, select } from "../view.js";

/** The answer that consists of an item. */
export function showItem(call: Call, item: Item, status = 200): Answer {
  const { exchange, drive, caller } = call;
  const json = itemJson(item, { exchange, drive, account: caller.account });
  const context = `${graphUrl(exchange)}/v1.0/$metadata#drives('${encodeURIComponent(drive.id)}')/items/$entity`;
  return jsonAnswer(status, { "@odata.context": context, ...select(json, exchange.query) });
}

/** Whether `Prefer` has this value among others. */
export function prefers(call: Call, value: string): boolean {
  const values = (header(call, "prefer") ?? "").split(",").map((one) => one.trim().toLowerCase());
  return values.includes(value.toLowerCase());
}
