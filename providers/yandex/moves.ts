import type { RemoteFile, RemoteFolder } from "../../lib/model/entry.js";
import { ProviderError } from "../../lib/model/errors.js";
import { parentOf, type SyncPath } from "../../lib/model/path.js";
import type { Attempt, RemoteMove } from "../provider.js";
import { attempt, failed } from "../attempts.js";
import type { Connection } from "./connection.js";
import { isVersion } from "./entries.js";
import { isNotFound } from "./errors.js";
import { lookUp } from "./look.js";
import { carryOut } from "./operations.js";
import { folderOf } from "./paths.js";

type Entry = RemoteFile | RemoteFolder;

/** Moves entries, in the order given as far as they touch each other, and never onto something. */
export async function moveEntries(
  connection: Connection,
  moves: readonly RemoteMove[],
  signal: AbortSignal,
): Promise<readonly Attempt<Entry>[]> {
  signal.throwIfAborted();
  const outcomes = new Map<RemoteMove, Attempt<Entry>>();
  for (const wave of toWaves(moves)) {
    await Promise.all(
      wave.map((move) =>
        connection.calls(async () => {
          outcomes.set(move, await attempt(() => moveOne(connection, move, signal)));
        }),
      ),
    );
  }
  return moves.map((move) => outcomes.get(move) ?? failed(notMoved(move)));
}

/** Moves that do not touch each other share a wave. */
function toWaves(moves: readonly RemoteMove[]): readonly (readonly RemoteMove[])[] {
  const waves: RemoteMove[][] = [[]];
  let taken = new Set<SyncPath>();
  let above = new Set<SyncPath>();
  for (const move of moves) {
    const paths = [move.entry.path, move.to];
    if (paths.some((path) => taken.has(path) || above.has(path) || ancestorsOf(path).some((one) => taken.has(one)))) {
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

function ancestorsOf(path: SyncPath): readonly SyncPath[] {
  const found: SyncPath[] = [];
  for (let above = parentOf(path); above !== undefined; above = parentOf(above)) found.push(above);
  return found;
}

/**
 * Content and id stay what they are, so nothing has to be asked for afterwards. Should the service give a moved file another
 * id after all, the next listing tells, and its hash still says what it is.
 */
async function moveOne(connection: Connection, { entry, to }: RemoteMove, signal: AbortSignal): Promise<Entry> {
  const { paths, folders } = connection;
  const [from, path] = [paths.of(entry.path), paths.of(to)];
  if (path.startsWith(`${from}/`)) {
    throw new ProviderError("rejected", `move ${entry.path}: a folder cannot be moved into itself`);
  }
  const about = { operation: "move", subject: entry.path } as const;
  const query = { from, path, overwrite: false };
  const call = { ...about, method: "POST", route: "/resources/move", query, repeatable: true } as const;
  const outcome = await attempt(() => folders.within(folderOf(path), () => carryOut(connection, call, signal), signal));
  if (!outcome.ok && !(await isDone(connection, { entry, to }, outcome.error, signal))) throw outcome.error;
  return { ...entry, path: to };
}

/**
 * A move whose answer was lost has no source any more when it is tried again, or its target is taken, by itself. So both ends
 * are looked at.
 */
async function isDone(
  connection: Connection,
  { entry, to }: RemoteMove,
  error: ProviderError,
  signal: AbortSignal,
): Promise<boolean> {
  const mayBeDone = isNotFound(error) || error.code === "changed" || error.code === "unavailable";
  if (!mayBeDone) return false;
  if ((await lookUp(connection, connection.paths.of(entry.path), signal)) !== undefined) return false;
  const found = await lookUp(connection, connection.paths.of(to), signal);
  if (found === undefined) return false;
  if (entry.id !== undefined && found.resource_id === entry.id) return true;
  return entry.kind === "file" && isVersion(found, entry);
}

function notMoved({ entry }: RemoteMove): ProviderError {
  return new ProviderError("malformed", `move ${entry.path}: Yandex did not say what became of it`);
}
