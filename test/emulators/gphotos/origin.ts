import type { Bytes } from "../shared/bytes.js";
import { isForRoute } from "../shared/faults.js";
import { IncomingBody } from "../shared/incoming-body.js";
import { openOriginAt, type Origin, type Place, serveLogged, type Serving } from "../shared/origin.js";
import { roundTrip } from "../shared/round-trip.js";
import { send } from "../shared/send.js";
import { dispatch } from "./dispatch.js";
import type { Exchange } from "./exchange.js";
import type { Host, LoggedRequest, LoggedStart } from "./request-log.js";
import { routeName } from "./route-name.js";
import { chunkOffset } from "./routes/uploads.js";
import type { World } from "./world.js";

/** The largest body of a request that carries no file. */
const JSON_BYTES = 16 * 1024 * 1024;

type Here = Place<World, LoggedStart, Host>;

/** One host of the service on a port of its own. */
export async function openOrigin(place: Here): Promise<Origin> {
  return await openOriginAt(place, serve);
}

async function serve(serving: Serving<Here>): Promise<void> {
  const { world, log, host, request, response } = serving;
  const url = new URL(request.url ?? "/", "http://emulator");
  const { method = "" } = request;
  const route = routeName({ host, request, url });
  const logged = log.begin({ route, host, method, path: url.pathname, argument: undefined });
  await serveLogged({ request, response, logged, misuse: world.misuse }, async () => {
    const exchange = await receive(serving, url, logged);
    if (exchange === undefined) request.socket.destroy();
    else await send(response, await dispatch(exchange), exchange.fault);
  });
}

/** Takes the request in whole; undefined when the connection broke before, or a fault breaks it. */
async function receive(serving: Serving<Here>, url: URL, logged: LoggedRequest): Promise<Exchange | undefined> {
  const { world, host, request } = serving;
  const fault = world.faults.take(isForRoute(logged.route));
  const cutBytes = fault?.kind === "cut-before" ? (fault.afterBodyBytes ?? 0) : undefined;
  const limit = logged.route.startsWith("uploads.") ? world.settings.requestBytes : JSON_BYTES;
  const incoming = new IncomingBody(request, Math.min(cutBytes ?? limit, limit));
  const receiver = world.spool.receive();
  for await (const chunk of incoming.chunks()) await receiver.write(chunk);
  const body = await receiver.end();
  logged.bodyBytes = body.sizeBytes;
  if (cutBytes !== undefined || !incoming.isWhole) {
    keepChunk(serving, url, { logged, bytes: body });
    return undefined;
  }
  return { world, host, request, url, logged, fault, body, latency: roundTrip(world.settings) };
}

/** What had come of a chunk when its connection broke is not lost. */
function keepChunk(
  { world, request }: Serving<Here>,
  url: URL,
  { logged, bytes }: { readonly logged: LoggedRequest; readonly bytes: Bytes },
): void {
  if (logged.route !== "uploads.upload" && logged.route !== "uploads.finalize") return;
  const offset = chunkOffset({ request });
  if (offset !== undefined) world.uploads.keepPart(url.searchParams.get("upload_id") ?? "", offset, bytes);
}
