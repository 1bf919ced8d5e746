import { APPEND_SCOPE, EDIT_SCOPE, READ_SCOPE } from "./scopes.js";

/** What a test may change about the emulated service, before or while it runs. */
export interface Settings {
  /** Every request takes at least this long. A write keeps its account busy for as long. */
  latencyMs: number;
  /** Writes that overlap in one account are answered with 429 "concurrent write request". */
  writeLock: boolean;
  /** A write keeps its account busy for at least this long, also when it is answered sooner. */
  writeHoldMs: number;
  /** After an overlap all writes of the account are answered with 429 for so long, by the service's clock. */
  writePenaltyMs: number;
  /** Requests to the API, uploads included, of the whole project in one day. */
  requestsPerDay: number;
  /** Requests to the image host of the whole project in one day. */
  mediaRequestsPerDay: number;
  /** Writes of one account in one minute; more are answered with 429. */
  writesPerMinute: number;
  /** Uploads of the project in one minute; more are answered with a flat 400. */
  uploadsPerMinute: number;
  /** Whether each chunk of a resumable upload counts as a request of the day. */
  countChunks: boolean;
  /** How long a client is expected to wait after a 429 that passes; sooner requests are counted as early. */
  quotaWaitMs: number;
  /** The account's storage; what does not fit fails with code 8. */
  storageBytes: number;
  albumItems: number;
  photoBytes: number;
  videoBytes: number;
  /** The largest body of one upload request. */
  requestBytes: number;
  uploadTokenSeconds: number;
  /** What a second use of an upload token does. */
  usedUploadTokens: "same-item" | "refuse";
  sessionSeconds: number;
  granularityBytes: number;
  /** What happens to bytes that the user already has from elsewhere. */
  userItems: "hidden" | "visible" | "refused";
  /** What happens to bytes whose item lies in the user's bin: a success that shows nowhere, or the item comes back. */
  trashedItems: "swallowed" | "restored";
  /** New items come up in list and search only after this time, by the service's clock. */
  listLagMs: number;
  /** New albums come up in albums.list only after this time, by the service's clock. */
  albumLagMs: number;
  /** "ragged": short pages, empty pages with a token, an item twice at the border of two pages. */
  paging: "exact" | "ragged";
  /** A page size above the maximum; either way it is recorded as misuse. */
  largePages: "clamp" | "refuse";
  pageTokenSeconds: number;
  /** The order of albums.list is not promised. */
  albumOrder: "shuffled" | "as-created";
  /** The answer for an id that is unknown, gone or not the app's. */
  unknownIdStatus: 404 | 403 | 400;
  /** Removing an item that is not in the album. */
  absentRemovals: "refuse" | "accept";
  /** A video stays PROCESSING for so long, by the service's clock. */
  videoProcessingMs: number;
  /** The answer of the image host for a video that is not ready. */
  unreadyVideoStatus: 404 | 403;
  baseUrlSeconds: number;
  accessTokenSeconds: number;
  /** How many requests an access token from the token endpoint is good for. */
  accessTokenUses: number;
  /** A refresh answer brings a new refresh token; the old one stays good. */
  rotateRefreshTokens: boolean;
  /** "testing": a refresh token dies seven days after the consent. */
  publishing: "production" | "testing";
  /** Live refresh tokens of one account and client; the oldest one dies when there would be more. */
  refreshTokens: number;
  /** "web": the redirect URI has to be one of `redirectUris`, to the character. "installed": any loopback address. */
  clientKind: "installed" | "web";
  redirectUris: readonly string[];
  /** What the person at the consent page does. */
  consent: "approve" | "deny";
  /** Scopes whose boxes the person leaves ticked. */
  tickedScopes: readonly string[];
  /** The project has not enabled the Photos Library API. */
  serviceDisabled: boolean;
  /** Bodies up to this size stay in memory, larger ones go to disk. */
  inlineBytes: number;
}

const MIB = 1024 * 1024;
const HOUR_SECONDS = 3600;

export function defaultSettings(): Settings {
  return {
    latencyMs: 0,
    writeLock: true,
    writeHoldMs: 0,
    writePenaltyMs: 0,
    requestsPerDay: 10_000,
    mediaRequestsPerDay: 75_000,
    writesPerMinute: Number.POSITIVE_INFINITY,
    uploadsPerMinute: Number.POSITIVE_INFINITY,
    countChunks: true,
    quotaWaitMs: 30_000,
    storageBytes: Number.POSITIVE_INFINITY,
    albumItems: 20_000,
    photoBytes: 200 * MIB,
    videoBytes: 20 * 1024 * MIB,
    requestBytes: 21 * 1024 * MIB,
    uploadTokenSeconds: 24 * HOUR_SECONDS,
    usedUploadTokens: "same-item",
    sessionSeconds: 7 * 24 * HOUR_SECONDS,
    granularityBytes: 262_144,
    userItems: "hidden",
    trashedItems: "swallowed",
    listLagMs: 0,
    albumLagMs: 0,
    paging: "exact",
    largePages: "clamp",
    pageTokenSeconds: HOUR_SECONDS,
    albumOrder: "shuffled",
    unknownIdStatus: 404,
    absentRemovals: "refuse",
    videoProcessingMs: 0,
    unreadyVideoStatus: 404,
    baseUrlSeconds: HOUR_SECONDS,
    accessTokenSeconds: 3599,
    accessTokenUses: Number.POSITIVE_INFINITY,
    rotateRefreshTokens: false,
    publishing: "production",
    refreshTokens: 100,
    clientKind: "installed",
    redirectUris: ["http://localhost"],
    consent: "approve",
    tickedScopes: [APPEND_SCOPE, READ_SCOPE, EDIT_SCOPE],
    serviceDisabled: false,
    inlineBytes: 256 * 1024,
  };
}
