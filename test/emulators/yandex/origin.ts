import type { Socket } from "node:net";
import { TLSSocket } from "node:tls";
import { isCutBefore } from "../shared/cut-before.js";
import { header } from "../shared/header.js";
import { noteMisuse } from "../shared/note-misuse.js";
import {
  MAX_HEADER_BYTES,
  openOriginAt,
  type Origin,
  type Place,
  serveLogged,
  type Serving,
} from "../shared/origin.js";
import { roundTrip } from "../shared/round-trip.js";
import { send } from "../shared/send.js";
import { takeBody } from "../shared/take-body.js";
import { Hasher } from "./content.js";
import { dispatch } from "./dispatch.js";
import { type Exchange, routeName } from "./exchange.js";
import { isForRequest } from "./faults.js";
import { shownPath } from "./paths.js";
import { makeEdits } from "./remote.js";
import type { Host, LoggedRequest, LoggedStart } from "./request-log.js";
import { throttle } from "./throttle.js";
import { SERVICE_URLS } from "./tls-proxy.js";
import type { UploadAttempt } from "./upload-target.js";
import type { World } from "./world.js";

const JSON_BYTES = 1024 * 1024;

interface Here extends Place<World, LoggedStart, Host> {
  /** Connections that have carried a request already. */
  readonly served: WeakSet<Socket>;
}

/** One host of the service on a port of its own. */
export async function openOrigin(place: Place<World, LoggedStart, Host>): Promise<Origin> {
  return await openOriginAt({ ...place, served: new WeakSet() }, serve, { maxHeaderSize: MAX_HEADER_BYTES });
}

async function serve(serving: Serving<Here>): Promise<void> {
  const { host, request, response, world } = serving;
  const url = new URL(request.url ?? "/", "http://emulator");
  const attempt = uploadAttempt(serving, url);
  const logged = beginLog(serving, url, attempt);
  await serveLogged({ request, response, logged, misuse: world.misuse }, async () => {
    if (host === "uploader" && !isFreshConnection(serving)) return;
    const exchange = await receive(serving, url, { logged, attempt });
    if (exchange === undefined) return;
    const answer = await dispatch(exchange, attempt);
    if (exchange.isCut) response.destroy();
    else await send(response, answer, exchange.fault);
  });
}

/** A link counts as used from the moment that anything is sent to it. */
function uploadAttempt({ host, request, world }: Serving<Here>, url: URL): UploadAttempt | undefined {
  if (host !== "uploader") return undefined;
  const link = world.links.upload(url.pathname.split("/")[2] ?? "");
  if (link === undefined) return undefined;
  const isRepeat = link.isUsed;
  if (request.method === "PUT") link.isUsed = true;
  return { link, isRepeat };
}

function beginLog({ host, log, request }: Serving<Here>, url: URL, attempt: UploadAttempt | undefined): LoggedRequest {
  const method = request.method ?? "";
  const query = Object.fromEntries(url.searchParams);
  const path = attempt === undefined ? query["path"] : shownPath(attempt.link.parts);
  return log.begin({ route: routeName(method, url), host, method, path, query });
}

/** With "breaks" the uploader ends a connection at its second request, as if it had been moved elsewhere. */
function isFreshConnection({ request, response, served, world }: Serving<Here>): boolean {
  const { socket } = request;
  if (world.settings.uploaderConnections === "announced") response.setHeader("Connection", "close");
  if (!served.has(socket)) {
    served.add(socket);
    return true;
  }
  socket.destroy();
  return false;
}

/** Takes the request in whole; undefined when a fault cut the connection first. */
async function receive(
  { world, host, request }: Serving<Here>,
  url: URL,
  { logged, attempt }: { readonly logged: LoggedRequest; readonly attempt: UploadAttempt | undefined },
): Promise<Exchange | undefined> {
  const fault = world.faults.take(isForRequest(logged));
  if (fault?.kind === "edits") makeEdits(world, fault.edits);
  if (await isCutBefore(request, fault)) return undefined;
  const { settings } = world;
  const incoming = attempt?.link.isSlow === true ? throttle(request, settings) : request;
  const limitBytes = host === "uploader" ? settings.fileBytes : JSON_BYTES;
  const hasher = new Hasher();
  const { bytes, sizeBytes, isWhole } = await takeBody(world.spool, incoming, { limitBytes, hasher });
  logged.bodyBytes = sizeBytes;
  const body = bytes === undefined ? undefined : { ...bytes, ...hasher.finish() };
  const links = request.socket instanceof TLSSocket ? SERVICE_URLS : world.urls;
  const latency = roundTrip(settings);
  const exchange = { world, host, request, url, logged, fault, body, isCut: !isWhole, latency, links };
  if (header(exchange, "content-encoding") !== undefined) noteMisuse(exchange, "the body has a Content-Encoding");
  return exchange;
}
