import type { Logged } from "../shared/request-log.js";

export type Host = "graph" | "login" | "files";

/** One request as it came in. */
export interface LoggedStart {
  /** As address.ts and its neighbours name it, or the raw path if unknown. */
  readonly route: string;
  readonly host: Host;
  readonly method: string;
  /** Path and query, without the secret parts of upload and download URLs. */
  readonly target: string;
  /** Members of a batch, in the order in which they were carried out. */
  readonly members: LoggedMember[];
}

export interface LoggedMember {
  readonly route: string;
  readonly target: string;
  readonly status: number;
}

export type LoggedRequest = Logged<LoggedStart>;
