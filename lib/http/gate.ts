/** Closed while the service has asked to be left alone; every request of a client passes through the same one. */
export interface Gate {
  /** Closes for so many milliseconds from now; a longer pause that is under way already stays. */
  pause(ms: number): void;
  /** Milliseconds until it opens; 0 when it is open. */
  remainingMs(): number;
}

export function createGate(now: () => number): Gate {
  let opensMs = 0;
  return {
    pause(ms) {
      opensMs = Math.max(opensMs, now() + ms);
    },
    remainingMs() {
      return Math.max(0, opensMs - now());
    },
  };
}
