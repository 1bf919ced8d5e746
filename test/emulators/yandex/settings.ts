/** What a test may change about the emulated service, before or while it runs. */
export interface Settings {
  /** Every request to any host takes at least this long. */
  latencyMs: number;
  /** API requests a second; more are answered with 429. 0: no limit. */
  requestsPerSecond: number;
  /** "window" never allows more in any second; "bucket" forgives a burst of twice as many after a pause. */
  rateCounting: "window" | "bucket";
  /** The Retry-After of such a 429 in seconds; undefined sends none, which is what is documented. */
  rateRetryAfter: number | undefined;

  /** Entries of a listing page when the request names no limit. */
  pageSize: number;
  /** Pages are never longer than this, whatever the limit. */
  pageCap: number;
  /** Larger limits time out, as they are said to do: 504, recorded as misuse. */
  largestLimit: number;
  /** The order of a listing without `sort`, which is not promised. */
  listingOrder: "folders-first" | "shuffled";
  /** How long the flat list of files shows the state from before a change. */
  flatListLagMs: number;

  /** Whether deletes, moves and copies are answered with 202: as the service does it (non-empty folders), always or never. */
  operations: "as-usual" | "async" | "sync";
  /** How many polls of an operation say in-progress. */
  operationPolls: number;
  /** An operation that nobody polls is carried out after this time all the same. */
  operationRunsAfterMs: number;
  /** Operation links: as recorded, as documented, with another origin, where no token belongs, or without TLS. */
  operationLinks: "path" | "query" | "other-host" | "plain-http";
  /** Overlapping deletes, moves and new folders in one folder: the later one is answered with 423. */
  parallelWrites: "allow" | "refuse";
  /** Whether overwrite=true works when a move or copy meets an existing file. */
  overwriteByMove: "replaces" | "refuses";
  moveKeepsId: boolean;
  /** What custom properties outlive. */
  propertiesSurvive: { move: boolean; copy: boolean; overwrite: boolean };

  /** The answer to a PUT: 201, or 202 and an operation that is done later. */
  uploadAnswer: "created" | "accepted";
  /** Milliseconds between the last byte and the answer, as a fixed part and for every MiB. */
  uploadSettleMs: number;
  uploadSettleMsPerMib: number;
  /** A new or replaced file is seen this long after the 201, as before until then. */
  visibilityDelayMs: number;
  /** PATCH so soon after the upload is answered with 500. */
  patchFailsWithinMs: number;
  /** PATCH so soon after the upload is answered with 200 and forgotten. */
  patchLostWithinMs: number;
  /** Uploads of the classes data, compressed and video, by the extension at the link request; 0: no limit. */
  slowBytesPerSecond: number;
  /** That many bytes of a slow upload are taken at full speed. */
  slowBurstBytes: number;
  /** HEAD on an upload link, and uploads in parts by Content-Range. Undocumented, so off. */
  resumableUploads: boolean;
  /** The uploader announces that it closes each connection, or ends it without a word at the second request. */
  uploaderConnections: "announced" | "breaks";
  uploadLinkMs: number;
  /** After so many bytes every further upload is answered with 423 DiskUploadTrafficLimitExceeded. */
  uploadTrafficBytes: number;

  downloadLinkMs: number;
  /** Whether downloads are redirected to a storage host. */
  downloadRedirects: boolean;
  /** A link whose file was replaced or deleted since: the bytes it was made for, or 404. */
  staleDownloads: "old-content" | "gone";
  /** Whether downloads carry an ETag header. */
  downloadEtag: boolean;

  fileBytes: number;
  quotaBytes: number;
  nameLength: number;
  pathLength: number;
  propertiesLength: number;
  /** Whether the service changes names to NFC. */
  unicode: "keep" | "nfc";
  /** What happens to spaces at the end of a name. */
  trailingSpaces: "keep" | "cut";

  /** The localised folder that holds the folders of applications, and the name of this one. */
  applicationsFolder: string;
  appName: string;
  /** Scopes enabled for the app. */
  appScopes: readonly string[];
  /** Redirect URIs registered for the app, besides every localhost address. */
  redirectUris: readonly string[];
  /** What the person at the authorize page, or at the page for device codes, does. */
  consent: "approve" | "deny" | "wait";
  accessTokenSeconds: number;
  /** An access token is good for so many requests, then it counts as expired. */
  accessTokenUses: number;
  /** "rotate" makes the old refresh token void; "keep" lets it live beside the new one. */
  refreshTokens: "rotate" | "keep";
  /** Whether a refresh may give the same access token again while more than half of its life is left. */
  refreshKeepsAccessToken: boolean;
  deviceIntervalSeconds: number;
  deviceCodeSeconds: number;
  /** Whether PKCE makes up for a missing client secret; the service does not say. */
  pkceWithoutSecret: boolean;
  /** Bodies up to this size stay in memory, larger ones go to disk. */
  inlineBytes: number;
}

const ALL_SCOPES = ["cloud_api:disk.read", "cloud_api:disk.write", "cloud_api:disk.info"] as const;

const VERIFICATION_PAGE = "https://oauth.yandex.ru/verification_code";

const YEAR_SECONDS = 31_536_000;
const GIB = 1024 ** 3;

export function defaultSettings(): Settings {
  return {
    latencyMs: 0,
    requestsPerSecond: 0,
    rateCounting: "window",
    rateRetryAfter: undefined,
    pageSize: 20,
    pageCap: Number.MAX_SAFE_INTEGER,
    largestLimit: 1000,
    listingOrder: "shuffled",
    flatListLagMs: 0,
    operations: "as-usual",
    operationPolls: 1,
    operationRunsAfterMs: 1500,
    operationLinks: "path",
    parallelWrites: "allow",
    overwriteByMove: "replaces",
    moveKeepsId: true,
    propertiesSurvive: { move: true, copy: true, overwrite: false },
    uploadAnswer: "created",
    uploadSettleMs: 0,
    uploadSettleMsPerMib: 0,
    visibilityDelayMs: 0,
    patchFailsWithinMs: 0,
    patchLostWithinMs: 0,
    slowBytesPerSecond: 128 * 1024,
    slowBurstBytes: 1024 * 1024,
    resumableUploads: false,
    uploaderConnections: "announced",
    uploadLinkMs: 30 * 60 * 1000,
    uploadTrafficBytes: Number.MAX_SAFE_INTEGER,
    downloadLinkMs: 4 * 3600 * 1000,
    downloadRedirects: false,
    staleDownloads: "old-content",
    downloadEtag: false,
    fileBytes: 50 * GIB,
    quotaBytes: 1024 * GIB,
    nameLength: 255,
    pathLength: 32_760,
    propertiesLength: 1024,
    unicode: "keep",
    trailingSpaces: "keep",
    applicationsFolder: "Приложения",
    appName: "trisync",
    appScopes: ALL_SCOPES,
    redirectUris: [VERIFICATION_PAGE],
    consent: "approve",
    accessTokenSeconds: YEAR_SECONDS,
    accessTokenUses: Number.POSITIVE_INFINITY,
    refreshTokens: "rotate",
    refreshKeepsAccessToken: false,
    deviceIntervalSeconds: 5,
    deviceCodeSeconds: 300,
    pkceWithoutSecret: true,
    inlineBytes: 256 * 1024,
  };
}
