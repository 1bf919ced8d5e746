import type { Folder } from "../local/types.js";
import type { SyncPath } from "../model/path.js";
import type { Mode } from "../model/mode.js";
import type { Provider } from "../../providers/provider.js";
import type { JobState } from "../state/types.js";
import type { Budget } from "./execute-budget.js";
import type { Limiter } from "./execute-limiter.js";
import type { Recorder } from "./execute-record.js";
import type { ToldRefusals } from "./execute-refusals.js";
import type { Spelling } from "./execute-spelling.js";
import type { RunEvents } from "./types.js";

/** Takes uploaded files out of an outbox. */
export interface Archive {
  /** Moves the file away, never replacing anything; resolves to where it is now, for messages. */
  store(seen: Parameters<Folder["trashFile"]>[0]): Promise<string>;
}

/** Where files go that the service will never take. */
export interface ErrorFolder {
  /** Moves the file away and writes the reason beside it. */
  reject(seen: Parameters<Folder["trashFile"]>[0], reason: string): Promise<string>;
}

/** Everything that carrying out a plan needs. */
export interface Execution {
  readonly state: JobState;
  readonly folder: Folder;
  readonly provider: Provider;
  readonly events: RunEvents;
  readonly mode: Mode;
  readonly foldCase: boolean;
  readonly archive: Archive | undefined;
  readonly errorFolder: ErrorFolder | undefined;
  readonly refusals: ToldRefusals;
  readonly limiter: Limiter;
  readonly budget: Budget;
  readonly recorder: Recorder;
  readonly spelling: Spelling;
  readonly signal: AbortSignal;
  /** Remote folders looked for in this run, so that each is asked for once. */
  readonly absent: Set<SyncPath>;
  readonly present: Set<SyncPath>;
}
