import { backoffMs } from "../../lib/http/backoff.js";
import type { HttpAnswer } from "../../lib/http/types.js";
import { ProviderError } from "../../lib/model/errors.js";
import type { ContentHash } from "../../lib/model/hash.js";
import type { Upload } from "../provider.js";
import { attempt } from "../attempts.js";
import type { Subject } from "../refusals.js";
import { patiently } from "./patience.js";
import type { Connection } from "./connection.js";
import { hashIfShown } from "./content-hash.js";
import { damageIn } from "./damage.js";
import { hashOf, isVersion } from "./entries.js";
import { isTaken, toServiceError } from "./errors.js";
import { lateMs, pauseAfter } from "./late.js";
import { lookUp } from "./look.js";
import { parseJson } from "../memory.js";
import { statusOf } from "./operations.js";
import { folderOf, type RemotePath } from "./paths.js";
import { errorAnswer, link, type Item, type Link } from "./schemas.js";
import { openContent, type SentContent } from "./sent-content.js";
import { setAside } from "./set-aside.js";

/** Content that is to become the file at the path. */
export interface Delivery {
  readonly file: Upload;
  readonly path: RemotePath;
  /** Whether the version that `file.replaces` names may be there; else nothing may. */
  readonly mayReplace: boolean;
  /** Called when the content is about to be sent, and before anything of it is. */
  readonly beforeSending?: () => void;
}

/** Content that the service has taken, and that has yet to be seen at the path. */
export interface Sent extends Delivery {
  readonly sentHash: ContentHash;
  /** True when the service has shown these very bytes before: what is at the path instead is somebody else's. */
  readonly wasSeen?: true;
}

export interface Delivered {
  readonly sent: Sent;
  /** Whether an earlier try may have been stored as well: then it can still show up. */
  readonly mayComeTwice: boolean;
}

/** Links are good for one upload: every try has one of its own. */
const TRIES = 4;
const FIRST_PAUSE_MS = 1_000;

/**
 * Sends the content and resolves once the service has it, or once it is seen although no answer came; whether all bytes are the
 * right ones is seen to afterwards. Before anything is sent again, the path is looked at for it.
 */
export async function send(connection: Connection, delivery: Delivery, signal: AbortSignal): Promise<Delivered> {
  for (let tries = 1; ; tries++) {
    const { outcome, sent } = await connection.transfers(delivery.file, () =>
      tryToSend(connection, delivery, tries > 1, signal),
    );
    const delivered = { sent, mayComeTwice: tries > 1 };
    if (outcome.kind === "created") return delivered;
    if (outcome.kind !== "refused" && (await arrives(connection, sent, outcome, signal))) return delivered;
    if (tries === TRIES) throw outcome.error;
    await connection.sleep(backoffMs(tries, FIRST_PAUSE_MS, Math.random), signal);
  }
}

interface Tried {
  readonly outcome: Outcome;
  /** Its hash is that of what was read. */
  readonly sent: Sent;
}

async function tryToSend(
  connection: Connection,
  delivery: Delivery,
  isAgain: boolean,
  signal: AbortSignal,
): Promise<Tried> {
  const { replaces } = delivery.file;
  if (!isAgain && delivery.mayReplace && replaces !== undefined) {
    await setAside(connection, replaces, delivery.path, signal);
  }
  const found = isAgain ? await lookUp(connection, delivery.path, signal) : undefined;
  const arrived = found === undefined ? undefined : await recognise(delivery, found, signal);
  if (arrived !== undefined) return arrived;
  if (found !== undefined) assertOld(delivery, found);

  const content = await openContent(delivery.file.content, connection.now);
  const asked = await attempt(() => requestLink(connection, delivery, signal));
  if (!asked.ok) return await confirmTaken(connection, delivery, asked.error, signal);
  if (delivery.mayReplace) await lookOnceMore(connection, delivery, signal);
  delivery.beforeSending?.();
  const startedMs = connection.now();
  const outcome = await shoot(connection, delivery, { link: asked.value, content }, signal);
  const sent = { ...delivery, sentHash: content.hash() };
  const readMs = content.readMs();
  if (outcome.kind !== "refused" && readMs !== undefined) connection.leftovers.noteSent(delivery.path);
  if (outcome.kind !== "lost") return { outcome, sent };
  if (readMs === undefined) return { outcome: { ...outcome, kind: "refused" }, sent };
  return { outcome: { ...outcome, waitedMs: connection.now() - Math.max(readMs, startedMs) }, sent };
}

/**
 * The service overwrites whatever is there, so the last thing before is a look. Rejects with "changed" when another version is
 * there than the one to be replaced.
 */
export async function lookOnceMore(
  connection: Connection,
  delivery: Pick<Delivery, "file" | "path" | "mayReplace">,
  signal: AbortSignal,
): Promise<void> {
  const found = await lookUp(connection, delivery.path, signal);
  if (found !== undefined) assertOld(delivery, found);
}

/** Before a further try: what is there now may still be the old version, and nothing else. */
function assertOld({ file, mayReplace }: Pick<Delivery, "file" | "mayReplace">, found: Item): void {
  if (mayReplace && file.replaces !== undefined && isVersion(found, file.replaces)) return;
  throw new ProviderError("changed", `upload ${file.path}: something else is there by now`);
}

async function requestLink(connection: Connection, delivery: Delivery, signal: AbortSignal): Promise<Link> {
  const { api, folders, sleep } = connection;
  const { path, mayReplace } = delivery;
  const query = { path, overwrite: mayReplace, fields: "href,operation_id" };
  const call = { ...about(delivery), method: "GET", route: "/resources/upload", query, repeatable: true } as const;
  const ask = (): Promise<Link> => patiently(() => api.ask(call, link, signal), sleep, signal);
  return await folders.within(folderOf(path), ask, signal);
}

/** What an earlier run sent may have arrived after its end: the very bytes at the path are no obstacle. */
async function confirmTaken(
  connection: Connection,
  delivery: Delivery,
  refusal: ProviderError,
  signal: AbortSignal,
): Promise<Tried> {
  const found = isTaken(refusal) ? await lookUp(connection, delivery.path, signal) : undefined;
  const arrived = found === undefined ? undefined : await recognise(delivery, found, signal);
  if (arrived === undefined) throw refusal;
  return arrived;
}

/** Content of this file that came late. */
async function recognise(delivery: Delivery, found: Item, signal: AbortSignal): Promise<Tried | undefined> {
  const sentHash = await hashIfShown(delivery.file.content, found, signal);
  return sentHash === undefined ? undefined : { outcome: { kind: "created" }, sent: { ...delivery, sentHash } };
}

type Outcome =
  | { readonly kind: "created" }
  /** The service has all bytes and will store them. */
  | { readonly kind: "accepted"; readonly operationId: string | undefined; readonly error: ProviderError }
  /** No answer: the file may be stored all the same. `waitedMs` is how long ago its last byte was handed over. */
  | {
      readonly kind: "lost";
      readonly operationId: string | undefined;
      readonly error: ProviderError;
      readonly waitedMs: number;
    }
  /** The uploader speaks of an error of its own. The file has been seen to be stored even so. */
  | { readonly kind: "failed"; readonly operationId: string | undefined; readonly error: ProviderError }
  /** Nothing was stored; another link may do better. */
  | { readonly kind: "refused"; readonly error: ProviderError };

async function shoot(
  { api }: Connection,
  delivery: Delivery,
  { link: { href, operation_id: operationId }, content }: { readonly link: Link; readonly content: SentContent },
  signal: AbortSignal,
): Promise<Outcome> {
  const responseTimeoutMs = Math.max(ANSWER_MS, lateMs(delivery.file.content.sizeBytes));
  const sending = { ...about(delivery), url: href, body: content.body, responseTimeoutMs };
  const answer = await attempt(() => api.put(sending, signal));
  if (!answer.ok) {
    if (answer.error.code !== "unavailable") throw answer.error;
    return { kind: "lost", operationId, error: answer.error, waitedMs: 0 };
  }
  return toOutcome(delivery, answer.value, operationId);
}

function toOutcome(delivery: Delivery, answer: HttpAnswer, operationId: string | undefined): Outcome {
  const { status } = answer;
  if (status === 201) return { kind: "created" };
  if (status < 300) {
    const error = unavailable(delivery, "Yandex took the content and has not stored it");
    return { kind: "accepted", operationId, error };
  }
  const told = parseJson(answer.text, errorAnswer);
  const refusal = { status, error: told?.error ?? "", description: told?.description };
  const named = toServiceError(refusal, about(delivery));
  // No other link changes these: the file is too large, or there is no room or no allowance for it.
  if (status === 413 || named.code === "quota") throw named;
  const error = unavailable(delivery, `the uploader answered with status ${status}`);
  if (LOST.includes(status)) return { kind: "lost", operationId, error, waitedMs: 0 };
  return status >= 500 ? { kind: "failed", operationId, error } : { kind: "refused", error };
}

/** Said by what stands before the uploader, which does not know what became of the content. */
const LOST = [408, 502, 504];

/** From the last byte to the answer, at least: the service hashes the content before it answers. */
const ANSWER_MS = 120_000;

/** What was taken without a doubt may take longer. */
const ACCEPTED_MS = 120_000;

/** After an error of the uploader, unless the service says that the upload was carried out. */
const FAILED_MS = 5_000;

/** Waits for content of which it is not known whether it was stored. Sending it again at once would store it twice. */
async function arrives(
  connection: Connection,
  sent: Sent,
  outcome: Exclude<Outcome, { kind: "created" | "refused" }>,
  signal: AbortSignal,
): Promise<boolean> {
  const { kind, operationId } = outcome;
  const longMs = lateMs(sent.file.content.sizeBytes);
  let patienceMs = { accepted: longMs + ACCEPTED_MS, lost: longMs, failed: FAILED_MS }[kind];
  // Where no answer came for minutes, the service has had them already.
  for (let waitedMs = outcome.kind === "lost" ? Math.max(0, outcome.waitedMs) : 0; ;) {
    const found = await lookUp(connection, sent.path, signal);
    if (found !== undefined && hashOf(found) === sent.sentHash) return true;
    // An entry may come before its hash, and then may be anything.
    if (found?.sha256 !== undefined) {
      if ((await damageIn(sent, found, signal)) !== undefined) return true;
      assertOld(sent, found);
    }
    if (waitedMs >= patienceMs) return false;
    const pauseMs = pauseAfter(waitedMs);
    await connection.sleep(pauseMs, signal);
    waitedMs += pauseMs;
    const status =
      operationId === undefined ? "unknown" : await statusOf(connection.api, operationId, about(sent), signal);
    if (status === "failed") return false;
    if (status === "success") patienceMs = Math.max(patienceMs, longMs);
  }
}

function about({ file }: Delivery): Subject {
  return { operation: "upload", subject: file.path };
}

function unavailable({ file }: Delivery, what: string): ProviderError {
  return new ProviderError("unavailable", `upload ${file.path}: ${what}; run again later`);
}
