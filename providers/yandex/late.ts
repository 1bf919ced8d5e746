const LATE_MS = 30_000;
const LATE_MS_PER_MIB = 3_000;
const LATEST_MS = 20 * 60_000;

/**
 * How long after its last byte content of this size is waited for, whether or not an answer came. The service hashes and stores
 * content before it shows it: small files take seconds, large ones minutes. Sending again too soon stores it twice and
 * uses up the allowance; waiting keeps no other content from being sent.
 */
export function lateMs(sizeBytes: number): number {
  return Math.min(LATEST_MS, LATE_MS + (sizeBytes / 1024 ** 2) * LATE_MS_PER_MIB);
}

const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 10_000;

/** How long to wait before the next look, after so long in all: as long again, within bounds. */
export function pauseAfter(waitedMs: number): number {
  return Math.min(LONGEST_PAUSE_MS, Math.max(FIRST_PAUSE_MS, waitedMs));
}
