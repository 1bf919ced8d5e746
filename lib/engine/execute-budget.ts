/** What a run may use before it stops cleanly. */
export interface Budget {
  /** Takes note of a transfer that is about to start; false when it would go over the budget. The first always may. */
  admit(bytes: number): boolean;
  /** Something did not start because of the budget, or the time is up. */
  readonly isReached: boolean;
}

export function createBudget(limits: {
  readonly maxTransferBytes: number | undefined;
  readonly isTimeUp: () => boolean;
}): Budget {
  let admittedBytes = 0;
  let isReached = false;
  return {
    admit: (bytes) => {
      const isOver =
        limits.maxTransferBytes !== undefined && admittedBytes > 0 && admittedBytes + bytes > limits.maxTransferBytes;
      if (isOver || limits.isTimeUp()) {
        isReached = true;
        return false;
      }
      admittedBytes += bytes;
      return true;
    },
    get isReached() {
      return isReached || limits.isTimeUp();
    },
  };
}
