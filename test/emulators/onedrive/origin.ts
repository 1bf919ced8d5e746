import type { IncomingMessage } from "node:http";
import { isCutBefore } from "../shared/cut-before.js";
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
import { type Address, parseAddress } from "./address.js";
import { compressed } from "./compressed.js";
import { dispatch } from "./dispatch.js";
import type { Exchange } from "./exchange.js";
import { badRequest, Refusal } from "./failures.js";
import { filesRoute } from "./files-host.js";
import { newGuid } from "./ids.js";
import type { Host, LoggedRequest, LoggedStart } from "./request-log.js";
import { signInRoute } from "./sign-in-host.js";
import type { World } from "./world.js";
import { XorRow } from "./xor-row.js";

/** More than any request may bring, so that the emulator's own limits are the ones that are met. */
const BODY_BYTES = 512 * 1024 * 1024;

/** Hosts of the real service, as clients behind the TLS proxy ask for them. */
const OFFICIAL_GRAPH_HOSTS = new Set(["graph.microsoft.com"]);

type Here = Place<World, LoggedStart, Host>;

/** One host of the service on a port of its own. */
export async function openOrigin(place: Here): Promise<Origin> {
  return await openOriginAt(place, serve, { maxHeaderSize: MAX_HEADER_BYTES });
}

async function serve(serving: Serving<Here>): Promise<void> {
  const { world, log, host, request, response } = serving;
  const line = readLine(host, request);
  const { route, method } = line;
  const logged = log.begin({ route, host, method, target: `${line.path}${shownQuery(line.query)}`, members: [] });
  await serveLogged({ request, response, logged, misuse: world.misuse }, async () => {
    const exchange = await receive(serving, line, logged);
    if (exchange === undefined) return;
    const { headers, fault } = exchange;
    const mayCompress = host === "graph" && world.settings.gzip && /\bgzip\b/.test(headers["accept-encoding"] ?? "");
    const answer = await dispatch(exchange);
    await send(response, mayCompress ? compressed(answer) : answer, fault);
  });
}

interface RequestLine {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly route: string;
  readonly address: Address | Refusal | undefined;
}

function readLine(host: Host, request: IncomingMessage): RequestLine {
  const [target = "", query = ""] = (request.url ?? "/").split(/\?(.*)/s);
  const override = request.headers["x-http-method-override"];
  const method = request.method === "POST" && typeof override === "string" ? override : (request.method ?? "");
  const line = { method, query: new URLSearchParams(query), address: undefined };
  if (host === "login") return { ...line, path: target, route: signInRoute(target) };
  if (host === "files") return { ...line, path: target, route: filesRoute(method, target) };
  const path = target.replace(/^\/v1\.0/, "").replace(/^\/\/+/, "/");
  const address = target.startsWith("/v1.0/") ? addressOf(method, path) : badRequest(`${target} is not below /v1.0`);
  return { ...line, path, address, route: address instanceof Refusal ? path : address.route };
}

function addressOf(method: string, path: string): Address | Refusal {
  try {
    return parseAddress(method, path);
  } catch (error) {
    if (error instanceof Refusal) return error;
    throw error;
  }
}

/** Takes the request in whole; undefined when a fault cut the connection first, or the client did. */
async function receive(
  { world, host, request }: Serving<Here>,
  line: RequestLine,
  logged: LoggedRequest,
): Promise<Exchange | undefined> {
  const fault = world.faults.take(({ route }) => [line.route, "*", `${host}/*`].includes(route));
  if (await isCutBefore(request, fault)) return undefined;
  const row = new XorRow();
  const { bytes, sizeBytes, isWhole } = await takeBody(world.spool, request, { limitBytes: BODY_BYTES, hasher: row });
  logged.bodyBytes = sizeBytes;
  if (!isWhole) return undefined;
  const headers = Object.fromEntries(
    Object.entries(request.headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(", ") : value]),
  );
  return {
    ...{ world, host, headers, logged, fault },
    ...{ method: line.method, path: line.path, query: line.query, address: line.address },
    body: bytes === undefined ? undefined : { ...bytes, row },
    latency: roundTrip(world.settings),
    officialHost: officialHost(headers),
    requestId: newGuid(world.chance),
    isBatched: false,
  };
}

/** By its own name or, for clients whose network function a test has replaced, by the name they meant. */
function officialHost(headers: Readonly<Record<string, string | undefined>>): string | undefined {
  const names = [headers["x-forwarded-host"], headers["host"]];
  return names.find((name) => name !== undefined && OFFICIAL_GRAPH_HOSTS.has(name));
}

/** Tokens in URLs stay out of the log. */
function shownQuery(query: URLSearchParams): string {
  const shown = [...query].map(([name, value]) => `${name}=${name === "tempauth" ? "…" : value}`).join("&");
  return shown === "" ? "" : `?${shown}`;
}
