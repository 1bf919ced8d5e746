import type { ChildProcess } from "node:child_process";
import { readFile } from "node:fs/promises";

/** The most memory that a process has had, in MiB. Only Linux tells of another process. */
export interface MemoryWatch {
  readonly started: (child: ChildProcess) => void;
  readonly peakMib: () => number;
}

const LOOK_EVERY_MS = 50;

export function watchMemory(): MemoryWatch {
  let peak = 0;
  return {
    started: (child) => {
      const status = `/proc/${String(child.pid)}/status`;
      const timer = setInterval(() => {
        // The kernel keeps the peak itself; each look shows the highest value so far.
        void readPeak(status).then((mib) => (peak = Math.max(peak, mib)));
      }, LOOK_EVERY_MS);
      child.once("exit", () => clearInterval(timer));
    },
    peakMib: () => peak,
  };
}

async function readPeak(status: string): Promise<number> {
  try {
    const match = /^VmHWM:\s+(\d+) kB$/m.exec(await readFile(status, "utf8"));
    return Number(match?.[1] ?? 0) / 1024;
  } catch {
    // The process is gone.
    return 0;
  }
}
