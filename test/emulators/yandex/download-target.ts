import { type Answer, bytesAnswer } from "../shared/answer.js";
import { header } from "../shared/header.js";
import { noteMisuse } from "../shared/note-misuse.js";
import { textAnswer } from "./answer.js";
import type { Content } from "./content.js";
import { partsOf } from "./entries.js";
import type { Exchange } from "./exchange.js";
import { PlainError } from "./failures.js";
import type { DownloadLink } from "./links.js";

const BROKEN_LINK_PAGE = "<!DOCTYPE html><html><body><h1>500 Internal Server Error</h1></body></html>";
/** An archive without entries: nobody here looks into archives. */
const EMPTY_ZIP = `PK\u0005\u0006${"\0".repeat(18)}`;

/** GET and HEAD of the downloader, and of the storage host that it may redirect to. */
export function answerDownload(exchange: Exchange): Answer {
  const { fault, links, logged, url, world } = exchange;
  if (logged.method !== "GET" && logged.method !== "HEAD") {
    noteMisuse(exchange, "the downloader takes GET");
    throw new PlainError(405);
  }
  const link = findLink(exchange);
  if (link.expiresMs <= world.clock.nowMs() || fault?.kind === "expired-link") throw new PlainError(410, "Gone");
  if (world.settings.downloadRedirects && url.pathname.startsWith("/disk/")) {
    return { status: 302, headers: { Location: `${links.downloader}/storage/${link.secret}` }, body: "" };
  }
  if (link.content === undefined) return textAnswer(200, EMPTY_ZIP, link.mime);
  if (world.settings.staleDownloads === "gone" && !isCurrent(exchange, link)) throw new PlainError(404);
  const answer = contentAnswer(exchange, link, link.content);
  return logged.method === "HEAD" ? { ...answer, body: "" } : answer;
}

function findLink({ url, world }: Exchange): DownloadLink {
  const parts = url.pathname.split("/");
  const link = world.links.download(parts.at(-1) ?? "");
  const isWhole = parts[1] === "storage" || parts[3] === Math.floor((link?.expiresMs ?? 0) / 1000).toString(16);
  if (link === undefined || !isWhole) throw new PlainError(500, BROKEN_LINK_PAGE, "text/html");
  return link;
}

function isCurrent({ world }: Exchange, { uid, entry, content }: DownloadLink): boolean {
  const now = world.accounts.get(uid)?.disk.find(partsOf(entry));
  return now === entry && entry.kind === "file" && entry.content === content;
}

/** The bytes: whole, a range, 304 or 416. */
function contentAnswer(exchange: Exchange, link: DownloadLink, content: Content): Answer {
  const etag = exchange.world.settings.downloadEtag ? { ETag: `"${content.md5}"` } : undefined;
  const headers = { "Accept-Ranges": "bytes", ...etag };
  const known = header(exchange, "if-none-match")?.replaceAll('"', "");
  if (known === content.md5) return { status: 304, headers, body: "" };
  return bytesAnswer(content, { ...headers, "Content-Type": link.mime }, header(exchange, "range"));
}
