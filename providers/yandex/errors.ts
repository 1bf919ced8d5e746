import { ProviderError, type ProviderErrorCode } from "../../lib/model/errors.js";
import { readable, wordsFor, type Meaning, type Subject } from "../refusals.js";

/** An answer with which the service refuses. `error` is its stable word for the reason. */
export class ServiceError extends ProviderError {
  constructor(
    code: ProviderErrorCode,
    message: string,
    readonly status: number,
    readonly error: string,
  ) {
    super(code, message);
  }
}

export interface Refusal {
  readonly status: number;
  /** "" where the answer had none. */
  readonly error: string;
  readonly description: string | undefined;
}

/** The refusal with a sentence for people. The service's own words are added in English; its `message` is localised. */
export function toServiceError({ status, error, description }: Refusal, about: Subject): ServiceError {
  const { code, sentence } = meaningOf(status, error);
  const own = [WORD.test(error) ? error : undefined, readable(description, 300)].filter((text) => text !== undefined);
  const detail = own.length === 0 ? `status ${status}` : own.join(": ");
  return new ServiceError(code, `${wordsFor(about)}: ${sentence} (Yandex: ${detail})`, status, error);
}

export function isServiceError(error: unknown, ...words: readonly string[]): boolean {
  return error instanceof ServiceError && words.includes(error.error);
}

/** True when what was asked for does not exist. */
export function isNotFound(error: unknown): boolean {
  return error instanceof ProviderError && error.code === "not-found";
}

/** True when the folder above does not exist. */
export function isParentMissing(error: unknown): boolean {
  return isServiceError(error, "DiskPathDoesntExistsError");
}

/** True when something is there already. */
export function isTaken(error: unknown): boolean {
  return isServiceError(error, "DiskResourceAlreadyExistsError", "DiskPathPointsToExistentDirectoryError");
}

export function isForbidden(error: unknown): error is ServiceError {
  return error instanceof ServiceError && error.status === 403;
}

/** Where the sign-in may not see the very folder of the job. */
export function notAllowed(root: string, error: ServiceError): ProviderError {
  return new ProviderError(
    "unauthorized",
    `list ${root}: the sign-in to Yandex Disk may not see this folder; give the application the permissions to read and ` +
      "write the whole Disk, then run `trisync login yandex` again, or use yandex:app:/ for its own folder",
    { cause: error },
  );
}

/** True while another operation holds the path: worth waiting for. */
export function isBusy(error: unknown): boolean {
  return error instanceof ServiceError && error.status === 423 && error.code === "unavailable";
}

const TRAFFIC: Meaning = {
  code: "quota",
  sentence: "the upload allowance of the account is used up for this period; moves, deletions and downloads go on",
};
const FULL: Meaning = {
  code: "quota",
  sentence: "there is not enough space left on the Disk; free some, its trash included",
};
const GONE: Meaning = { code: "not-found", sentence: "it is gone" };
const TAKEN: Meaning = { code: "changed", sentence: "something else is at this path by now" };

/** By the service's stable word. */
const MEANINGS: ReadonlyMap<string, Meaning> = new Map(
  Object.entries({
    DiskNotFoundError: GONE,
    DiskOperationNotFoundError: GONE,
    DiskResourceAlreadyExistsError: TAKEN,
    DiskPathPointsToExistentDirectoryError: TAKEN,
    DiskPathDoesntExistsError: { code: "changed", sentence: "the folder that it belongs in does not exist" },
    MD5DifferError: { code: "changed", sentence: "another version is there by now" },
    DiskResourceLockedError: { code: "unavailable", sentence: "another operation holds it, even after waiting" },
    DiskUploadTrafficLimitExceeded: TRAFFIC,
    DiskResourceUploadTrafficLimitExceededError: TRAFFIC,
    FieldValidationError: { code: "rejected", sentence: "Yandex Disk does not take this request" },
    DiskSymlinkPasswordRequiredError: { code: "rejected", sentence: "it is protected by a password" },
  } satisfies Record<string, Meaning>),
);

/** Where the word is not known, the status tells what it can. */
const BY_STATUS: Readonly<Record<number, Meaning>> = {
  403: {
    code: "rejected",
    sentence: "Yandex Disk does not allow it; the sign-in lacks a permission, or the folder is shared for reading only",
  },
  404: GONE,
  409: TAKEN,
  410: GONE,
  413: { code: "rejected", sentence: "the file is too large for this account" },
  423: { code: "unavailable", sentence: "the Disk is read-only at the moment, or another operation holds it" },
  507: FULL,
};

const OTHER: Meaning = { code: "rejected", sentence: "Yandex Disk does not take this request" };

/** Words for no space and for used-up allowances are not all known; these parts are in those that are. */
const NO_SPACE = /space|storage|quota/i;
const ALLOWANCE = /TrafficLimit/i;

function meaningOf(status: number, error: string): Meaning {
  const known = MEANINGS.get(error);
  if (known !== undefined) return known;
  if (ALLOWANCE.test(error)) return TRAFFIC;
  if (NO_SPACE.test(error)) return FULL;
  return BY_STATUS[status] ?? OTHER;
}

const WORD = /^[A-Za-z0-9_]{1,80}$/;
