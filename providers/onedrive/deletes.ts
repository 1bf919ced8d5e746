import type { RemoteFile, RemoteFolder } from "../../lib/model/entry.js";
import { ProviderError } from "../../lib/model/errors.js";
import type { Attempt } from "../provider.js";
import { LISTING_HEADERS } from "./api.js";
import { failed, succeeded } from "../attempts.js";
import { sendMany, type Member } from "./batch.js";
import { changedError, conditionHeaders, lookAtFiles, needsLook, type Condition } from "./condition.js";
import type { Connection } from "./connection.js";
import { isNotFound, statusOf } from "./errors.js";
import { depthOf, itemAddress } from "./paths.js";
import type { FoundRoot } from "./root.js";
import { itemPage, nothing } from "./schemas.js";

type Entry = RemoteFile | RemoteFolder;
type Outcomes = Map<Entry, Attempt<void>>;

/**
 * Deletes files in the version that was listed, and then the folders of the same call that are empty by now, the deepest first. Deleting a
 * folder takes all its content along, and the service cannot be told to spare one that is not empty: so folders are looked
 * into right before. What slips in between can be brought back from OneDrive's recycle bin.
 */
export async function deleteEntries(
  connection: Connection,
  entries: readonly Entry[],
  signal: AbortSignal,
): Promise<readonly Attempt<void>[]> {
  signal.throwIfAborted();
  const root = entries.length === 0 ? undefined : await connection.root.find(signal);
  // Without a root there is nothing below it.
  if (root === undefined) return entries.map(() => succeeded(undefined));
  const outcomes: Outcomes = new Map();
  const files = entries.filter((entry) => entry.kind === "file");
  const folders = entries.filter((entry) => entry.kind === "folder");
  await deleteFiles(connection, root, files, outcomes, signal);
  const gone = new Set(files.filter((file) => outcomes.get(file)?.ok === true).map(({ id }) => id));
  for (const level of toLevels(folders)) await deleteFolders(connection, root, { level, gone }, outcomes, signal);
  return entries.map((entry) => outcomes.get(entry) ?? failed(notDeleted(entry)));
}

async function deleteFiles(
  connection: Connection,
  root: FoundRoot,
  files: readonly RemoteFile[],
  outcomes: Outcomes,
  signal: AbortSignal,
): Promise<void> {
  const plain = files.filter((file) => !needsLook(file, root));
  const others = files.filter((file) => needsLook(file, root));
  const listed = plain.map((file): Condition => ({ kind: "listed", eTag: file.version ?? "" }));
  const refused = await deleteUnder(connection, root, { files: plain, conditions: listed }, outcomes, signal);
  const looked = [
    { files: others, isRefused: false },
    { files: refused, isRefused: true },
  ];
  for (const { files: some, isRefused } of looked) {
    if (some.length === 0) continue;
    const conditions = await lookAtFiles(connection, root, some, isRefused, signal);
    for (const file of await deleteUnder(connection, root, { files: some, conditions }, outcomes, signal)) {
      outcomes.set(file, failed(changedError("delete", file.path)));
    }
  }
}

/** Resolves to the files whose condition the service refused. */
async function deleteUnder(
  connection: Connection,
  root: FoundRoot,
  group: { readonly files: readonly RemoteFile[]; readonly conditions: readonly Condition[] },
  outcomes: Outcomes,
  signal: AbortSignal,
): Promise<readonly RemoteFile[]> {
  const wanted = group.files.flatMap((file, at) => {
    const condition = group.conditions[at];
    if (condition === undefined) return [];
    if (condition.kind === "gone") outcomes.set(file, succeeded(undefined));
    if (condition.kind === "changed") outcomes.set(file, failed(changedError("delete", file.path)));
    if (condition.kind === "unknown") outcomes.set(file, failed(condition.error));
    return outcomes.has(file) ? [] : [{ file, condition }];
  });
  const members = wanted.map(({ file, condition }) => toMember(root, file, conditionHeaders(condition)));
  const attempts = await sendMany(connection, members, signal);
  return wanted.flatMap(({ file }, at) => {
    const attempt = attempts[at];
    if (attempt === undefined) return [];
    if (!attempt.ok && statusOf(attempt.error) === 412) return [file];
    outcomes.set(file, toOutcome(attempt));
    return [];
  });
}

async function deleteFolders(
  connection: Connection,
  root: FoundRoot,
  { level, gone }: { readonly level: readonly RemoteFolder[]; readonly gone: Set<string | undefined> },
  outcomes: Outcomes,
  signal: AbortSignal,
): Promise<void> {
  const looks = level.map((folder) => ({
    operation: "look into",
    subject: folder.path,
    method: "GET" as const,
    path: `${itemAddress(root.drive.id, folder.id ?? "")}/children?$select=id&$top=${String(Math.min(gone.size + 1, 1000))}`,
    // A folder with nothing but a shortcut in it is not empty.
    headers: LISTING_HEADERS,
    answer: itemPage,
    repeatable: true,
  }));
  const pages = await sendMany(connection, looks, signal);
  const empty = level.filter((folder, at) => {
    const page = pages[at];
    if (page === undefined) return false;
    if (!page.ok) {
      outcomes.set(folder, isNotFound(page.error) ? succeeded(undefined) : failed(page.error));
      return false;
    }
    // What was deleted a moment ago may still be shown.
    const isEmpty = page.value.value.every(({ id }) => gone.has(id)) && page.value["@odata.nextLink"] === undefined;
    if (!isEmpty) outcomes.set(folder, failed(notEmpty(folder)));
    return isEmpty;
  });
  const attempts = await sendMany(
    connection,
    empty.map((folder) => toMember(root, folder, {})),
    signal,
  );
  for (const [at, folder] of empty.entries()) {
    const attempt = attempts[at];
    if (attempt === undefined) continue;
    outcomes.set(folder, toOutcome(attempt));
    if (attempt.ok) gone.add(folder.id);
  }
}

/** Folders of one depth together, the deepest first. */
function toLevels(folders: readonly RemoteFolder[]): readonly (readonly RemoteFolder[])[] {
  const levels = new Map<number, RemoteFolder[]>();
  for (const folder of folders) {
    const depth = depthOf(folder.path);
    levels.set(depth, [...(levels.get(depth) ?? []), folder]);
  }
  return [...levels].sort(([a], [b]) => b - a).map(([, level]) => level);
}

function toMember(
  { drive }: FoundRoot,
  { path, id }: Entry,
  headers: Readonly<Record<string, string>>,
): Member<unknown> {
  const about = { operation: "delete", subject: path };
  return {
    ...about,
    method: "DELETE",
    path: itemAddress(drive.id, id ?? ""),
    headers,
    answer: nothing,
    repeatable: true,
  };
}

/** Gone already is what was wanted. */
function toOutcome(attempt: Attempt<unknown>): Attempt<void> {
  if (attempt.ok || isNotFound(attempt.error)) return succeeded(undefined);
  return failed(attempt.error);
}

function notEmpty({ path }: RemoteFolder): ProviderError {
  return new ProviderError("changed", `delete ${path}: the folder is not empty any more`);
}

function notDeleted({ path }: Entry): ProviderError {
  return new ProviderError("malformed", `delete ${path}: OneDrive did not say what became of it`);
}
