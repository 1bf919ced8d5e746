import { LocalError, ProviderError } from "../../lib/model/errors.js";
import type { Attempt, Upload, Uploaded } from "../provider.js";
import { attempt, chunksOf, failed, succeeded } from "../attempts.js";
import { MEMBERS_PER_CALL } from "./batch.js";
import { lookAtFiles, type Condition } from "./condition.js";
import { findStored, toUploaded } from "./confirm.js";
import type { Connection } from "./connection.js";
import { isNotFound } from "./errors.js";
import { ensureParents } from "./folders.js";
import { assertUnchanged, listedCondition, needsLookFirst, openSession, openSessions } from "./open-session.js";
import { putWhole } from "./put-whole.js";
import type { FoundRoot } from "./root.js";
import { createSavedSessions } from "./saved-sessions.js";
import { createSentBytes, type SentContent } from "./sent-content.js";
import { cancelSession, sendRanges, SessionLost } from "./upload-session.js";

/** What became of one file: stored, or the error, also of reading it. */
export type StoredOrNot =
  { readonly ok: true; readonly value: Uploaded } | { readonly ok: false; readonly error: ProviderError | LocalError };

/** Files in memory that are sent together. */
interface Item {
  readonly file: Upload;
  readonly content: SentContent;
  readonly condition: Condition | undefined;
}

/**
 * Stores small files: their upload sessions are created twenty to a request, and each takes its bytes and its time with one more. So
 * every file is one version. Whatever is refused goes the long way by itself. Resolves in the order given.
 */
export async function storeGroups(
  connection: Connection,
  files: readonly Upload[],
  signal: AbortSignal,
): Promise<readonly StoredOrNot[]> {
  const root = await connection.root.ensure(signal);
  const groups = chunksOf(files, MEMBERS_PER_CALL).map((chunk) =>
    connection.groups(async () => {
      signal.throwIfAborted();
      return await storeGroup(connection, root, chunk, signal);
    }),
  );
  // All are waited for, so that nothing goes on behind the back of whoever handles a failure.
  const settled = await Promise.allSettled(groups);
  return settled.flatMap((group) => {
    if (group.status === "rejected") throw group.reason;
    return group.value;
  });
}

async function storeGroup(
  connection: Connection,
  root: FoundRoot,
  files: readonly Upload[],
  signal: AbortSignal,
): Promise<readonly StoredOrNot[]> {
  const outcomes = new Map<Upload, StoredOrNot>();
  const items = await prepare(connection, root, files, outcomes, signal);
  const [empty, filled] = [items.filter(isEmpty), items.filter((item) => !isEmpty(item))];
  const stored = empty.map(async (item) => {
    outcomes.set(
      item.file,
      await attempt(() => connection.transfers(() => storeEmpty(connection, root, item, signal))),
    );
  });
  await settleAll([...stored, storeFilled(connection, root, filled, outcomes, signal)]);
  return files.map((file) => {
    const outcome = outcomes.get(file);
    if (outcome === undefined) throw new Error("a file of a group has no outcome");
    return outcome;
  });
}

/** Reads the contents, and looks at files whose listed eTag says too little. What cannot be read or replaced is out already. */
async function prepare(
  connection: Connection,
  root: FoundRoot,
  files: readonly Upload[],
  outcomes: Map<Upload, StoredOrNot>,
  signal: AbortSignal,
): Promise<readonly Item[]> {
  const looked = files.filter((file) => needsLookFirst(file, root));
  const conditions = await lookAtFiles(
    connection,
    root,
    looked.flatMap(({ replaces }) => replaces ?? []),
    false,
    signal,
  );
  const items: Item[] = [];
  for (const file of files) {
    const at = looked.indexOf(file);
    const condition = at === -1 ? listedCondition(file) : conditions[at];
    try {
      assertUnchanged(file, condition);
      const bytes = await file.content.read(0, file.content.sizeBytes);
      items.push({ file, content: createSentBytes(bytes, root.drive), condition });
    } catch (error) {
      if (!(error instanceof LocalError || error instanceof ProviderError)) throw error;
      outcomes.set(file, { ok: false, error });
    }
  }
  return items;
}

async function storeFilled(
  connection: Connection,
  root: FoundRoot,
  items: readonly Item[],
  outcomes: Map<Upload, StoredOrNot>,
  signal: AbortSignal,
): Promise<void> {
  if (items.length === 0) return;
  const opened = await openAll(connection, root, items, signal);
  const sessions = items.flatMap((item, at) => {
    const outcome = opened[at];
    return outcome?.ok === true ? [{ item, url: outcome.value }] : [];
  });
  const saved = createSavedSessions(connection.memory, connection.now);
  // Durable before the first byte: should this run be killed, a later one can free the names.
  const release = saved.keepGroup(sessions.map(({ item, url }) => ({ url, path: item.file.path })));
  const byItem = new Map(sessions.map(({ item, url }) => [item, url]));
  await settleAll(
    items.map(async (item, at) => {
      const refusal = opened[at];
      const outcome = await attempt(() =>
        connection.transfers(() => storeOne(connection, root, { item, url: byItem.get(item), refusal }, signal)),
      );
      outcomes.set(item.file, outcome);
    }),
  );
  release();
}

/** Sessions for all; once more for those whose folder did not exist yet. */
async function openAll(
  connection: Connection,
  root: FoundRoot,
  items: readonly Item[],
  signal: AbortSignal,
): Promise<readonly Attempt<string>[]> {
  const first = await openSessions(connection, root, items, signal);
  const homeless = items.filter((item, at) => {
    const outcome = first[at];
    return item.file.replaces === undefined && outcome?.ok === false && isNotFound(outcome.error);
  });
  const toUrl = (one: (typeof first)[number]): Attempt<string> => (one.ok ? succeeded(one.value.uploadUrl) : one);
  if (homeless.length === 0) return first.map(toUrl);
  await ensureParents(
    connection,
    root,
    homeless.map(({ file }) => file.path),
    signal,
  );
  const second = await openSessions(connection, root, homeless, signal);
  const better = new Map(homeless.map((item, at) => [item, second[at]]));
  return items.flatMap((item, at) => {
    const outcome = better.get(item) ?? first[at];
    return outcome === undefined ? [] : [toUrl(outcome)];
  });
}

async function storeOne(
  connection: Connection,
  root: FoundRoot,
  session: { readonly item: Item; readonly url: string | undefined; readonly refusal: Attempt<string> | undefined },
  signal: AbortSignal,
): Promise<Uploaded> {
  const { item, url, refusal } = session;
  if (url === undefined) {
    // A refusal that no other way leads around is final; all others have a remedy.
    if (refusal?.ok === false && FINAL.has(refusal.error.code)) throw refusal.error;
    return await storeTheLongWay(connection, root, item, signal);
  }
  const outcome = await attempt(() => sendInSession(connection, item, url, signal));
  if (outcome.ok) return await toUploaded(connection, toSent(root, item), outcome.value, signal);
  const stored = await findStored(connection, toSent(root, item), signal);
  if (stored !== undefined) return await toUploaded(connection, toSent(root, item), stored, signal);
  if (outcome.error instanceof SessionLost) return await storeTheLongWay(connection, root, item, signal);
  await cancelSession(connection, { url, subject: item.file.path }, signal);
  throw outcome.error;
}

const FINAL: ReadonlySet<ProviderError["code"]> = new Set(["unauthorized", "quota", "rejected", "malformed"]);

async function storeTheLongWay(
  connection: Connection,
  root: FoundRoot,
  item: Item,
  signal: AbortSignal,
): Promise<Uploaded> {
  const { file, content } = item;
  const opening = await openSession(connection, root, { file, sentHash: content.hash() }, signal);
  switch (opening.kind) {
    case "stored":
      return await toUploaded(connection, toSent(root, item), opening.item, signal);
    case "blocked": {
      const stored = await putWhole(connection, root, { file, content, condition: opening.condition }, signal);
      return await toUploaded(connection, toSent(root, item), stored, signal);
    }
    case "session": {
      const outcome = await attempt(() => sendInSession(connection, item, opening.url, signal));
      if (outcome.ok) return await toUploaded(connection, toSent(root, item), outcome.value, signal);
      await cancelSession(connection, { url: opening.url, subject: file.path }, signal);
      throw outcome.error;
    }
  }
}

async function storeEmpty(connection: Connection, root: FoundRoot, item: Item, signal: AbortSignal): Promise<Uploaded> {
  return await toUploaded(connection, toSent(root, item), await putWhole(connection, root, item, signal), signal);
}

async function sendInSession(connection: Connection, { file, content }: Item, url: string, signal: AbortSignal) {
  const { sizeBytes } = file.content;
  const body = content.body.bind(content);
  return await sendRanges(connection, { url, subject: file.path, sizeBytes, body }, 0, signal);
}

function toSent(root: FoundRoot, { file, content }: Item) {
  return { file, root, sentHash: content.hash() };
}

function isEmpty({ file }: Item): boolean {
  return file.content.sizeBytes === 0;
}

/** Waits for all, and then fails with the first failure. */
async function settleAll(works: readonly Promise<void>[]): Promise<void> {
  for (const outcome of await Promise.allSettled(works)) if (outcome.status === "rejected") throw outcome.reason;
}

/** As a batch reports it: a file that cannot be read fails alone. */
export function toBatchAttempt(file: Upload, outcome: StoredOrNot): Attempt<Uploaded> {
  if (outcome.ok) return outcome;
  const { error } = outcome;
  if (error instanceof ProviderError) return failed(error);
  return failed(new ProviderError("changed", `upload ${file.path}: ${error.message}`, { cause: error }));
}
