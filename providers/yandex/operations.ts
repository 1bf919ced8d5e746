import type { Sleep } from "../../lib/http/sleep.js";
import { ProviderError } from "../../lib/model/errors.js";
import { wordsFor, type Subject } from "../refusals.js";
import type { Call, YandexApi } from "./api.js";
import { patiently } from "./patience.js";
import { isNotFound } from "./errors.js";
import { folderOf } from "./paths.js";
import { operation, type Link } from "./schemas.js";
import type { WriteTurns } from "./write-turns.js";

/** "unknown": the service does not know the operation any more; what became of it shows only in the files. */
export type OperationStatus = "in-progress" | "success" | "failed" | "unknown";

const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 5_000;

/** A folder with very much in it takes minutes to move. */
const PATIENCE_MS = 30 * 60_000;

/** What writing takes. */
export interface Writing {
  readonly api: YandexApi;
  readonly turns: WriteTurns;
  readonly sleep: Sleep;
}

/**
 * Makes a call that changes something, waits while the path is held by another one, and waits for the operation that the
 * service goes on with. Rejects with "unavailable" when that fails: the service gives no reason.
 */
export async function carryOut(writing: Writing, call: Call, signal: AbortSignal): Promise<void> {
  const { turns, sleep } = writing;
  const { from, path } = call.query;
  const folders = [from, path].flatMap((one) => (typeof one === "string" ? folderOf(one) : []));
  const work = (): Promise<void> => carryOutOnce(writing, call, signal);
  await turns.take(folders, work, () => patiently(work, sleep, signal));
}

async function carryOutOnce({ api, sleep }: Writing, call: Call, signal: AbortSignal): Promise<void> {
  const started = await api.act(call, signal);
  if (started === undefined) return;
  const id = operationIn(started, call);
  for (let pauseMs = FIRST_PAUSE_MS, waitedMs = 0; waitedMs < PATIENCE_MS;) {
    await sleep(pauseMs, signal);
    waitedMs += pauseMs;
    pauseMs = Math.min(LONGEST_PAUSE_MS, pauseMs + FIRST_PAUSE_MS);
    const status = await statusOf(api, id, call, signal);
    if (status === "success") return;
    if (status === "failed") throw ended(call, "failed without a reason; check the free space of the Disk");
    if (status === "unknown") throw ended(call, "is not known any more");
  }
  throw ended(call, "has not come to an end in half an hour");
}

export async function statusOf(
  api: YandexApi,
  id: string,
  about: Subject,
  signal: AbortSignal,
): Promise<OperationStatus> {
  const { subject } = about;
  const route = `/operations/${encodeURIComponent(id)}`;
  const call = { operation: "wait for", subject, method: "GET", route, query: { fields: "status" } } as const;
  try {
    const { status } = await api.ask({ ...call, repeatable: true }, operation, signal);
    return status === "success" || status === "failed" ? status : "in-progress";
  } catch (error) {
    if (isNotFound(error)) return "unknown";
    throw error;
  }
}

/**
 * The number of the operation is all that is taken from the link: links have come with plain http, and the token must go to no
 * host but the service's own.
 */
function operationIn({ href }: Link, about: Subject): string {
  const url = URL.canParse(href) ? new URL(href) : undefined;
  const id = url?.searchParams.get("id") ?? /\/operations\/([^/]+)$/.exec(url?.pathname ?? "")?.[1];
  if (id !== undefined) return decodeURIComponent(id);
  throw new ProviderError("malformed", `${wordsFor(about)}: Yandex did not say what it goes on with; run again later`);
}

function ended(about: Subject, what: string): ProviderError {
  return new ProviderError("unavailable", `${wordsFor(about)}: the operation at Yandex ${what}; run again later`);
}
