import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

export const EXECUTABLE = resolve(import.meta.dirname, "../../dist/bin/cli.js");

export interface Ran {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
  /** The objects of `--json`, in order. */
  events(name?: string): readonly Readonly<Record<string, unknown>>[];
}

export interface RunOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** A program with its arguments that runs the command which follows them: `["nice", "-n", "5"]`. */
  readonly through?: readonly string[];
  /** Called with the process once it runs, to kill or interrupt it. */
  readonly started?: (child: ChildProcess) => void;
}

/** Runs the built executable as a user or cron would: a child process without terminal and with a bare environment. */
export async function trisync(args: readonly string[], options: RunOptions = {}): Promise<Ran> {
  const [program, ...words] = [...(options.through ?? []), EXECUTABLE, ...args];
  const child = spawn(program ?? EXECUTABLE, words, {
    cwd: options.cwd ?? tmpdir(),
    env: { PATH: process.env["PATH"] ?? "", HOME: tmpdir(), TZ: "UTC", ...options.env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  options.started?.(child);
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  return new Promise((done, fail) => {
    child.on("error", fail);
    child.on("close", (code, signal) => {
      done({ code, signal, stdout, stderr, events: (name) => parseEvents(stdout, name) });
    });
  });
}

function parseEvents(stdout: string, name: string | undefined): Readonly<Record<string, unknown>>[] {
  const events = stdout
    .split("\n")
    .filter((line) => line !== "")
    .map(parseObject);
  return name === undefined ? events : events.filter((event) => event["event"] === name);
}

function parseObject(line: string): Readonly<Record<string, unknown>> {
  const value: unknown = JSON.parse(line);
  if (typeof value !== "object" || value === null) throw new Error(`not an object: ${line}`);
  return Object.fromEntries(Object.entries(value));
}

/** A new directory, removed when `use` has ended. */
export async function inTemporaryDirectory<T>(use: (directory: string) => Promise<T>): Promise<T> {
  const directory = await mkdtemp(join(tmpdir(), "trisync-e2e-"));
  try {
    return await use(directory);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
