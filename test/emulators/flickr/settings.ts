/** Limits and behaviour of the emulated service. Every field may be changed while it runs. */
export interface Settings {
  /** Every answer takes at least so long. */
  latencyMs: number;
  /** Calls of one key in any hour; more are answered with a 429 page. */
  requestsPerHour: number;
  /** Whether uploads and replacements count among them. */
  uploadsCount: boolean;
  /** How long a client is expected to wait after a 429; sooner requests are counted as early. */
  rateLimitWaitMs: number;
  /** Plain HTTP is refused with code 95 by the REST host, as the real one does. */
  requireTls: boolean;
  /** How far a time stamp may be off, either way. */
  timestampWindowSeconds: number;
  /** How far the service's clock is ahead of the client's, as the signatures show it. */
  clockSkewMs: number;
  /** Where the signature layer refuses: HTTP 401 with a form, or code 96 as an API failure. */
  signatureFailures: "http" | "rest";
  /** A token that is unknown or revoked: code 98, or HTTP 401 with token_rejected. */
  tokenFailures: "http" | "rest";
  requestTokenSeconds: number;
  /** Whether the nine digits that a person types may come without their dashes. */
  codeDashes: "required" | "optional";
  /** What the person at the authorisation page does. */
  consent: "approve" | "deny";
  /** The privacy of uploads that say nothing. */
  defaultPrivacy: "public" | "private";
  /** "free": a limit on the number of items, no replacing, no originals and nothing above 1,024 pixels. */
  plan: "pro" | "free";
  freeItems: number;
  freePrivateItems: number;
  /** Whether a free account's lists still tell the format and secret of originals that cannot be fetched. */
  freeOriginalFormat: "present" | "absent";
  photoBytes: number;
  videoBytes: number;
  /** Larger bodies are answered with a 413 page. */
  requestBytes: number;
  videosDisabled: boolean;
  videosPerAccount: number;
  setsPerAccount: number;
  photosPerSet: number;
  tagsPerPhoto: number;
  /** Longer tags are cut off. */
  tagLength: number;
  /** What becomes of punctuation in the value of a machine tag in its clean form. */
  machineTagPunctuation: "lost" | "kept";
  /** What the search index knows is so much older than the library. */
  searchLagMs: number;
  /** Search shows so many results; what pages behind them give. */
  searchResults: number;
  searchDepth: "repeat" | "refuse";
  /** A page past the end of a list. */
  pagePastEnd: "repeat" | "empty";
  /** The total of an empty list: the number, or the empty text that is seen at times. */
  emptyTotal: "zero" | "blank";
  /** Asynchronous uploads are done after so long. */
  ticketMs: number;
  ticketSeconds: number;
  /** A photo or video is "processing" for so long: no original, no sizes. */
  photoProcessingMs: number;
  videoProcessingMs: number;
  /** Whether getSizes tells the address of a video as it was uploaded; HD videos often have none. */
  videoOriginals: boolean;
  /** Whether upload answers carry the two secrets. */
  uploadSecrets: boolean;
  /** Where the answer for a duplicate has the id of the photo that is there. */
  duplicateId: "element" | "attribute";
  /** Whether the date taken follows a replacement. */
  replacedDateTaken: "follows" | "stays";
  /** Arguments that hold one of these are refused with 116. */
  bannedUrls: readonly string[];
  /** Further delay, downloads in `imageWindowMs` and at once, of the image host; more are answered with 429. */
  imageLatencyMs: number;
  imageDownloads: number;
  imageWindowMs: number;
  imageParallel: number;
  /** Addresses that died: a 404 page, or a redirect to a picture that says so. */
  deadImages: "missing" | "placeholder";
  imageRanges: boolean;
  /** Bodies up to this size stay in memory, larger ones go to disk. */
  inlineBytes: number;
}

const MIB = 1024 * 1024;
const NO_LIMIT = Number.POSITIVE_INFINITY;

export function defaultSettings(): Settings {
  return {
    latencyMs: 0,
    requestsPerHour: 3600,
    uploadsCount: true,
    rateLimitWaitMs: 10_000,
    requireTls: false,
    timestampWindowSeconds: 300,
    clockSkewMs: 0,
    signatureFailures: "http",
    tokenFailures: "rest",
    requestTokenSeconds: 600,
    codeDashes: "required",
    consent: "approve",
    defaultPrivacy: "public",
    plan: "pro",
    freeItems: 1000,
    freePrivateItems: 50,
    freeOriginalFormat: "present",
    photoBytes: 200 * MIB,
    videoBytes: 1024 * MIB,
    requestBytes: 1100 * MIB,
    videosDisabled: false,
    videosPerAccount: NO_LIMIT,
    setsPerAccount: NO_LIMIT,
    photosPerSet: NO_LIMIT,
    tagsPerPhoto: 75,
    tagLength: 255,
    machineTagPunctuation: "lost",
    searchLagMs: 0,
    searchResults: 4000,
    searchDepth: "repeat",
    pagePastEnd: "repeat",
    emptyTotal: "zero",
    ticketMs: 0,
    ticketSeconds: 3600,
    photoProcessingMs: 0,
    videoProcessingMs: 0,
    videoOriginals: true,
    uploadSecrets: true,
    duplicateId: "element",
    replacedDateTaken: "follows",
    bannedUrls: [],
    imageLatencyMs: 0,
    imageDownloads: NO_LIMIT,
    imageWindowMs: 600_000,
    imageParallel: NO_LIMIT,
    deadImages: "missing",
    imageRanges: true,
    inlineBytes: 256 * 1024,
  };
}
