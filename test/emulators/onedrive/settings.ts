/** What a test may change about the emulated service, before or while it runs. */
export interface Settings {
  /** Every request takes at least this long. */
  latencyMs: number;

  /** Items on a page of a delta; undefined means 200 on personal drives and 1,000 on others. */
  deltaPageSize: number | undefined;
  /** Whether `$top` makes the pages of a delta smaller. */
  deltaTop: "honoured" | "ignored";
  /** The order of a whole enumeration, which the service does not promise. */
  deltaOrder: "parents-first" | "shuffled";
  /** Whether changes bring the root and the ancestors of what changed along. `Prefer: deltaExcludeParent` hides them too. */
  deltaAncestors: "shown" | "hidden";
  /** "root-only" answers a folder's delta with 501, as business drives did before 2021. */
  deltaScope: "any-folder" | "root-only";
  /** What a folder-scoped delta says about a folder that moves in: all it holds, itself alone, or 410. */
  deltaMovedIn: "list" | "folder-only" | "resync";
  /** Whether a deleted folder comes as one tombstone or together with those of everything it held. */
  deltaDeletedFolders: "one-entry" | "every-entry";
  /** Deletions are never told. */
  deltaLosesTombstones: boolean;
  /** Changes show up in a delta so much later, by the emulator's clock. */
  deltaLagMs: number;
  /** New items can be read so much later, by the emulator's clock. */
  itemLagMs: number;
  /** Items on a page of children when the request names no `$top`. */
  childrenPageSize: number;

  /**
   * Whether files have a quickXorHash; "absent" leaves the hashes facet out, "empty" leaves it without members, "other" leaves in it
   * what else there is.
   */
  hashes: "present" | "absent" | "empty" | "other";
  /** Whether files on personal drives list a sha256Hash too. */
  personalSha256: boolean;
  /** "flips" changes the case of personal drive ids from answer to answer and drops a leading zero. */
  personalIds: "steady" | "flips";
  /** How parentReference.path is written outside of deltas; "mixed" changes from answer to answer. */
  parentPath: "plain" | "encoded" | "absent" | "mixed";
  /** Whether an update answers 200 with the item or 204 without. */
  updateAnswer: "item" | "no-content";
  /** Whether a move or rename that names no time sets the modification time to now. */
  moveResetsTime: boolean;
  /** A rename that changes only case, on personal drives. */
  personalCaseRename: "accept" | "conflict";
  /** What the service does to Office, HTML and PDF files on business drives, see office.ts. */
  officeRewriting: "off" | "at-upload" | "after-upload";
  /** How many times each upload is rewritten with "after-upload", once before each later request. */
  officeRewrites: number;

  /** The largest body of a simple upload. */
  simpleUploadBytes: number;
  fileBytes: number;
  quotaBytes: number;
  /** What the drive says of its quota. */
  quotaShown: "true" | "zero" | "missing";
  /** Units of UTF-16 in a path below the root. */
  pathLength: number;
  nameLength: number;
  /** Whether createUploadSession makes missing parent folders. */
  sessionCreatesParents: boolean;
  /** Ranges, except the last, that are no multiple of 320 KiB: refused at once, or the file fails when it is whole. */
  unevenRanges: "refuse" | "fail-at-commit";
  /** A session dies so long after its last range. */
  sessionLifetimeMs: number;
  /** The token inside an upload URL dies so long after it was made, whatever the session says. */
  uploadUrlLifetimeMs: number;
  /** On business drives an open session keeps other sessions from its name. */
  sessionLocksName: boolean;
  openSessions: number;
  downloadUrlLifetimeMs: number;
  /** Whether upload and download URLs answer 401 to a request with an Authorization header. */
  filesHostRefusesBearer: boolean;
  /** Download URLs answer with the whole file, whatever range is asked for. */
  ignoreRanges: boolean;
  /** Polls of a copy that say inProgress. */
  copyPolls: number;
  batchMembers: number;
  batchBytes: number;
  /** Bodies of answers to binary uploads inside a batch come as base64 of the JSON. */
  batchAnswersInBase64: boolean;
  /** Whether JSON is compressed for clients that accept it. */
  gzip: boolean;

  /** Resource units a minute before 429 sets in; undefined for no limit. */
  unitsPerMinute: number | undefined;

  accessTokenSeconds: number;
  /** New access tokens are good for so many requests, then count as expired. */
  accessTokenUses: number | undefined;
  /** What a refresh does to the refresh token. The service keeps the old one good; "same" answers without a new one. */
  refreshTokens: "rotate" | "rotate-and-revoke" | "same";
  /** Delegated sign-ins of a public client must not send a secret, those of a confidential one must. */
  app: "public" | "confidential";
  /** Accounts the app is registered for, which decides the tenants that work. */
  audience: "any" | "organizations" | "consumers" | "single-tenant";
  /** Delegated permissions the app may ask for. */
  appScopes: readonly string[];
  redirectUris: readonly string[];
  /** What the person at the sign-in page does. */
  consent: "approve" | "deny";
  /** Polls that a person needs to enter the device code; "never" waits for approveDevice(). */
  devicePolls: number | "never";
  deviceIntervalSeconds: number;
  /** "blocked" is a tenant whose policy does not allow the flow. */
  deviceFlow: "works" | "blocked";

  /** Bodies up to this size stay in memory, larger ones go to disk. */
  inlineBytes: number;
}

const MIB = 1024 * 1024;

const ALL_SCOPES: readonly string[] = [
  "Files.Read",
  "Files.Read.All",
  "Files.ReadWrite",
  "Files.ReadWrite.All",
  "Files.ReadWrite.AppFolder",
  "Sites.Read.All",
  "Sites.ReadWrite.All",
  "User.Read",
];

export function defaultSettings(): Settings {
  return {
    ...LISTING,
    ...ITEMS,
    ...UPLOADS,
    ...SIGN_IN,
    latencyMs: 0,
    unitsPerMinute: undefined,
    inlineBytes: 256 * 1024,
  };
}

const LISTING = {
  deltaPageSize: undefined,
  deltaTop: "honoured",
  deltaOrder: "parents-first",
  deltaAncestors: "shown",
  deltaScope: "any-folder",
  deltaMovedIn: "list",
  deltaDeletedFolders: "one-entry",
  deltaLosesTombstones: false,
  deltaLagMs: 0,
  itemLagMs: 0,
  childrenPageSize: 200,
} as const;

const ITEMS = {
  hashes: "present",
  personalSha256: true,
  personalIds: "steady",
  parentPath: "plain",
  updateAnswer: "item",
  moveResetsTime: true,
  personalCaseRename: "accept",
  officeRewriting: "off",
  officeRewrites: 1,
} as const;

const UPLOADS = {
  simpleUploadBytes: 250 * MIB,
  fileBytes: 268_435_456_000,
  quotaBytes: 1024 ** 4,
  quotaShown: "true",
  pathLength: 400,
  nameLength: 255,
  sessionCreatesParents: false,
  unevenRanges: "refuse",
  sessionLifetimeMs: 15 * 60 * 1000,
  uploadUrlLifetimeMs: 24 * 3600 * 1000,
  sessionLocksName: true,
  openSessions: 40,
  downloadUrlLifetimeMs: 3600 * 1000,
  filesHostRefusesBearer: true,
  ignoreRanges: false,
  copyPolls: 1,
  batchMembers: 20,
  batchBytes: 4 * MIB,
  batchAnswersInBase64: false,
  gzip: true,
} as const;

const SIGN_IN = {
  accessTokenSeconds: 3599,
  accessTokenUses: undefined,
  refreshTokens: "rotate",
  app: "public",
  audience: "any",
  appScopes: ALL_SCOPES,
  redirectUris: ["http://localhost", "http://127.0.0.1"],
  consent: "approve",
  devicePolls: 1,
  deviceIntervalSeconds: 1,
  deviceFlow: "works",
} as const;
