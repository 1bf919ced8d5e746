import type { QuotaLimit } from "./faults.js";

/** An error of the API as it goes over the wire. */
export class ApiError extends Error {
  constructor(
    readonly httpStatus: number,
    /** As in google.rpc.Code, upper case. */
    readonly status: string,
    message: string,
    readonly extra: {
      readonly details?: readonly unknown[] | undefined;
      readonly headers?: Readonly<Record<string, string>> | undefined;
      /** The client should have known better: recorded, so that a test fails. */
      readonly isMisuse?: boolean | undefined;
      /** The upload endpoint's `{"code", "message"}` without the outer `error`. */
      readonly flatCode?: number | undefined;
    } = {},
  ) {
    super(message);
  }
}

/** A page instead of JSON, as for routes that do not exist. */
export class PageNotFound extends Error {}

/** 400: the request is wrong in itself, which a careful client's never is. */
export function badRequest(message: string): ApiError {
  return new ApiError(400, "INVALID_ARGUMENT", message, { isMisuse: true });
}

/** 400: the request is well-formed, but what it names cannot be used. */
export function invalidArgument(message: string): ApiError {
  return new ApiError(400, "INVALID_ARGUMENT", message);
}

export function unauthenticated(): ApiError {
  return new ApiError(
    401,
    "UNAUTHENTICATED",
    "Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other valid " +
      "authentication credential. See https://developers.google.com/identity/sign-in/web/devconsole-project.",
  );
}

export function insufficientScopes(): ApiError {
  return new ApiError(403, "PERMISSION_DENIED", "Request had insufficient authentication scopes.", {
    details: [errorInfo("ACCESS_TOKEN_SCOPE_INSUFFICIENT", { method: "google.photos.library.v1.PhotosLibrary" })],
  });
}

export function serviceDisabled(projectNumber: string): ApiError {
  const url = `https://console.developers.google.com/apis/api/photoslibrary.googleapis.com/overview?project=${projectNumber}`;
  const message =
    `Photos Library API has not been used in project ${projectNumber} before or it is disabled. ` +
    `Enable it by visiting ${url} then retry.`;
  return new ApiError(403, "PERMISSION_DENIED", message, {
    details: [
      { "@type": "type.googleapis.com/google.rpc.Help", links: [{ description: "Google developers console", url }] },
      { "@type": "type.googleapis.com/google.rpc.LocalizedMessage", locale: "en-US", message },
      errorInfo("SERVICE_DISABLED", { consumer: `projects/${projectNumber}` }),
    ],
  });
}

/** An id that is unknown, gone or not the app's; services answer it in three ways. */
export function unknownId(what: string, status: 404 | 403 | 400): ApiError {
  if (status === 404) return new ApiError(404, "NOT_FOUND", `Requested entity was not found.`);
  if (status === 403) return new ApiError(403, "PERMISSION_DENIED", "The caller does not have permission");
  return new ApiError(400, "INVALID_ARGUMENT", `Request contains an invalid ${what} id.`);
}

/** The answer for a spent quota. Only "per-day" does not pass by waiting a little. */
export function quotaError(
  limit: Exclude<QuotaLimit, "media">,
  projectNumber: string,
  retryAfterSeconds?: number,
): ApiError {
  const headers = retryAfterSeconds === undefined ? {} : { "Retry-After": String(retryAfterSeconds) };
  const consumer = `of service 'photoslibrary.googleapis.com' for consumer 'project_number:${projectNumber}'.`;
  if (limit === "uploads-flat") {
    const message = `Insufficient tokens for quota 'UploadsPerMinute' and limit 'UploadsPerMinutePerProject' ${consumer}`;
    return new ApiError(400, "RESOURCE_EXHAUSTED", message, { headers, flatCode: 3 });
  }
  return new ApiError(429, "RESOURCE_EXHAUSTED", `${QUOTA_MESSAGES[limit]} ${consumer}`, {
    headers,
    details: [errorInfo("RATE_LIMIT_EXCEEDED", { service: "photoslibrary.googleapis.com" })],
  });
}

const QUOTA_MESSAGES: Readonly<Record<Exclude<QuotaLimit, "media" | "uploads-flat">, string>> = {
  "per-day": "Quota exceeded for quota metric 'All requests' and limit 'All requests per day'",
  "per-minute": "Quota exceeded for quota metric 'All requests' and limit 'All requests per minute'",
  "writes-per-minute":
    "Quota exceeded for quota metric 'photoslibrary.googleapis.com/write_requests' and limit 'WritesPerMinutePerUser'",
  "concurrent-write": "Quota exceeded for quota 'concurrent write request'",
};

/** The status word that goes with an HTTP status. */
export function statusWord(httpStatus: number): string {
  return STATUS_WORDS.get(httpStatus) ?? "UNKNOWN";
}

const STATUS_WORDS: ReadonlyMap<number, string> = new Map([
  [400, "INVALID_ARGUMENT"],
  [401, "UNAUTHENTICATED"],
  [403, "PERMISSION_DENIED"],
  [404, "NOT_FOUND"],
  [409, "ABORTED"],
  [429, "RESOURCE_EXHAUSTED"],
  [500, "INTERNAL"],
  [502, "UNAVAILABLE"],
  [503, "UNAVAILABLE"],
  [504, "DEADLINE_EXCEEDED"],
]);

function errorInfo(reason: string, metadata: Readonly<Record<string, string>>): unknown {
  return { "@type": "type.googleapis.com/google.rpc.ErrorInfo", reason, domain: "googleapis.com", metadata };
}
