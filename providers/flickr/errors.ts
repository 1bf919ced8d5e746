import { ProviderError, type ProviderErrorCode } from "../../lib/model/errors.js";
import { readable, wordsFor, type Meaning, type Subject } from "../refusals.js";

/** An answer with which the service refuses. `number` is its own, and means different things for different methods. */
export class ServiceError extends ProviderError {
  constructor(
    code: ProviderErrorCode,
    message: string,
    readonly number: number,
  ) {
    super(code, message);
  }
}

/** What the numbers of one method mean, besides those that all have in common. */
export type Meanings = Readonly<Record<number, Meaning>>;

export function toServiceError(
  number: number,
  message: string | undefined,
  about: Subject,
  meanings: Meanings,
): ServiceError {
  const { code, sentence } = meanings[number] ?? COMMON[number] ?? OTHER;
  const own = readable(message, 200);
  const detail = own === undefined ? `error ${number}` : `error ${number}: ${own}`;
  return new ServiceError(code, `${wordsFor(about)}: ${sentence} (Flickr: ${detail})`, number);
}

export function hasNumber(error: unknown, ...numbers: readonly number[]): error is ServiceError {
  return error instanceof ServiceError && numbers.includes(error.number);
}

/** True for what passes: worth another try where nothing can be done twice. */
export function isPassing(error: unknown): boolean {
  return hasNumber(error, 0, 105, 106, 201) && error.code === "unavailable";
}

const SIGN_IN = "run `trisync login flickr` again";
const CHECK_KEYS =
  "check FLICKR_API_KEY and FLICKR_API_SECRET and the clock of this machine, or run `trisync login flickr` again";

const COMMON: Meanings = {
  0: { code: "unavailable", sentence: "Flickr failed; run again later" },
  95: { code: "rejected", sentence: "Flickr is not asked over plain http; check FLICKR_API_URL" },
  96: { code: "unauthorized", sentence: `the signature is not accepted; ${CHECK_KEYS}` },
  97: { code: "unauthorized", sentence: `the signature is missing; ${CHECK_KEYS}` },
  98: { code: "unauthorized", sentence: `the sign-in was revoked or is not valid; ${SIGN_IN}` },
  99: {
    code: "unauthorized",
    sentence:
      "the sign-in does not allow this; run `FLICKR_PERMS=delete trisync login flickr` for deletions, or `trisync login flickr`",
  },
  100: {
    code: "unauthorized",
    sentence: "the API key is not valid; check FLICKR_API_KEY, and run `trisync login flickr` again",
  },
  105: { code: "unavailable", sentence: "Flickr is not available at the moment; run again later" },
  106: { code: "unavailable", sentence: "Flickr could not write at the moment; run again later" },
  116: { code: "rejected", sentence: "Flickr bans an address that the name holds; rename it" },
  201: { code: "unavailable", sentence: "Flickr failed; run again later" },
};

const OTHER: Meaning = { code: "rejected", sentence: "Flickr does not take this request" };

export const GONE: Meaning = { code: "not-found", sentence: "it is gone" };
