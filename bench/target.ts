import type { HashAlgorithm } from "../lib/model/hash.js";
import type { Fingerprint } from "./fingerprint.js";

/** The kinds of places there are, each with aims of its own. */
export const SERVICES = ["dropbox", "onedrive", "yandex", "flickr", "gphotos", "folder"] as const;
export type Service = (typeof SERVICES)[number];

/** The side that the programs synchronise with. */
export interface Target {
  readonly title: string;
  readonly service: Service;
  /** Whether modification times are left behind, where keeping them costs requests. */
  readonly ignoresTimes: boolean;
  /** Milliseconds that every request takes; undefined for a directory. */
  readonly latencyMs: number | undefined;
  /** How trisync is told of a folder there, with what it needs in its environment. */
  readonly trisync: Access;
  /** Undefined where rclone has nothing to set against it. */
  readonly rclone: Access | undefined;
  /** What the fingerprints are made of: the service's own hash. */
  readonly hash: HashAlgorithm;
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
