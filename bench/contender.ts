import type { Measured } from "./measure.js";

/** The two sides that one program keeps in step, and what it may use besides. */
export interface Place {
  readonly local: string;
  /** Below the target: a folder of the account, or a directory. */
  readonly remote: string;
  /** For what the program remembers from run to run. */
  readonly memory: string;
}

export type Direction = "up" | "down";

/** A program that is measured. */
export interface Contender {
  readonly name: "trisync" | "rclone";
  /** Brings the changes of one side to the other. Rejects when the program fails. */
  sync(place: Place, direction: Direction): Promise<Measured>;
  /** The requests that the program itself says it made; undefined when it does not count. */
  countedRequests(measured: Measured): number | undefined;
}
