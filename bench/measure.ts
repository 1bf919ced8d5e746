import { spawn } from "node:child_process";
import { open, readFile } from "node:fs/promises";
import { join } from "node:path";
import { cpuSecondsOfChildren, peakMegabytes } from "./proc.js";

export interface Command {
  readonly program: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** What one run of a program took. Undefined where this system does not tell. */
export interface Cost {
  readonly seconds: number;
  /** User and system time of the program. */
  readonly cpuSeconds: number | undefined;
  readonly peakMegabytes: number | undefined;
}

export interface Measured {
  readonly cost: Cost;
  /** The end of what the program printed. */
  readonly stdout: string;
}

const POLL_MS = 25;
const TAIL_CHARACTERS = 20_000;

/**
 * Runs a program to its end; its output goes to files in `scratch`, so that nobody has to keep up with reading it. Rejects
 * when it does not end with exit code 0. No other child of this process may end meanwhile: its time would be counted.
 */
export async function measure(command: Command, scratch: string, signal: AbortSignal): Promise<Measured> {
  const names = { out: join(scratch, "stdout"), err: join(scratch, "stderr") };
  const [out, err] = await Promise.all([open(names.out, "w"), open(names.err, "w")]);
  try {
    const cpuBefore = cpuSecondsOfChildren();
    const started = performance.now();
    const { code, peak } = await run(command, [out.fd, err.fd], signal);
    const seconds = (performance.now() - started) / 1000;
    const cpuAfter = cpuSecondsOfChildren();
    const stdout = (await readFile(names.out, "utf8")).slice(-TAIL_CHARACTERS);
    if (code !== 0) {
      const complaint = (await readFile(names.err, "utf8")).slice(-2000);
      throw new Error(`${command.program} ended with ${String(code)}: ${complaint}${stdout.slice(-2000)}`);
    }
    const cpuSeconds = cpuBefore === undefined || cpuAfter === undefined ? undefined : cpuAfter - cpuBefore;
    return { cost: { seconds, cpuSeconds, peakMegabytes: peak }, stdout };
  } finally {
    await Promise.all([out.close(), err.close()]);
  }
}

function run(
  { program, args, env }: Command,
  [out, err]: readonly [number, number],
  signal: AbortSignal,
): Promise<{ readonly code: number | null; readonly peak: number | undefined }> {
  return new Promise((done, fail) => {
    const child = spawn(program, args, { env, signal, stdio: ["ignore", out, err] });
    let peak: number | undefined;
    const poll = setInterval(() => {
      peak = (child.pid === undefined ? undefined : peakMegabytes(child.pid)) ?? peak;
    }, POLL_MS);
    child.on("error", (error) => {
      clearInterval(poll);
      fail(error);
    });
    child.on("exit", (code) => {
      clearInterval(poll);
      done({ code, peak });
    });
  });
}
