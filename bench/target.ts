import type { Fingerprint } from "./fingerprint.js";

/** The side that the programs synchronise with. */
export interface Target {
  readonly title: string;
  /** Milliseconds that every request takes; undefined for a directory. */
  readonly latencyMs: number | undefined;
  /** How trisync is told of a folder there, with what it needs in its environment. */
  readonly trisync: Access;
  readonly rclone: Access;
  fingerprint(remote: string): Promise<Fingerprint>;
  /** Requests since the last call; undefined where there are none. */
  takeRequests(): Promise<number | undefined>;
  close(): Promise<void>;
}

export interface Access {
  url(remote: string): string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}
