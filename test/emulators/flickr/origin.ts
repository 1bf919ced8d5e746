import { isForRoute } from "../shared/faults.js";
import { openOriginAt, type Origin, type Place, serveLogged, type Serving } from "../shared/origin.js";
import { roundTrip } from "../shared/round-trip.js";
import { send } from "../shared/send.js";
import { htmlAnswer } from "./answer.js";
import { dispatch } from "./dispatch.js";
import type { Fault } from "./faults.js";
import { receive } from "./receive.js";
import type { Host, LoggedRequest, LoggedStart } from "./request-log.js";
import { methodRoute, pathRoute } from "./route-name.js";
import type { World } from "./world.js";

/** The largest body of a request that carries no file. */
const FORM_BYTES = 16 * 1024 * 1024;

type Here = Place<World, LoggedStart, Host>;

/** One host of the service on a port of its own. */
export async function openOrigin(place: Here): Promise<Origin> {
  return await openOriginAt(place, serve);
}

async function serve(serving: Serving<Here>): Promise<void> {
  const { world, log, host, request, response } = serving;
  const url = new URL(request.url ?? "/", "http://emulator");
  const { method = "" } = request;
  const path = url.pathname;
  const logged = log.begin({ route: pathRoute({ host, method, path }), host, method, path, argument: undefined });
  await serveLogged({ request, response, logged, misuse: world.misuse }, () => answer(serving, url, logged));
}

async function answer(
  { world, host, request, response }: Serving<Here>,
  url: URL,
  logged: LoggedRequest,
): Promise<void> {
  const latency = roundTrip(world.settings);
  const isUpload = host === "up";
  // The name of a REST method stands among the arguments, so its fault is known only when they have come.
  const early = host === "api" ? undefined : world.faults.take(isForRoute(logged.route));
  const limits = { cutBytes: cutBytesOf(early), maxBytes: isUpload ? world.settings.requestBytes : FORM_BYTES };
  const received = await receive(request, world.spool, limits);
  logged.bodyBytes = received.bodyBytes;
  logged.argument = received.fields.arguments();
  logged.route = methodRoute(logged, received.fields);
  const fault = host === "api" ? world.faults.take(isForRoute(logged.route)) : early;
  if (received.isTooLarge) {
    response.shouldKeepAlive = false;
    await send(response, htmlAnswer(413, "Request Entity Too Large"), fault);
  } else if (fault?.kind === "cut-before" || !received.isWhole) {
    request.socket.destroy();
  } else {
    const exchange = { world, host, request, url, logged, fault, latency, ...received };
    await send(response, await dispatch(exchange), fault);
  }
}

function cutBytesOf(fault: Fault | undefined): number | undefined {
  return fault?.kind === "cut-before" ? (fault.afterBodyBytes ?? 0) : undefined;
}
