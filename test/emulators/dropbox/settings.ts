/** What a test may change about the emulated service, before or while it runs. */
export interface Settings {
  /** Every request takes at least this long. A commit holds the write lock for as long. */
  latencyMs: number;
  /** Commits that overlap in one account are answered with 429 too_many_write_operations. */
  writeLock: boolean;
  /** Two equal listing calls at the same time: the second one is answered with 429. */
  refuseParallelListings: boolean;
  /** "ragged" splits listings at random: short pages, empty pages with has_more, now and then one entry too many. */
  paging: "exact" | "ragged";
  /** The order of a listing is not promised by the service; "shuffled" lets children come before their folder. */
  listingOrder: "shuffled" | "parents-first";
  /** Whether the parents in path_display keep the spelling of the request that wrote the entry. */
  displayParents: "as-written" | "true-case";
  /** A move that only changes case: refused, unless autorename is set, which renames. "rename" always renames. */
  caseRename: "conflict" | "rename";
  /** What happens to names that end in a dot. Trailing spaces are always refused. */
  trailingDot: "refuse" | "accept";
  /** Looking up a path that is not NFC: the service is said to answer not_found. */
  nfdLookup: "not-found" | "normalise";
  /** Whether a deleted folder shows up in a delta as one entry or together with everything it held. */
  deletedFolders: "one-entry" | "every-entry";
  /** Batches answer with an async_job_id: always, never, or as the service does it (deletes and moves always). */
  jobs: "as-usual" | "async" | "sync";
  /** How many polls of a job say in_progress. */
  jobPolls: number;
  /** A job that nobody polls is carried out after this time all the same. */
  jobRunsAfterMs: number;
  /** "app-folder" shows the app `/Apps/<appName>` as its root and refuses Dropbox-API-Path-Root. */
  access: "full" | "app-folder";
  appName: string;
  /** Scopes enabled for the app; a token can never have more. */
  appScopes: readonly string[];
  /** Redirect URIs registered for the app; undefined allows every http://localhost address. */
  redirectUris: readonly string[] | undefined;
  /** What the person at the authorize page does. */
  consent: "approve" | "deny";
  /** The largest body of one request. */
  requestBytes: number;
  fileBytes: number;
  quotaBytes: number;
  /** Entries of a listing page when the request names no limit. */
  pageSize: number;
  sessionLifetimeMs: number;
  /** Entries that one delete, move or copy of a folder may touch. */
  folderOperationEntries: number;
  nameLength: number;
  /** The largest Dropbox-API-Arg header; the service publishes no number. */
  argHeaderBytes: number;
  accessTokenSeconds: number;
  /** New access tokens are good for so many requests, then count as expired. */
  accessTokenUses: number | undefined;
  /** Bodies up to this size stay in memory, larger ones go to disk. */
  inlineBytes: number;
}

const ALL_SCOPES = [
  "account_info.read",
  "files.metadata.read",
  "files.metadata.write",
  "files.content.read",
  "files.content.write",
] as const;

export function defaultSettings(): Settings {
  return {
    latencyMs: 0,
    writeLock: true,
    refuseParallelListings: true,
    paging: "exact",
    listingOrder: "shuffled",
    displayParents: "as-written",
    caseRename: "conflict",
    trailingDot: "refuse",
    nfdLookup: "not-found",
    deletedFolders: "one-entry",
    jobs: "as-usual",
    jobPolls: 1,
    jobRunsAfterMs: 1500,
    access: "full",
    appName: "trisync",
    appScopes: ALL_SCOPES,
    redirectUris: undefined,
    consent: "approve",
    requestBytes: 150 * 1024 * 1024,
    fileBytes: 2_199_019_061_248,
    quotaBytes: 2 * 1024 ** 4,
    pageSize: 500,
    sessionLifetimeMs: 7 * 24 * 3600 * 1000,
    folderOperationEntries: 10_000,
    nameLength: 255,
    argHeaderBytes: 16 * 1024,
    accessTokenSeconds: 14_400,
    accessTokenUses: undefined,
    inlineBytes: 256 * 1024,
  };
}
