import { spawn } from "node:child_process";

export interface CommandOptions {
  readonly env: Record<string, string | undefined>;
  readonly cwd: string;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

export type CommandResult =
  | { readonly ok: true; readonly output: string }
  /** Goes on after "the command …"; holds nothing of what the command printed. */
  | { readonly ok: false; readonly reason: string };

const LARGEST_BYTES = 1_000_000;

/**
 * Runs a line of shell and resolves to what it printed. It sees no input, and what it says on stderr is not shown, because it
 * may hold secrets. When time is up it is ended; an interrupted run rejects with the signal's reason.
 */
export function runCommand(command: string, options: CommandOptions): Promise<CommandResult> {
  return new Promise((resolve, reject) => {
    const { env, cwd, timeoutMs, signal } = options;
    const child = spawn("/bin/sh", ["-c", command], { env, cwd, stdio: ["ignore", "pipe", "ignore"] });
    const chunks: Buffer[] = [];
    let sizeBytes = 0;
    const settle = (result: CommandResult): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", interrupt);
      resolve(result);
    };
    const giveUp = (reason: string): void => {
      child.kill("SIGKILL");
      // A grandchild that goes on holds the other end of the pipe: nobody waits for it.
      child.stdout.destroy();
      settle({ ok: false, reason });
    };
    const interrupt = (): void => {
      reject(toError(signal.reason));
      giveUp("was interrupted");
    };
    const timer = setTimeout(() => {
      giveUp(`did not end within ${String(timeoutMs / 1000)} seconds`);
    }, timeoutMs);
    signal.addEventListener("abort", interrupt);
    child.stdout.on("data", (chunk: Buffer) => {
      sizeBytes += chunk.length;
      if (sizeBytes > LARGEST_BYTES) giveUp("printed too much");
      else chunks.push(chunk);
    });
    child.on("error", () => {
      settle({ ok: false, reason: "could not be started" });
    });
    child.on("close", (code, killedBy) => {
      if (code === 0) settle({ ok: true, output: Buffer.concat(chunks).toString("utf8") });
      else
        settle({
          ok: false,
          reason: code === null ? `was ended by ${String(killedBy)}` : `failed with exit code ${String(code)}`,
        });
    });
    if (signal.aborted) interrupt();
  });
}

function toError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error("aborted", { cause: reason });
}
