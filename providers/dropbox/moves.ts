import pLimit from "p-limit";
import type { RemoteFile, RemoteFolder } from "../../lib/model/entry.js";
import { ProviderError } from "../../lib/model/errors.js";
import type { SyncPath } from "../../lib/model/path.js";
import type { Attempt, RemoteMove } from "../provider.js";
import { attempt, chunksOf, failed, succeeded } from "../attempts.js";
import type { Connection } from "./connection.js";
import { toRemoteFile, toRemoteFolder } from "./entries.js";
import { RouteError } from "./errors.js";
import { lookUp } from "./lookup.js";
import { moveInPieces } from "./move-in-pieces.js";
import { ancestorsOf, foldPath, remotePath, withName } from "./paths.js";
import { createPendingRenames } from "./pending-renames.js";
import { relocate } from "./relocate.js";
import type { Metadata } from "./schemas.js";

type Entry = RemoteFile | RemoteFolder;

/** The most that the service takes in one call. */
const MOVES_PER_CALL = 1000;

/**
 * Moves entries, in the order given as far as they touch each other. An entry is named by its id: should something else
 * have taken its place by now, that stays where it is.
 */
export async function moveEntries(
  connection: Connection,
  moves: readonly RemoteMove[],
  signal: AbortSignal,
): Promise<readonly Attempt<Entry>[]> {
  const outcomes = new Map<RemoteMove, Attempt<Entry>>();
  for (const wave of toWaves(moves)) {
    const plain = wave.filter((move) => !isCaseOnly(move));
    for (const chunk of chunksOf(plain, MOVES_PER_CALL)) await moveChunk(connection, chunk, outcomes, signal);
    for (const move of wave.filter(isCaseOnly)) outcomes.set(move, await changeCase(connection, move, signal));
  }
  return moves.map((move) => outcomes.get(move) ?? failed(unexplained(move)));
}

/**
 * The service refuses a call in which one path is inside another. Moves that do not touch each other share a wave.
 */
export function toWaves(moves: readonly RemoteMove[]): readonly (readonly RemoteMove[])[] {
  const waves: RemoteMove[][] = [[]];
  let taken = new Set<string>();
  let above = new Set<string>();
  for (const move of moves) {
    const paths = [move.entry.path, move.to].map(foldPath);
    const touches = paths.some(
      (path) => taken.has(path) || above.has(path) || [...ancestorsOf(path)].some((one) => taken.has(one)),
    );
    if (touches) {
      waves.push([]);
      [taken, above] = [new Set(), new Set()];
    }
    waves.at(-1)?.push(move);
    for (const path of paths) {
      taken.add(path);
      for (const one of ancestorsOf(path)) above.add(one);
    }
  }
  return waves;
}

function isCaseOnly({ entry, to }: RemoteMove): boolean {
  return foldPath(entry.path) === foldPath(to);
}

async function moveChunk(
  connection: Connection,
  chunk: readonly RemoteMove[],
  outcomes: Map<RemoteMove, Attempt<Entry>>,
  signal: AbortSignal,
): Promise<void> {
  const { root } = connection;
  const relocations = chunk.map(({ entry, to }) => ({
    from: entry.id ?? remotePath(root.path, entry.path),
    to: remotePath(root.path, to),
    subject: entry.path,
  }));
  const results = await relocate(connection, relocations, signal);
  const look = pLimit(PARALLEL_LOOKS);
  const settle = async (move: RemoteMove, at: number): Promise<void> => {
    const result = results[at];
    if (result === undefined) return;
    const explained = (error: ProviderError) => look(() => explain(connection, move, error, signal));
    outcomes.set(move, result.ok ? toMoved(move, result.value.success) : await explained(result.error));
  };
  await Promise.all(chunk.map(settle));
}

/** Moves that failed are looked into, several at once. */
const PARALLEL_LOOKS = 6;

/** How long to wait before a source that is "not found" is looked for again: the service may not show a write at once. */
const SECOND_LOOKS_MS = [0, 400, 1200];

/**
 * A move whose answer was lost comes back as a failure of its second try; and right after a write the source may not be
 * found yet. So the entry is looked up by its id: where it is at its new place, all is well.
 */
async function explain(
  connection: Connection,
  move: RemoteMove,
  error: ProviderError,
  signal: AbortSignal,
): Promise<Attempt<Entry>> {
  const { api, root, sleep } = connection;
  const { entry } = move;
  const { id } = entry;
  if (entry.kind === "folder" && error instanceof RouteError && error.has("too_many_files")) {
    return await moveInPieces(connection, { entry, to: move.to }, signal);
  }
  if (id === undefined || !(error instanceof RouteError) || !mayBeDone(error)) return failed(error);
  const to = remotePath(root.path, move.to);
  for (const pauseMs of SECOND_LOOKS_MS) {
    await sleep(pauseMs, signal);
    const found = await lookUp(api, id, signal);
    if (found?.path_lower === undefined) continue;
    if (foldPath(found.path_lower) === foldPath(to)) return toMoved(move, found);
    if (!error.has("from_lookup")) return failed(error);
    const [again] = await relocate(connection, [{ from: id, to, subject: move.entry.path }], signal);
    if (again === undefined) break;
    return again.ok ? toMoved(move, again.value.success) : again;
  }
  return failed(error);
}

function mayBeDone(error: RouteError): boolean {
  return (
    error.has("from_lookup") ||
    error.has("conflict") ||
    error.has("duplicated_or_nested_paths") ||
    error.has("internal_error")
  );
}

function toMoved(move: RemoteMove, found: Metadata): Attempt<Entry> {
  const { entry, to } = move;
  if (found[".tag"] === "file" && entry.kind === "file")
    return succeeded(toRemoteFile(found, withName(to, found.name)));
  if (found[".tag"] === "folder" && entry.kind === "folder") {
    return succeeded(toRemoteFolder(found, withName(to, found.name)));
  }
  return failed(unexplained(move));
}

/**
 * The service does not rename where only the case changes, so the entry takes a detour through a temporary name. That is
 * remembered first: a run that ends in between leaves the second half to the next one.
 */
async function changeCase(connection: Connection, move: RemoteMove, signal: AbortSignal): Promise<Attempt<Entry>> {
  const { entry, to } = move;
  const { id } = entry;
  // Where the name itself stays, it is only the case of a folder above that the caller sees otherwise.
  if (id === undefined || lastOf(entry.path) === lastOf(to)) return succeeded({ ...entry, path: to });
  const outcome = await attempt(() => createPendingRenames(connection).rename({ id, to, from: entry.path }, signal));
  return outcome.ok ? toMoved(move, outcome.value) : outcome;
}

function lastOf(path: SyncPath): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

function unexplained({ entry }: RemoteMove): ProviderError {
  return new ProviderError("malformed", `move ${entry.path}: Dropbox did not say what became of it`);
}
