import * as z from "zod";
import { parseAnswer } from "../../lib/http/answers.js";
import { backoffMs } from "../../lib/http/backoff.js";
import { parseRetryAfter } from "../../lib/http/retry-after.js";
import type { HttpAnswer } from "../../lib/http/types.js";
import { ProviderError } from "../../lib/model/errors.js";
import type { Attempt } from "../provider.js";
import { wordsFor } from "../refusals.js";
import { isGood, jsonBody, type Call } from "./api.js";
import { attempt, chunksOf, failed } from "../attempts.js";
import type { Connection } from "./connection.js";
import { isBusy, toGraphError } from "./errors.js";
import { batchAnswer } from "./schemas.js";

/** One request of many. */
export interface Member<T> extends Omit<Call<T>, "body"> {
  /** JSON; undefined for none. */
  readonly json?: unknown;
}

/** The most that the service takes in one call. */
export const MEMBERS_PER_CALL = 20;

/** How often members are sent again that the service was too busy for. */
const ROUNDS = 7;
const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 300_000;

/**
 * Sends many requests with few. Members that were throttled, or failed for a passing reason, are sent again after the longest pause
 * that any of them was asked for; members that met a lock or another writer are repeated one by one. Resolves to one attempt
 * per member, in the order given.
 */
export async function sendMany<T>(
  connection: Connection,
  members: readonly Member<T>[],
  signal: AbortSignal,
): Promise<readonly Attempt<T>[]> {
  const attempts: Attempt<T>[] = [];
  for (const chunk of chunksOf(members, MEMBERS_PER_CALL)) {
    for (const [at, outcome] of (await sendChunk(connection, chunk, signal)).entries()) {
      const member = chunk[at];
      const isAlone = chunk.length === 1;
      const mayRepeat = !outcome.ok && isBusy(outcome.error) && member !== undefined;
      attempts.push(
        mayRepeat ? await sendPatiently(connection, member, isAlone ? outcome : undefined, signal) : outcome,
      );
    }
  }
  return attempts;
}

/** One request, repeated while something is locked. */
async function sendPatiently<T>(
  connection: Connection,
  member: Member<T>,
  first: Attempt<T> | undefined,
  signal: AbortSignal,
): Promise<Attempt<T>> {
  let outcome = first ?? (await sendAlone(connection, member, signal));
  for (let round = 1; round <= LOCK_ROUNDS && !outcome.ok && isBusy(outcome.error); round++) {
    await connection.sleep(backoffMs(round, FIRST_PAUSE_MS, Math.random), signal);
    outcome = await sendAlone(connection, member, signal);
  }
  return outcome;
}

/** A lock that lasts longer than this is somebody at work. */
const LOCK_ROUNDS = 4;

async function sendAlone<T>(connection: Connection, member: Member<T>, signal: AbortSignal): Promise<Attempt<T>> {
  const { json, ...call } = member;
  return await attempt(() =>
    connection.api.call({ ...call, body: json === undefined ? undefined : jsonBody(json) }, signal),
  );
}

async function sendChunk<T>(
  connection: Connection,
  chunk: readonly Member<T>[],
  signal: AbortSignal,
): Promise<readonly Attempt<T>[]> {
  const [only] = chunk;
  if (chunk.length === 1 && only !== undefined) return [await sendAlone(connection, only, signal)];
  const attempts = new Map<number, Attempt<T>>();
  let waiting = chunk.map((member, index) => ({ member, index }));
  for (let round = 1; waiting.length > 0; round++) {
    const answers = await sendOnce(
      connection,
      waiting.map(({ member }) => member),
      signal,
    );
    let pauseMs = 0;
    const again: typeof waiting = [];
    for (const [at, one] of waiting.entries()) {
      const answer = answers[at];
      if (answer === undefined) throw unexpected(one.member);
      attempts.set(one.index, await toAttempt(one.member, answer));
      if (!mayRepeat(one.member, answer)) continue;
      again.push(one);
      pauseMs = Math.max(pauseMs, parseRetryAfter(answer.headers, connection.now()) ?? 0);
    }
    waiting = again;
    connection.api.pause(pauseMs);
    if (waiting.length === 0 || round === ROUNDS || pauseMs > LONGEST_PAUSE_MS) break;
    await connection.sleep(Math.max(pauseMs, backoffMs(round, FIRST_PAUSE_MS, Math.random)), signal);
  }
  return chunk.map((member, index) => attempts.get(index) ?? failed(unexpected(member)));
}

async function sendOnce<T>(
  { api }: Connection,
  members: readonly Member<T>[],
  signal: AbortSignal,
): Promise<readonly HttpAnswer[]> {
  const requests = members.map(({ method, path, headers = {}, json }, at) => {
    const type = json === undefined ? {} : { "content-type": "application/json" };
    const all = { ...headers, ...type };
    return {
      id: String(at + 1),
      method,
      url: path,
      ...(Object.keys(all).length === 0 ? {} : { headers: all }),
      ...(json === undefined ? {} : { body: json }),
    };
  });
  const [first] = members;
  const about = { operation: first?.operation ?? "batch", subject: `${String(members.length)} entries` };
  const repeatable = members.every((member) => member.repeatable);
  const call = { ...about, method: "POST", path: "/$batch", body: jsonBody({ requests }), repeatable } as const;
  const { responses } = await api.call({ ...call, answer: batchAnswer }, signal);
  const byId = new Map(responses.map((response) => [response.id, response]));
  return requests.map(({ id }) => {
    const response = byId.get(id);
    if (response === undefined)
      throw new ProviderError("malformed", `${wordsFor(about)}: an answer is missing; run again later`);
    return { status: response.status, headers: toHeaders(response.headers ?? {}), text: toText(response.body) };
  });
}

/** Names in lower case, as elsewhere. */
function toHeaders(headers: Readonly<Record<string, unknown>>): Record<string, string> {
  const text = z.union([z.string(), z.number()]);
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) => {
      const parsed = text.safeParse(value);
      return parsed.success ? [[name.toLowerCase(), String(parsed.data)]] : [];
    }),
  );
}

/** A body that is a text is JSON, mostly in Base64. */
function toText(body: unknown): string {
  if (body === undefined || body === null) return "{}";
  if (typeof body !== "string") return JSON.stringify(body);
  return body.trimStart().startsWith("{") ? body : Buffer.from(body, "base64").toString("utf8");
}

/** What passes by itself. Those that may have been carried out are only repeated where that does no harm. */
function mayRepeat({ repeatable }: Member<unknown>, { status }: HttpAnswer): boolean {
  if (status === 429 || status === 424 || status === 401) return true;
  return repeatable && [408, 500, 502, 503, 504, 509].includes(status);
}

/** What an unreadable answer leaves open is open for this member alone. */
async function toAttempt<T>(member: Member<T>, answer: HttpAnswer): Promise<Attempt<T>> {
  if (!isGood(answer.status)) return failed(toGraphError(answer, member));
  const text = answer.text.trim() === "" ? "{}" : answer.text;
  return await attempt(() => Promise.resolve(parseAnswer(member.answer, { ...answer, text }, wordsFor(member))));
}

function unexpected(member: Member<unknown>): ProviderError {
  return new ProviderError("malformed", `${wordsFor(member)}: OneDrive did not say what became of it`);
}
