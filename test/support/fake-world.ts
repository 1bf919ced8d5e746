import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { onTestFinished } from "vitest";
import type { Output, World } from "../../lib/config/world.js";
import { nodeFileSystem } from "../../lib/local/file-system.js";

export interface FakeWorld extends World {
  /** A temporary directory, which is also the working directory and the home. */
  readonly dir: string;
  /** Everything written so far. */
  readonly out: () => string;
  readonly err: () => string;
  readonly interrupt: (reason: Error) => void;
}

export interface FakeWorldOptions {
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly homedir?: string | undefined;
  readonly terminal?: boolean;
  readonly platform?: NodeJS.Platform;
  /** What stands on the standard input, when it is a pipe. */
  readonly input?: string;
  readonly nowMs?: number;
}

/** An outside of its own for one test, with nothing of the machine's in it. The directory goes when the test ends. */
export function createFakeWorld(options: FakeWorldOptions = {}): FakeWorld {
  const dir = realpathSync(mkdtempSync(join(tmpdir(), "trisync-test-")));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  const controller = new AbortController();
  const isTerminal = options.terminal ?? false;
  const [stdout, stderr] = [createFakeOutput(isTerminal), createFakeOutput(isTerminal)];
  return {
    dir,
    env: options.env ?? {},
    cwd: dir,
    now: () => options.nowMs ?? Date.UTC(2026, 2, 1, 12),
    hostname: "testhost",
    platform: options.platform ?? "linux",
    files: nodeFileSystem,
    homedir: "homedir" in options ? options.homedir : dir,
    pid: 4242,
    stdin: {
      isTerminal,
      readLine: async () => options.input?.split("\n")[0],
      stream: new PassThrough(),
    },
    stdout: stdout.output,
    stderr: stderr.output,
    signal: controller.signal,
    out: stdout.text,
    err: stderr.text,
    interrupt: (reason) => controller.abort(reason),
  };
}

function createFakeOutput(isTerminal: boolean): { readonly output: Output; readonly text: () => string } {
  let text = "";
  const stream = Object.assign(new PassThrough(), { isTTY: isTerminal, columns: 80 });
  stream.on("data", (chunk: Buffer) => (text += chunk.toString()));
  const output: Output = { write: (more) => (text += more), isTerminal, stream };
  return { output, text: () => text };
}
