import pLimit from "p-limit";
import type { ContentHash } from "../../lib/model/hash.js";
import { ProviderError } from "../../lib/model/errors.js";
import type { Attempt, Upload, Uploaded } from "../provider.js";
import { headerJson } from "./api.js";
import { attempt, attemptUpload, failed, succeeded } from "../attempts.js";
import { toCommitInfo } from "./commit-info.js";
import { confirmStored, isSessionLost, toUploaded } from "./confirm.js";
import type { Connection } from "./connection.js";
import { StatusError, toRouteError } from "./errors.js";
import { remotePath } from "./paths.js";
import { appendBatchResult, startedSessions } from "./schemas.js";
import { digitsOf, hashBytes, upload } from "./uploads.js";

/** A batch costs three requests at least: one to start, one for the bytes, one to commit. */
const MIN_BATCH = 4;

/** Bytes of one request; a few requests are in memory at once. */
const PACK_BYTES = 8 * 1024 * 1024;

/** The header that says which bytes are whose. How much the service takes is not published: 8 KiB is usual. */
const HEADER_BYTES = 7_500;

/** One file with the session that its bytes go to. */
interface Item {
  readonly file: Upload;
  readonly sessionId: string;
}

/** Bytes that have arrived, ready to be committed. */
interface Arrived extends Item {
  readonly sentHash: ContentHash;
}

/**
 * Stores many small files with few requests: sessions for all of them, their bytes packed together, one commit. A file
 * whose session goes wrong is sent once more by itself. Resolves to one attempt per file, in the order given.
 */
export async function uploadBatch(
  connection: Connection,
  files: readonly Upload[],
  signal: AbortSignal,
): Promise<readonly Attempt<Uploaded>[]> {
  if (files.length < MIN_BATCH) return await Promise.all(files.map((file) => uploadAlone(connection, file, signal)));
  const sessionIds = await startSessions(connection, files.length, signal);
  const items = files.map((file, at): Item => ({ file, sessionId: sessionIds[at] ?? "" }));
  const outcomes = new Map<Upload, Attempt<Uploaded>>();
  const arrived = new Map<Upload, Arrived>();

  await Promise.all(
    toPacks(items).map(async (pack) => {
      for (const [item, outcome] of await sendPack(connection, pack, signal)) {
        if (outcome.ok) arrived.set(item.file, outcome.value);
        else outcomes.set(item.file, outcome);
      }
    }),
  );
  await commitAll(connection, [...arrived.values()], outcomes, signal);
  return await Promise.all(
    files.map(async (file) => {
      const outcome = outcomes.get(file);
      if (outcome === undefined) throw new Error("a file of a batch has no outcome");
      const isWorthAnotherTry = !outcome.ok && isSessionLost(outcome.error);
      return isWorthAnotherTry ? await uploadAlone(connection, file, signal) : outcome;
    }),
  );
}

async function uploadAlone(connection: Connection, file: Upload, signal: AbortSignal): Promise<Attempt<Uploaded>> {
  return await attemptUpload(file, () => upload(connection, file, signal));
}

async function startSessions({ api }: Connection, count: number, signal: AbortSignal): Promise<readonly string[]> {
  const about = { operation: "upload", subject: `${count} files` };
  const arg = { num_sessions: count };
  const call = { ...about, route: "files/upload_session/start_batch", arg, answer: startedSessions, repeatable: true };
  const { session_ids: ids } = await api.rpc(call, signal);
  if (ids.length !== count) throw unexpected("upload");
  return ids;
}

/** Puts files together, in the order given, as far as header and memory allow. */
function toPacks(items: readonly Item[]): readonly (readonly Item[])[] {
  const packs: Item[][] = [];
  let bytes = 0;
  let header = 0;
  for (const item of items) {
    const itemHeader = headerJson(toEntry(item)).length + 1;
    const last = packs.at(-1);
    const fits = bytes + item.file.content.sizeBytes <= PACK_BYTES && header + itemHeader <= HEADER_BYTES;
    if (last !== undefined && fits) last.push(item);
    else packs.push([item]);
    const isNew = last === undefined || !fits;
    bytes = (isNew ? 0 : bytes) + item.file.content.sizeBytes;
    header = (isNew ? 0 : header) + itemHeader;
  }
  return packs;
}

function toEntry({ file, sessionId }: Item) {
  return { cursor: { session_id: sessionId, offset: 0 }, length: file.content.sizeBytes, close: true };
}

type Sent = readonly (readonly [Item, Attempt<Arrived>])[];

/** Reads and sends the files of one pack. Halves it when the service finds the request too large. */
async function sendPack(connection: Connection, pack: readonly Item[], signal: AbortSignal): Promise<Sent> {
  const outcome = await attempt(() => connection.transfers(() => sendOnce(connection, pack, signal)));
  if (outcome.ok) return outcome.value;
  if (pack.length > 1 && isTooLarge(outcome.error)) {
    const middle = Math.ceil(pack.length / 2);
    const halves = [pack.slice(0, middle), pack.slice(middle)];
    return (await Promise.all(halves.map((half) => sendPack(connection, half, signal)))).flat();
  }
  return pack.map((item) => [item, failed(outcome.error)] as const);
}

function isTooLarge(error: ProviderError): boolean {
  return error instanceof StatusError && [400, 413, 431].includes(error.status);
}

async function sendOnce({ api }: Connection, pack: readonly Item[], signal: AbortSignal): Promise<Sent> {
  signal.throwIfAborted();
  const unread: (readonly [Item, Attempt<Arrived>])[] = [];
  const read: { readonly item: Arrived; readonly bytes: Buffer }[] = [];
  for (const item of pack) {
    const { content } = item.file;
    const outcome = await attemptUpload(item.file, () => content.read(0, content.sizeBytes));
    if (outcome.ok) read.push({ item: { ...item, sentHash: hashBytes(outcome.value) }, bytes: outcome.value });
    else unread.push([item, outcome]);
  }
  if (read.length === 0) return unread;
  const body = Buffer.concat(read.map(({ bytes }) => bytes));
  const call = {
    operation: "upload",
    subject: `${read.length} files`,
    route: "files/upload_session/append_batch",
    arg: { entries: read.map(({ item }) => toEntry(item)), content_hash: digitsOf(hashBytes(body)) },
    answer: appendBatchResult,
    repeatable: true,
  };
  const { entries } = await api.send(call, body, signal);
  if (entries.length !== read.length) throw unexpected("upload");
  const sent = read.map(({ item }, at) => [item, toArrived(item, entries[at])] as const);
  return [...unread, ...sent];
}

type AppendResult = { readonly ".tag": "success" } | { readonly ".tag": "failure"; readonly failure?: unknown };

/** Bytes whose answer was lost are sent again, and refused because the session has them and is closed. */
function toArrived(item: Arrived, result: AppendResult | undefined): Attempt<Arrived> {
  if (result === undefined || result[".tag"] === "success") return succeeded(item);
  const error = toRouteError(result.failure, { operation: "upload", subject: item.file.path });
  return error.is("closed") ? succeeded(item) : failed(error);
}

async function commitAll(
  { api, root, commits }: Connection,
  arrived: readonly Arrived[],
  outcomes: Map<Upload, Attempt<Uploaded>>,
  signal: AbortSignal,
): Promise<void> {
  const wanted = arrived.map(({ file, sessionId }) => ({
    sessionId,
    sizeBytes: file.content.sizeBytes,
    info: toCommitInfo(remotePath(root.path, file.path), file.modifiedMs, file.replaces),
  }));
  const results = await commits.finish(wanted, signal);
  const look = pLimit(PARALLEL_LOOKS);
  await Promise.all(
    arrived.map(async ({ file, sentHash }, at) => {
      const result = results[at];
      const path = wanted[at]?.info.path;
      if (result === undefined || path === undefined) throw unexpected("upload");
      const outcome = await attempt(async () => {
        const stored = result.ok
          ? result.value
          : await look(() => confirmStored(api, { error: result.error, path, sentHash }, signal));
        return toUploaded(file, stored, sentHash);
      });
      outcomes.set(file, outcome);
    }),
  );
}

/** Looks at paths whose commit was refused, at once. */
const PARALLEL_LOOKS = 6;

function unexpected(operation: string): ProviderError {
  return new ProviderError(
    "malformed",
    `${operation}: the answer has not as many entries as were sent; run again later`,
  );
}
