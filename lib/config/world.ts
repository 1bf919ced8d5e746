import type { Readable, Writable } from "node:stream";
import type { FileSystem } from "../local/file-system.js";

/** Where text goes. Writing never throws and never waits: a reader that went away is not an error. */
export interface Output {
  write(text: string): void;
  readonly isTerminal: boolean;
  /** The stream behind it, for the progress display. */
  readonly stream: Writable;
}

export interface Input {
  readonly isTerminal: boolean;
  /** One line from a pipe, without its end; undefined when there is none or `signal` is aborted. Never called on a terminal. */
  readLine(signal: AbortSignal): Promise<string | undefined>;
  /** The stream behind it, for prompts on a terminal. */
  readonly stream: Readable;
}

/** Everything of the outside that the program sees. Only `bin` makes one from `process`; tests make their own. */
export interface World {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly hostname: string;
  readonly platform: NodeJS.Platform;
  readonly files: FileSystem;
  /** Undefined when neither HOME nor the user database names one. */
  readonly homedir: string | undefined;
  readonly pid: number;
  readonly stdin: Input;
  readonly stdout: Output;
  readonly stderr: Output;
  /** Aborted with an `InterruptedError` by SIGINT and SIGTERM. */
  readonly signal: AbortSignal;
}
