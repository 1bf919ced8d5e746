import { expect } from "vitest";
import * as z from "zod";
import { trisync } from "./executable.js";
import type { Ran, RunOptions } from "./executable.js";

const summarySchema = z.object({
  uploaded: z.number(),
  downloaded: z.number(),
  deletedLocal: z.number(),
  deletedRemote: z.number(),
  movedLocal: z.number(),
  movedRemote: z.number(),
  conflicts: z.number(),
  unchanged: z.number(),
  failed: z.number(),
  skipped: z.number(),
  bytesUp: z.number(),
  bytesDown: z.number(),
  requests: z.number(),
  seconds: z.number(),
  planId: z.string().nullable(),
  exitCode: z.number(),
});
const outcomeSchema = z.object({ kind: z.string(), path: z.string(), status: z.string(), reason: z.string() });

export type Summary = z.infer<typeof summarySchema>;

/** A run with `--json` that came to its end. */
export interface Finished {
  readonly code: number | null;
  readonly summary: Summary;
  readonly outcomes: readonly z.infer<typeof outcomeSchema>[];
  readonly stdout: string;
  readonly stderr: string;
}

/** Two sides and a state, synchronised by the built executable. */
export class Job {
  constructor(
    readonly places: {
      readonly local: string;
      /** As on the command line: "dropbox:/Docs". */
      readonly remote: string;
      readonly state: string;
      readonly env?: Readonly<Record<string, string>>;
    },
  ) {}

  /** The same two sides with another memory of them. */
  withState(state: string): Job {
    return new Job({ ...this.places, state });
  }

  /** Any command that looks at the job; the words of `args` follow the two sides. */
  run(command: string, args: readonly string[] = [], options: RunOptions = {}): Promise<Ran> {
    const { local, remote, state, env } = this.places;
    return trisync([command, "--local", local, "--remote", remote, "--state", state, ...args], {
      ...options,
      env: { ...env, ...options.env },
    });
  }

  /** A run whose numbers are looked at; how it ends is up to the caller. */
  async sync(args: readonly string[] = [], options: RunOptions = {}): Promise<Finished> {
    const ran = await this.run("sync", ["--json", ...args], options);
    const [summary] = ran.events("summary");
    if (summary === undefined) throw new Error(`ended with ${String(ran.code ?? ran.signal)}: ${ran.stderr}`);
    return {
      code: ran.code,
      summary: summarySchema.parse(summary),
      outcomes: z.array(outcomeSchema).parse(ran.events("outcome")),
      stdout: ran.stdout,
      stderr: ran.stderr,
    };
  }

  /** A run that has to end with both sides in step. */
  async syncWell(args: readonly string[] = []): Promise<Finished> {
    const finished = await this.sync(args);
    expect(finished.code, `${finished.stderr}\n${finished.stdout}`).toBe(0);
    return finished;
  }

  /** A run that has nothing to do, and does nothing but note what it learned about files that are in step. */
  async syncNothing(): Promise<Finished> {
    const finished = await this.syncWell();
    const done = finished.outcomes.filter(({ kind }) => kind !== "record");
    expect(done, "a run with nothing changed").toEqual([]);
    return finished;
  }
}
