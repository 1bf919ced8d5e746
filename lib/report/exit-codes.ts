import { InterruptedError, LocalError, LockedError, ProviderError, SafetyError, UsageError } from "../model/errors.js";
import type { ProviderErrorCode } from "../model/errors.js";

/** Exit codes, never reused for another meaning. */
export const EXIT = {
  inStep: 0,
  bug: 1,
  usage: 2,
  someFailed: 3,
  refused: 4,
  budget: 6,
  locked: 11,
  signedOut: 12,
  unavailable: 75,
} as const;

/** As shells count: 128 and the number of the signal. */
const SIGNALS: Record<InterruptedError["signalName"], number> = { SIGINT: 130, SIGTERM: 143 };

const PROVIDER_ERRORS: Record<ProviderErrorCode, number> = {
  unauthorized: EXIT.signedOut,
  quota: EXIT.unavailable,
  exhausted: EXIT.unavailable,
  malformed: EXIT.unavailable,
  unavailable: EXIT.unavailable,
  locked: EXIT.someFailed,
  "not-found": EXIT.someFailed,
  changed: EXIT.someFailed,
  // What ends a run so is the remote root itself: a file, or a folder that the account may not read.
  rejected: EXIT.usage,
};

/** What an error that ended the run means for whoever started it. Everything unknown is a bug. */
export function exitCodeOf(error: unknown): number {
  if (error instanceof UsageError) return EXIT.usage;
  if (error instanceof LockedError) return EXIT.locked;
  if (error instanceof SafetyError) return EXIT.refused;
  if (error instanceof InterruptedError) return SIGNALS[error.signalName];
  if (error instanceof ProviderError) return PROVIDER_ERRORS[error.code];
  if (error instanceof LocalError) return EXIT.someFailed;
  return EXIT.bug;
}
