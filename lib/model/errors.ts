/** The command line, the environment or the configuration is wrong. Exit code 2. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** Another run of this job is at work. Exit code 11. */
export class LockedError extends Error {
  override readonly name = "LockedError";
}

/** The time or traffic that the user allows a run is used up. Exit code 6. */
export class BudgetError extends Error {
  override readonly name = "BudgetError";
}

/** Refused because going on could lose data. Exit code 4. `approval` is the id that `--approve` takes, where one helps. */
export class SafetyError extends Error {
  override readonly name = "SafetyError";
  constructor(
    message: string,
    readonly approval: string | undefined = undefined,
  ) {
    super(message);
  }
}

/** The reason of the run's abort signal: somebody asked it to end. Exit code 130 or 143. */
export class InterruptedError extends Error {
  override readonly name = "InterruptedError";
  constructor(readonly signalName: "SIGINT" | "SIGTERM") {
    super(`interrupted by ${signalName}`);
  }
}

/** This machine could not do something to a path (full disk, permission, vanished). */
export class LocalError extends Error {
  override readonly name = "LocalError";
  constructor(
    readonly code: LocalErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

export type LocalErrorCode =
  | "changed" // the path is no longer what the scan saw
  | "not-found" // the path is gone
  | "exists" // something is in the way
  | "full" // no space left, or over a quota
  | "refused" // permission, read-only disk, name the disk does not take
  | "failed"; // any other error of the disk

/** A request to the remote side failed. The message names operation, path and status, never a header, query or body. */
export class ProviderError extends Error {
  override readonly name = "ProviderError";
  constructor(
    readonly code: ProviderErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** The service has looked at this very content and will never take it: sending it again is in vain. */
export class RefusedContentError extends ProviderError {
  constructor(message: string, options?: ErrorOptions) {
    super("rejected", message, options);
  }
}

export type ProviderErrorCode =
  | "unauthorized" // the token is missing, expired or lacks a scope
  | "quota" // the account is full or its daily allowance is spent
  | "exhausted" // the day's requests are spent: nothing more can be asked before they are renewed
  | "malformed" // the answer does not have the documented shape
  | "unavailable" // network, 5xx or rate limit, still failing after retries
  | "locked" // somebody has this very file in use; others may still be changed
  | "not-found" // the entry is gone since it was listed
  | "changed" // the entry's version is not the one that was listed, or something is in the way
  | "rejected"; // the service will never take this file (name, type or size)

/** "stop" ends the run before the next action; "report" fails this one path and goes on. */
export const REACTIONS: Record<ProviderErrorCode, "stop" | "report"> = {
  unauthorized: "stop",
  quota: "report",
  exhausted: "stop",
  malformed: "stop",
  unavailable: "report",
  locked: "report",
  "not-found": "report",
  changed: "report",
  rejected: "report",
};
