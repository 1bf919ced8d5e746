import { readFileSync } from "node:fs";

/** Linux counts the processor time that /proc shows in hundredths of a second, whatever the machine. */
const TICKS_PER_SECOND = 100;

/** The most memory (VmHWM) the process has held so far. Undefined when it is gone, and where there is no /proc. */
export function peakMegabytes(pid: number): number | undefined {
  const kibibytes = /^VmHWM:\s+(\d+) kB$/m.exec(read(`/proc/${String(pid)}/status`))?.[1];
  return kibibytes === undefined ? undefined : (Number(kibibytes) * 1024) / 1e6;
}

/** User and system time of all children of this process that have ended. Undefined where there is no /proc. */
export function cpuSecondsOfChildren(): number | undefined {
  const text = read("/proc/self/stat");
  if (text === "") return undefined;
  // The name of the program, in parentheses, may hold spaces. The third field follows it; cutime is the 16th, cstime the 17th.
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[13]) + Number(fields[14])) / TICKS_PER_SECOND;
}

function read(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}
