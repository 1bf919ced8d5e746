import type { Attempt } from "../provider.js";
import type { Connection } from "./connection.js";
import { runJob, type BatchRoute } from "./jobs.js";
import { moveJob, type Moved } from "./schemas.js";

/** From where to where, as full paths or ids of the service. */
export interface Relocation {
  readonly from: string;
  readonly to: string;
  /** For messages. */
  readonly subject: string;
}

/** Moves what does not touch each other, with one call. */
export async function relocate(
  connection: Connection,
  relocations: readonly Relocation[],
  signal: AbortSignal,
): Promise<readonly Attempt<Moved>[]> {
  return await connection.commits.alone(() => runJob(connection, MOVE, relocations, signal));
}

const MOVE: BatchRoute<Relocation, Moved> = {
  operation: "move",
  route: "files/move_batch_v2",
  checkRoute: "files/move_batch/check_v2",
  toArg: (relocations) => ({
    entries: relocations.map(({ from, to }) => ({ from_path: from, to_path: to })),
    autorename: false,
  }),
  subjectOf: ({ subject }) => subject,
  answer: moveJob,
  // Entries are named by their ids and never overwrite anything: moving twice fails, and then is looked at.
  repeatable: true,
};
