import { isCutBefore } from "../shared/cut-before.js";
import { isForRoute } from "../shared/faults.js";
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
import { ContentHasher } from "./content-hasher.js";
import { dispatch } from "./dispatch.js";
import { type Exchange, routeName } from "./exchange.js";
import type { Host, LoggedRequest, LoggedStart } from "./request-log.js";
import type { World } from "./world.js";

const RPC_BYTES = 64 * 1024 * 1024;

type Here = Place<World, LoggedStart, Host>;

/** One host of the service on a port of its own. */
export async function openOrigin(place: Here): Promise<Origin> {
  return await openOriginAt(place, serve, { maxHeaderSize: MAX_HEADER_BYTES });
}

async function serve(serving: Serving<Here>): Promise<void> {
  const { world, log, host, request, response } = serving;
  const url = new URL(request.url ?? "/", "http://emulator");
  const logged = log.begin({ route: routeName(url), host, method: request.method ?? "", argument: undefined });
  await serveLogged({ request, response, logged, misuse: world.misuse }, async () => {
    const exchange = await receive(serving, url, logged);
    if (exchange === undefined) return;
    response.setHeader("X-Dropbox-Request-Id", world.chance.letters(32));
    await send(response, await dispatch(exchange), exchange.fault);
  });
}

/** Takes the request in whole; undefined when a fault cut the connection first, or the client did. */
async function receive(
  { world, host, request }: Serving<Here>,
  url: URL,
  logged: LoggedRequest,
): Promise<Exchange | undefined> {
  const fault = world.faults.take(isForRoute(logged.route));
  if (await isCutBefore(request, fault)) return undefined;
  const limitBytes = host === "content" ? world.settings.requestBytes : RPC_BYTES;
  const hasher = new ContentHasher();
  const { bytes, sizeBytes, isWhole } = await takeBody(world.spool, request, { limitBytes, hasher });
  logged.bodyBytes = sizeBytes;
  if (!isWhole) return undefined;
  const body = bytes === undefined ? undefined : { ...bytes, ...hasher.finish() };
  return { world, host, request, url, logged, fault, body, latency: roundTrip(world.settings) };
}
