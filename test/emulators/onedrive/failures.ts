/** An answer other than success, as the API and the upload and download hosts give it. */
export class Refusal extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    readonly details: RefusalDetails,
  ) {
    super(details.message ?? MESSAGES[code] ?? code);
  }
}

export interface RefusalDetails {
  readonly message?: string | undefined;
  readonly inner?: string | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** What a careful client would not have done; kept for the test. */
  readonly misuse?: string | undefined;
}

const MESSAGES: Readonly<Record<string, string>> = {
  nameAlreadyExists: "Name already exists",
  itemNotFound: "The resource could not be found.",
  resourceModified: "ETag does not match current item's value",
  notAllowed: "ETag does not match current item's value",
  resourceLocked: "The resource you are attempting to access is locked",
  activityLimitReached: "The request has been throttled",
  quotaLimitReached: "Insufficient Space Available",
  accessDenied: "Access denied",
  notSupported: "Operation not supported",
  resyncRequired: "Resync required. Replace any local items with the server's version.",
  malwareDetected: "Malware detected",
  UnknownError: "",
};

export function refusal(status: number, code: string, details: RefusalDetails = {}): Refusal {
  return new Refusal(status, code, details);
}

/** A request that no careful client sends: 400, and kept for the test. */
export function badRequest(misuse: string, inner?: string): Refusal {
  return new Refusal(400, "invalidRequest", { message: misuse, misuse, inner });
}

export function notFound(): Refusal {
  return new Refusal(404, "itemNotFound", {});
}

/** The token endpoint's own shape of error. */
export class SignInRefusal extends Error {
  constructor(
    readonly status: number,
    readonly error: string,
    readonly details: {
      readonly aadsts?: number | undefined;
      readonly message: string;
      readonly suberror?: string | undefined;
      readonly headers?: Readonly<Record<string, string>> | undefined;
      readonly misuse?: boolean | undefined;
    },
  ) {
    super(details.message);
  }
}
