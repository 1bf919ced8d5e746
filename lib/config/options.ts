import type { ConflictRule, Mode } from "../model/mode.js";
import type { Settings } from "../../providers/context.js";

/** The cloud side: which service, and which folder there. */
export interface RemoteAddress {
  /** A name in the registry of providers. */
  readonly provider: string;
  /** What follows the colon, normalised by the provider. */
  readonly target: string;
  /** "provider:target", for people and as part of the job's identity. */
  readonly text: string;
}

/** The most a plan may delete without approval: so many files, or so many percent of the base. */
export type DeleteLimit = { readonly files: number } | { readonly percent: number };

/** "all": photos and videos. */
export type MediaTypes = "all" | "photos" | "videos";

/** What to do while another run of the job is at work. */
export type IfLocked = "fail" | "skip" | { readonly waitMs: number };

export type ColorChoice = "auto" | "always" | "never";

/** What a provider needs besides its target. */
export interface ConnectionOptions {
  /** Credentials and base URLs, from the environment and the env file. */
  readonly settings: Settings;
  /** HTTPS_PROXY, HTTP_PROXY and NO_PROXY from the same places. */
  readonly proxy: Readonly<Record<string, string | undefined>>;
}

/** How a command talks; every command has these. */
export interface OutputOptions {
  readonly json: boolean;
  readonly quiet: boolean;
  readonly verbosity: 0 | 1 | 2;
  /** Absolute; undefined for none. */
  readonly logFile: string | undefined;
  readonly color: ColorChoice;
}

/** One job, checked: both sides and how to treat them. Paths are absolute; `local` holds no link where it exists. */
export interface JobOptions extends OutputOptions, ConnectionOptions {
  readonly local: string;
  readonly remote: RemoteAddress;
  readonly mode: Mode;
  readonly conflict: ConflictRule;
  readonly include: readonly string[];
  readonly exclude: readonly string[];
  readonly maxSizeBytes: number | undefined;
  /** Only files of these types; undefined for every type. */
  readonly media: MediaTypes | undefined;
  readonly maxDelete: DeleteLimit;
  /** The plan id that the user approved once. */
  readonly approve: string | undefined;
  /** Transfers at once; undefined for the provider's own number. */
  readonly concurrency: number | undefined;
  readonly bandwidthBytesPerSecond: number | undefined;
  readonly maxTransferBytes: number | undefined;
  readonly maxDurationMs: number | undefined;
  readonly archive: string | undefined;
  readonly errorFolder: string | undefined;
  /** Where bases, tokens and history live. May lie inside `local`, and then is never synchronised; likewise `logFile`. */
  readonly stateDir: string;
  readonly ifLocked: IfLocked;
  readonly rehash: boolean;
  readonly times: "keep" | "ignore";
  /** How folders go together with albums, where the service has these. */
  readonly albums: "flat" | "nested";
  readonly trashDays: number;
  readonly permanentDeletes: boolean;
}
