import type { Attempt, RemoteMove } from "../provider.js";
import { attempt, failed } from "../attempts.js";
import { sendMany } from "./batch.js";
import type { Connection } from "./connection.js";
import { gone, unexplained, type MovedEntry } from "./move-errors.js";
import { outcomeOf } from "./move-outcome.js";
import { planMoves, toMember } from "./move-plan.js";
import type { FoundRoot } from "./root.js";
import { toWaves } from "./waves.js";

/**
 * Moves entries, in the order given as far as they touch each other, twenty to a request. An entry is named by its id, and a
 * file by its version too: should something else have taken its place by now, that stays where it is.
 */
export async function moveEntries(
  connection: Connection,
  moves: readonly RemoteMove[],
  signal: AbortSignal,
): Promise<readonly Attempt<MovedEntry>[]> {
  signal.throwIfAborted();
  const root = moves.length === 0 ? undefined : await connection.root.find(signal);
  if (root === undefined) return moves.map((move) => failed(gone(move)));
  const outcomes = new Map<RemoteMove, Attempt<MovedEntry>>();
  for (const wave of toWaves(moves)) await moveWave(connection, root, wave, outcomes, signal);
  return moves.map((move) => outcomes.get(move) ?? failed(unexplained(move)));
}

async function moveWave(
  connection: Connection,
  root: FoundRoot,
  wave: readonly RemoteMove[],
  outcomes: Map<RemoteMove, Attempt<MovedEntry>>,
  signal: AbortSignal,
): Promise<void> {
  const plans = await planMoves(connection, root, wave, outcomes, signal);
  const attempts = await sendMany(
    connection,
    plans.map((plan) => toMember(root, plan)),
    signal,
  );
  for (const [at, plan] of plans.entries()) {
    const result = attempts[at];
    if (result === undefined) continue;
    const { move } = plan;
    const outcome = await attempt(() => outcomeOf(connection, root, plan, result, signal));
    outcomes.set(move, outcome);
  }
}
