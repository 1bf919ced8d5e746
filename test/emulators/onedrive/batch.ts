import * as z from "zod";
import type { Answer } from "../shared/answer.js";
import { collectAll } from "../shared/bytes.js";
import { parseAddress } from "./address.js";
import { replacement } from "./answer-instead.js";
import { jsonAnswer, refusalAnswer } from "./answer.js";
import { blobInMemory } from "./content.js";
import type { Exchange } from "./exchange.js";
import { badRequest, Refusal, refusal } from "./failures.js";

const Member = z.strictObject({
  id: z.string().min(1),
  method: z.enum(["GET", "POST", "PUT", "PATCH", "DELETE"]),
  url: z.string(),
  headers: z.record(z.string(), z.string()).optional(),
  body: z.unknown().optional(),
  dependsOn: z.array(z.string()).optional(),
});
type Member = z.output<typeof Member>;

const Batch = z.strictObject({ requests: z.array(Member).min(1) });

/** Carries the members of a batch out, each for itself, in any order that their dependencies allow. */
export async function answerBatch(exchange: Exchange, answer: (member: Exchange) => Promise<Answer>): Promise<Answer> {
  const members = await readBatch(exchange);
  const { world } = exchange;
  const statuses = new Map<string, number>();
  const responses: unknown[] = [];
  for (const member of inOrder(world.chance.shuffle([...members]))) {
    const hasFailed = (member.dependsOn ?? []).some((id) => (statuses.get(id) ?? 0) >= 400);
    const made = hasFailed ? failedDependency() : await answerSafely(await toExchange(exchange, member), answer);
    statuses.set(member.id, made.status);
    responses.push(await toResponse(exchange, member, made));
  }
  return jsonAnswer(200, { responses: world.chance.shuffle(responses) });
}

async function readBatch({ body, headers, world, logged }: Exchange): Promise<readonly Member[]> {
  const bytes = body === undefined ? Buffer.alloc(0) : await collectAll(body);
  if (!(headers["content-type"] ?? "").startsWith("application/json")) throw badRequest("a batch that is not JSON");
  const { batchMembers, batchBytes } = world.settings;
  if (logged.bodyBytes > batchBytes) {
    throw refusal(413, "invalidRequest", { message: "Request Entity Too Large", misuse: "a batch that is too large" });
  }
  const result = Batch.safeParse(parseJson(bytes.toString()));
  if (!result.success) throw badRequest(`Invalid batch payload format: ${z.prettifyError(result.error)}`);
  const { requests } = result.data;
  if (requests.length > batchMembers) {
    const misuse = `a batch of ${String(requests.length)} requests`;
    throw refusal(400, "MaximumValueExceeded", { message: misuse, misuse });
  }
  assertSound(requests);
  return requests;
}

/** Ids are unique, dependencies exist and come in one of the shapes that have always been accepted. */
function assertSound(members: readonly Member[]): void {
  const ids = members.map(({ id }) => id.toLowerCase());
  if (new Set(ids).size !== ids.length) throw badRequest("ids of a batch are not unique");
  const wanted = members.flatMap(({ dependsOn = [] }) => dependsOn);
  const missing = wanted.find((id) => !members.some((member) => member.id === id));
  if (missing !== undefined) throw badRequest(`dependsOn names ${missing}, which is not there`);
  for (const { method, headers, body, url } of members) {
    if (!url.startsWith("/")) throw badRequest("the URL of a member is not relative");
    if ((method === "GET" || method === "DELETE") && body !== undefined) throw badRequest(`${method} with a body`);
    const hasType = Object.keys(headers ?? {}).some((name) => name.toLowerCase() === "content-type");
    if (body !== undefined && !hasType) throw badRequest("a member with a body and without Content-Type");
  }
}

/** Members after those they depend on; a circle is refused. */
function inOrder(members: readonly Member[]): readonly Member[] {
  const ordered: Member[] = [];
  let waiting = [...members];
  while (waiting.length > 0) {
    const isReady = ({ dependsOn = [] }: Member): boolean =>
      dependsOn.every((id) => ordered.some((done) => done.id === id));
    const ready = waiting.filter(isReady);
    if (ready.length === 0) throw badRequest("members of a batch depend on each other in a circle");
    ordered.push(...ready);
    waiting = waiting.filter((member) => !ready.includes(member));
  }
  return ordered;
}

async function toExchange(exchange: Exchange, member: Member): Promise<Exchange> {
  const [path = "", query = ""] = splitOnce(member.url);
  const own = Object.entries(member.headers ?? {}).map(([name, value]) => [name.toLowerCase(), value] as const);
  const headers: Record<string, string | undefined> = {
    authorization: exchange.headers["authorization"],
    ...Object.fromEntries(own),
  };
  const address = safely(() => parseAddress(member.method, path));
  const route = address instanceof Refusal ? path : address.route;
  const { world } = exchange;
  const fault = world.faults.take((one) => one.route === `batch/${route}` || one.route === "batch/*");
  const body = blobInMemory(toBytes(member.body, headers["content-type"] ?? ""));
  return {
    ...exchange,
    ...{ method: member.method, path, query: new URLSearchParams(query), headers, address, fault, body },
    logged: { ...exchange.logged, route: `batch/${route}` },
    isBatched: true,
  };
}

async function answerSafely(member: Exchange, answer: (member: Exchange) => Promise<Answer>): Promise<Answer> {
  const { world, requestId, headers } = member;
  try {
    const made = await answer(member);
    return replacement(member) ?? made;
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    if (error.details.misuse !== undefined) world.misuse.push(`${member.logged.route}: ${error.details.misuse}`);
    const context = { requestId, clientRequestId: headers["client-request-id"], nowMs: world.clock.nowMs() };
    return refusalAnswer(error, { ...context, innerName: "innerError" });
  }
}

async function toResponse(exchange: Exchange, member: Member, { status, headers, body }: Answer): Promise<unknown> {
  const [path = ""] = splitOnce(member.url);
  const address = safely(() => parseAddress(member.method, path));
  const route = address instanceof Refusal ? path : address.route;
  exchange.logged.members.push({ route, target: path, status });
  if (typeof body !== "string") throw new Error("no member of a batch answers with a content");
  const parsed = body === "" ? null : parseText(body);
  const isBinary = route === "upload" && exchange.world.settings.batchAnswersInBase64;
  const shown = isBinary && parsed !== null ? Buffer.from(JSON.stringify(parsed)).toString("base64") : parsed;
  return { id: member.id, status, headers: { "Cache-Control": "no-store", ...headers }, body: shown };
}

function failedDependency(): Answer {
  return jsonAnswer(424, { error: { code: "failedDependency", message: "A request it depends on failed." } });
}

/** JSON as it stands; anything else is base64. */
function toBytes(body: unknown, type: string): Buffer {
  if (body === undefined || body === null) return Buffer.alloc(0);
  if (type.startsWith("application/json")) return Buffer.from(JSON.stringify(body));
  if (typeof body !== "string") throw badRequest(`a member of a batch with a ${typeof body} as ${type}`);
  return Buffer.from(body, "base64");
}

function parseText(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw badRequest("Invalid batch payload: no JSON");
  }
}

function splitOnce(url: string): readonly [string, string] {
  const at = url.indexOf("?");
  return at < 0 ? [url, ""] : [url.slice(0, at), url.slice(at + 1)];
}

function safely<T>(run: () => T): T | Refusal {
  try {
    return run();
  } catch (error) {
    if (error instanceof Refusal) return error;
    throw error;
  }
}
