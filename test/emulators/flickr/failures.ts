/** What the API answers with `stat="fail"`. */
export class ApiFailure extends Error {
  constructor(
    readonly code: number,
    message: string,
    readonly extra: {
      /** A careful client never gets this. */
      readonly isMisuse?: boolean | undefined;
      /** Further elements beside `err`, in the answers of uploads. */
      readonly elements?: Readonly<Record<string, string>> | undefined;
      readonly attributes?: Readonly<Record<string, string>> | undefined;
    } = {},
  ) {
    super(message);
  }
}

/** What the signature layer answers: HTTP 401 with a form. */
export class OAuthProblem extends Error {
  constructor(
    readonly problem: string,
    readonly details: Readonly<Record<string, string>> = {},
    readonly isMisuse = true,
  ) {
    super(problem);
  }
}

/** An answer that is no API at all: a page of HTML with a status. */
export class PageFailure extends Error {
  constructor(
    readonly status: number,
    message: string,
    readonly headers: Readonly<Record<string, string>> = {},
  ) {
    super(message);
  }
}

const COMMON_MESSAGES: ReadonlyMap<number, string> = new Map([
  [95, "SSL is required"],
  [96, "Invalid signature"],
  [97, "Missing signature"],
  [98, "Login failed / Invalid auth token"],
  [99, "User not logged in / Insufficient permissions"],
  [100, "Invalid API Key (Key has invalid format)"],
  [105, "Service currently unavailable"],
  [106, "Write operation failed"],
  [116, "Bad URL found"],
  [201, "There was a problem with your request"],
]);

export function commonMessage(code: number): string {
  return COMMON_MESSAGES.get(code) ?? "Unknown error";
}

/** One of the failures that any method may have. */
export function commonFailure(code: number, isMisuse = false): ApiFailure {
  return new ApiFailure(code, commonMessage(code), { isMisuse });
}

export function photoNotFound(code = 1): ApiFailure {
  return new ApiFailure(code, "Photo not found");
}

export function setNotFound(): ApiFailure {
  return new ApiFailure(1, "Photoset not found");
}

export function userNotFound(code: number): ApiFailure {
  return new ApiFailure(code, "User not found");
}
