import type { Chance } from "../shared/chance.js";
import { hexDigits } from "./hex.js";
import { isAtOrBelow, type Parts } from "./paths.js";
import type { Schedule } from "./schedule.js";
import type { Settings } from "./settings.js";

export interface NewOperation {
  readonly uid: string;
  /** Does the work; throws when it cannot be done, and the operation counts as failed. */
  readonly work: () => void;
  /** What nobody else may write to, in or above while it runs. */
  readonly locks: readonly Parts[];
  readonly polls?: number | undefined;
  /** Ends as failed without doing its work. */
  readonly fails?: boolean | undefined;
}

export interface Operation {
  readonly id: string;
  readonly uid: string;
  status: "in-progress" | "success" | "failed";
  readonly locks: readonly Parts[];
  pollsLeft: number;
  finish: () => void;
}

/** Work that is answered with a link first and asked for later. It is done even if nobody asks. */
export class Operations {
  readonly #operations = new Map<string, Operation>();
  /** Those that may hold places, kept apart because every upload is an operation as well. */
  readonly #locking = new Set<Operation>();

  constructor(
    private readonly settings: Settings,
    private readonly schedule: Schedule,
    private readonly chance: Chance,
  ) {}

  start({ uid, work, locks, polls, fails = false }: NewOperation): Operation {
    const operation = this.open(uid, locks);
    operation.pollsLeft = polls ?? this.settings.operationPolls;
    const run = (): void => {
      operation.status = fails || !succeeds(work) ? "failed" : "success";
      operation.finish = () => undefined;
    };
    const cancel = this.schedule.after(polls === undefined ? this.settings.operationRunsAfterMs : 60_000, run);
    operation.finish = () => {
      cancel();
      run();
    };
    return operation;
  }

  /** An operation that goes on until somebody sets its status, as that of an upload does. */
  open(uid: string, locks: readonly Parts[] = []): Operation {
    const id = hexDigits(this.chance, 64);
    const operation: Operation = {
      id,
      uid,
      status: "in-progress",
      locks,
      pollsLeft: Number.POSITIVE_INFINITY,
      finish: () => undefined,
    };
    this.#operations.set(id, operation);
    if (locks.length > 0) this.#locking.add(operation);
    return operation;
  }

  /** The state that a poll sees; undefined for ids that are unknown or of others. */
  poll(uid: string, id: string): Operation["status"] | undefined {
    const operation = this.#operations.get(id);
    if (operation?.uid !== uid) return undefined;
    if (operation.pollsLeft > 0) operation.pollsLeft -= 1;
    else operation.finish();
    return operation.status;
  }

  all(uid: string): readonly Operation[] {
    return [...this.#operations.values()].filter((operation) => operation.uid === uid);
  }

  /** Whether a running operation holds this place, something in it or something above it. */
  isLocked(uid: string, parts: Parts): boolean {
    for (const operation of this.#locking) {
      if (operation.status !== "in-progress") this.#locking.delete(operation);
      else if (operation.uid === uid && operation.locks.some((lock) => overlap(lock, parts))) return true;
    }
    return false;
  }
}

function overlap(a: Parts, b: Parts): boolean {
  return isAtOrBelow(a, b) || isAtOrBelow(b, a);
}

function succeeds(work: () => void): boolean {
  try {
    work();
    return true;
  } catch {
    // The service gives no reason either.
    return false;
  }
}
