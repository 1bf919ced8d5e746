import { setTimeout as delay } from "node:timers/promises";
import type { Answer } from "../shared/answer.js";
import { type Bytes, bytesInMemory } from "../shared/bytes.js";
import { header } from "../shared/header.js";
import { noteMisuse } from "../shared/note-misuse.js";
import { fileAnswer, htmlAnswer, redirectAnswer, type ServedFile } from "./answer.js";
import type { Exchange } from "./exchange.js";
import { PageFailure } from "./failures.js";
import type { Photo } from "./photo.js";
import {
  hasOriginal,
  hasStream,
  originalFormat,
  pictureOf,
  SIZES,
  sizeSecret,
  sizesOf,
  streamBytes,
  STREAMS,
} from "./sizes.js";

const PLACEHOLDER = "/images/photo_unavailable.png";

/** The image host: bytes for whoever has the address. */
export async function answerImage(exchange: Exchange): Promise<Answer> {
  const { logged, url, world } = exchange;
  if (logged.method !== "GET" && logged.method !== "HEAD") {
    noteMisuse(exchange, `${logged.method} does not exist on the image host`);
    return htmlAnswer(405, "Method Not Allowed");
  }
  noteSecrets(exchange);
  if (url.pathname === PLACEHOLDER) return serve(exchange, placeholder());
  if (!world.imageLane.take(`${exchange.request.socket.remoteAddress ?? ""} ${header(exchange, "user-agent") ?? ""}`)) {
    throw new PageFailure(429, "Too Many Requests");
  }
  world.imageLane.begin();
  try {
    if (world.settings.imageLatencyMs > 0) await delay(world.settings.imageLatencyMs);
    const file = exchange.fault?.kind === "dead-image" ? undefined : fileAt(exchange);
    return file === undefined ? deadAnswer(exchange) : serve(exchange, file);
  } finally {
    world.imageLane.end();
  }
}

/** `GET /photos/{nsid}/{id}/play/{stream}/{secret}/` on the site: leads to the file on the image host. */
export function answerVideoPlay(exchange: Exchange): Answer {
  const { url, world } = exchange;
  noteSecrets(exchange);
  const parts = /^\/photos\/[^/]+\/(\d+)\/play\/([a-z]+)\/([0-9a-f]+)\/?$/.exec(url.pathname);
  const [, id = "", word = "", secret = ""] = parts ?? [];
  const photo = streamed(exchange, { id, word, secret });
  if (photo === undefined) return htmlAnswer(404, "Page Not Found");
  const format = word === "orig" ? photo.media.format : "mp4";
  return redirectAnswer(`${world.imageUrl}/video/${id}/${secret}/${word}.${format}`);
}

/** The address alone opens the file; whatever is sent along is a secret given to a host that has no need of it. */
function noteSecrets(exchange: Exchange): void {
  const { fields } = exchange;
  const isSigned = fields.all.some(([name]) => name.startsWith("oauth_"));
  if (isSigned || header(exchange, "authorization") !== undefined) {
    noteMisuse(exchange, "a signature was sent to the image host");
  }
  if ((header(exchange, "user-agent") ?? "") === "") noteMisuse(exchange, "no User-Agent");
}

function serve(exchange: Exchange, file: ServedFile): Answer {
  const range = exchange.world.settings.imageRanges ? header(exchange, "range") : undefined;
  return fileAnswer(exchange.fault?.kind === "other-bytes" ? { ...file, bytes: otherBytes(file.bytes) } : file, range);
}

function fileAt(exchange: Exchange): ServedFile | undefined {
  const { pathname } = exchange.url;
  const video = /^\/video\/(\d+)\/([0-9a-f]+)\/([a-z]+)\.[a-z0-9]+$/.exec(pathname);
  if (video !== null) return videoAt(exchange, video);
  const parts = /^\/\d+\/(\d+)_([0-9a-f]+)(?:_([a-z0-9]+))?(_d)?\.([a-z]+)$/.exec(pathname);
  if (parts === null) {
    noteMisuse(exchange, `${pathname} is no address of a picture`);
    return undefined;
  }
  const [, id = "", secret = "", suffix = "", download, format = ""] = parts;
  const photo = exchange.world.accounts.photo(id);
  if (photo === undefined) return undefined;
  const file =
    suffix === "o" ? originalAt(exchange, photo, { secret, format }) : sizeAt(exchange, photo, { secret, suffix });
  return file === undefined || download === undefined ? file : { ...file, downloadName: `${id}_${secret}_o.${format}` };
}

function originalAt(
  { world }: Exchange,
  photo: Photo,
  { secret, format }: { readonly secret: string; readonly format: string },
): ServedFile | undefined {
  if (!hasOriginal(world, photo) || secret !== photo.originalSecret || format !== originalFormat(photo))
    return undefined;
  if (photo.media.kind === "video") return picture(photo, pictureOf(photo, undefined), "still");
  return { ...picture(photo, photo.content.bytes, "o"), mimeType: photo.media.mimeType };
}

function sizeAt(
  { world }: Exchange,
  photo: Photo,
  { secret, suffix }: { readonly secret: string; readonly suffix: string },
): ServedFile | undefined {
  const size = SIZES.find((one) => one.suffix === suffix);
  if (size === undefined || !sizesOf(world, photo).includes(size)) return undefined;
  return secret === sizeSecret(photo, size) ? picture(photo, pictureOf(photo, size), suffix) : undefined;
}

function videoAt(exchange: Exchange, [, id = "", secret = "", word = ""]: RegExpExecArray): ServedFile | undefined {
  const photo = streamed(exchange, { id, word, secret });
  if (photo === undefined) return undefined;
  const mimeType = word === "orig" ? photo.media.mimeType : "video/mp4";
  return { ...picture(photo, streamBytes(photo, word), word), mimeType };
}

function streamed(
  { world }: Exchange,
  { id, word, secret }: { readonly id: string; readonly word: string; readonly secret: string },
): Photo | undefined {
  const photo = world.accounts.photo(id);
  if (photo === undefined || !STREAMS.has(word) || !hasStream(world, photo, word)) return undefined;
  return secret === (word === "orig" ? photo.originalSecret : photo.secret) ? photo : undefined;
}

function picture(photo: Photo, bytes: ServedFile["bytes"], word: string): ServedFile {
  // No digest of the content: whoever takes it for one is wrong.
  const etag = Buffer.from(`${photo.secret}${word}`).toString("hex").slice(0, 32);
  return { bytes, mimeType: "image/jpeg", etag, modifiedMs: photo.postedMs };
}

function deadAnswer({ world }: Exchange): Answer {
  if (world.settings.deadImages === "missing") return htmlAnswer(404, "Not Found");
  return redirectAnswer(`${world.imageUrl}${PLACEHOLDER}`);
}

function placeholder(): ServedFile {
  const bytes = Buffer.from("89504e470d0a1a0a0000000d49484452000001f4000001f40802000000", "hex");
  return { bytes: bytesInMemory(bytes), mimeType: "image/png", etag: "unavailable", modifiedMs: 1_200_000_000_000 };
}

/** As after an edit that keeps the length. */
function otherBytes({ sizeBytes, read }: Bytes): Bytes {
  return {
    sizeBytes,
    async *read(startByte, endByte) {
      for await (const chunk of read(startByte, endByte)) yield Buffer.from(chunk.map((byte) => byte ^ 1));
    },
  };
}
