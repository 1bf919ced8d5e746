import type { Answer } from "../../shared/answer.js";
import { emptyAnswer, jsonAnswer } from "../answer.js";
import { type Call, header, matches, resolveItem } from "../call.js";
import { badRequest, notFound, refusal } from "../failures.js";
import type { Item } from "../items.js";
import { downloadUrl } from "../links.js";
import { timestamp } from "../view.js";

/** `GET …/content`: the way to a URL that needs no sign-in. */
export function content(call: Call): Answer {
  const item = readable(call);
  const known = header(call, "if-none-match");
  if (known !== undefined && matches(call.drive, item, known)) return emptyAnswer(304);
  return emptyAnswer(302, { Location: downloadUrl(call.exchange, call.drive, item) });
}

/** `GET …/versions`, newest first. */
export function versions(call: Call): Answer {
  const { drive } = call;
  const item = readable(call);
  const all = [...item.versions, { content: item.content, fsModifiedMs: item.fsModifiedMs }];
  const value = all.map((version, index) => ({
    id: `${String(index + 1)}.0`,
    size: version.content?.sizeBytes ?? 0,
    lastModifiedDateTime: timestamp(drive, version.fsModifiedMs),
  }));
  return jsonAnswer(200, { value: value.reverse() });
}

export function versionContent(call: Call): Answer {
  const item = readable(call);
  const number = Number.parseInt(call.address.extra ?? "", 10);
  if (Number.isNaN(number) || number < 1 || number > item.versions.length + 1) throw notFound();
  const isCurrent = number === item.versions.length + 1;
  return emptyAnswer(302, {
    Location: downloadUrl(call.exchange, call.drive, item, isCurrent ? undefined : number - 1),
  });
}

function readable(call: Call): Item {
  const item = resolveItem(call);
  if (item.kind === "folder") throw badRequest("You cannot get content for a folder");
  if (item.kind !== "file") throw refusal(409, "notSupported", { misuse: `the content of a ${item.kind}` });
  if (item.traits.isMalware === true)
    throw refusal(403, "malwareDetected", { headers: { "X-Virus-Infected": "Trojan:Test" } });
  return item;
}
