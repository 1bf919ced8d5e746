import type { Answer } from "../shared/answer.js";
import { bytesInMemory } from "../shared/bytes.js";
import { header } from "../shared/header.js";
import { noteMisuse } from "../shared/note-misuse.js";
import { answerInstead } from "./answer-instead.js";
import { htmlAnswer, mediaAnswer } from "./answer.js";
import type { Exchange } from "./exchange.js";
import type { Item } from "./library.js";
import { statusOf } from "./present.js";
import { downloadedPhoto, scaledPicture, transcodedVideo } from "./processed-bytes.js";

/** The image host: bytes for whoever has the address, while it is fresh, and never those that went up. */
export function answerMedia(exchange: Exchange): Answer {
  const { fault, logged, url, world } = exchange;
  if (fault?.kind === "error-image") return errorImage(fault.status);
  const instead = answerInstead(exchange);
  if (instead !== undefined) return instead;
  const parts = /^\/lr\/([A-Za-z0-9_-]+)(?:=(.*))?$/.exec(decodeURIComponent(url.pathname));
  if (parts === null || (logged.method !== "GET" && logged.method !== "HEAD")) {
    noteMisuse(exchange, `${logged.method} ${url.pathname} does not exist on the image host`);
    return htmlAnswer(404, "The requested URL was not found on this server.");
  }
  // The address alone opens the picture; a token sent along is a secret given to a host that has no need of it.
  if (header(exchange, "authorization") !== undefined) noteMisuse(exchange, "a token was sent to the image host");
  if (!world.quota.takeMediaRequest()) return htmlAnswer(429, "Rate-limit exceeded.");
  const [, secret = "", suffix = ""] = parts;
  const link = world.mediaLinks.get(secret);
  const item = link === undefined ? undefined : world.accounts.get(link.accountId)?.library.item(link.itemId);
  if (link === undefined || item === undefined || item.isTrashed) return htmlAnswer(404, "Not found.");
  if (link.expiresMs <= world.clock.nowMs()) {
    return htmlAnswer(403, "Your client does not have permission to get this URL from this server.");
  }
  return pictureAnswer(exchange, item, suffix);
}

function pictureAnswer(exchange: Exchange, item: Item, suffix: string): Answer {
  const { world } = exchange;
  const range = header(exchange, "range");
  const isVideo = item.media.kind === "video";
  if (suffix === "dv" && isVideo) {
    if (statusOf(world, item) !== "READY") return htmlAnswer(world.settings.unreadyVideoStatus, "Not ready.");
    return mediaAnswer(transcodedVideo(item), "video/mp4", range);
  }
  if (suffix === "d" && !isVideo) {
    return mediaAnswer(downloadedPhoto(item), item.media.mimeType, range);
  }
  if (suffix !== "" && suffix !== "d" && !/^(w\d+|h\d+)(-(w\d+|h\d+|c|no))*$/.test(suffix)) {
    noteMisuse(exchange, `=${suffix} asks for nothing that there is`);
    return htmlAnswer(suffix === "dv" ? 404 : 400, "Bad request.");
  }
  return mediaAnswer(scaledPicture(item, suffix === "" ? "w512" : suffix), "image/jpeg", range);
}

function errorImage(status: number): Answer {
  const picture = bytesInMemory(Buffer.from("89504e470d0a1a0a0000000d49484452", "hex"));
  return { status, headers: { "Content-Type": "image/png" }, body: picture };
}
