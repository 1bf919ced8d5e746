import type { HttpAnswer } from "../../lib/http/types.js";
import { ProviderError, type ProviderErrorCode } from "../../lib/model/errors.js";
import { wordsFor, type Subject } from "../refusals.js";
import { SIGN_IN } from "./config.js";
import { parseJson } from "../memory.js";
import { errorAnswer, type RpcStatus } from "./schemas.js";

/** What a refusal is about, as far as callers go different ways. */
export type Trouble =
  /** The requests of the day are spent. */
  | "day-spent"
  /** Too many at the moment: passes by waiting. */
  | "too-often"
  /** Two calls got in each other's way: passes within seconds. */
  | "aborted"
  /** The bytes that an upload token stands for cannot be used any more. */
  | "bad-token"
  | "bad-album"
  | "bad-item"
  | "not-found"
  | "other";

/** An answer with which the service refuses. */
export class ServiceError extends ProviderError {
  constructor(
    code: ProviderErrorCode,
    message: string,
    readonly trouble: Trouble,
    readonly status: number,
  ) {
    super(code, message);
  }
}

export function isTrouble(error: unknown, ...troubles: readonly Trouble[]): error is ServiceError {
  return error instanceof ServiceError && troubles.includes(error.trouble);
}

/** The refusal as an error with a sentence for people. Answers of the upload endpoint may be flat JSON, or plain text. */
export function toServiceError(answer: Pick<HttpAnswer, "status" | "text">, about: Subject): ServiceError {
  const { status, text } = answer;
  const told = parseJson(text, errorAnswer) ?? { message: text, status: "", details: [] };
  const { code, sentence, trouble } = meaningOf(status, told);
  const detail = [`status ${status}`, WORD.test(told.status) ? told.status : undefined, readable(told.message)];
  const own = detail.filter((part) => part !== undefined).join(" ");
  return new ServiceError(code, `${wordsFor(about)}: ${sentence} (Google: ${own})`, trouble, status);
}

interface Meaning {
  readonly code: ProviderErrorCode;
  readonly trouble: Trouble;
  readonly sentence: string;
}

export const DAY_SPENT =
  "the requests that Google Photos allows a project in one day are spent; the next run goes on after midnight Pacific time";

function meaningOf(status: number, told: RpcStatus): Meaning {
  const { message } = told;
  if (status === 429 || QUOTA.test(message)) {
    return /per day/i.test(message)
      ? { code: "exhausted", trouble: "day-spent", sentence: DAY_SPENT }
      : { code: "unavailable", trouble: "too-often", sentence: "Google Photos is asked too often; run again later" };
  }
  if (status === 401) return signIn(`the sign-in is no longer valid; ${SIGN_IN}`);
  if (status === 403) return forbidden(told);
  if (status === 409) {
    return { code: "unavailable", trouble: "aborted", sentence: "Google broke it off; run again later" };
  }
  if (status === 404 || status === 410) return { code: "not-found", trouble: "not-found", sentence: "it is gone" };
  if (status >= 500) return { code: "unavailable", trouble: "other", sentence: "Google Photos fails; run again later" };
  return { code: "rejected", trouble: troubleIn(message), sentence: "Google Photos does not take this request" };
}

/** The upload endpoint says 400 where others say 429. */
const QUOTA = /quota exceeded|insufficient tokens for quota/i;

function troubleIn(message: string): Trouble {
  if (/upload token/i.test(message)) return "bad-token";
  if (/album/i.test(message)) return "bad-album";
  return /media item id/i.test(message) ? "bad-item" : "other";
}

function forbidden({ message, details }: RpcStatus): Meaning {
  const reasons = details.map(({ reason }) => reason);
  if (reasons.includes("SERVICE_DISABLED") || /has not been used in project|is disabled/i.test(message)) {
    return signIn(
      'the project of this client has not switched the service on: enable "Photos Library API" at ' +
        "https://console.cloud.google.com/apis/library/photoslibrary.googleapis.com, wait some minutes, and run again",
    );
  }
  if (reasons.includes("ACCESS_TOKEN_SCOPE_INSUFFICIENT") || /authentication scopes/i.test(message)) {
    return signIn(
      "the sign-in lacks a permission; Google took the old ones away on 31 March 2025: run `trisync login gphotos` again and " +
        "leave all boxes ticked",
    );
  }
  return { code: "rejected", trouble: "not-found", sentence: "Google Photos does not allow it" };
}

function signIn(sentence: string): Meaning {
  return { code: "unauthorized", trouble: "other", sentence };
}

const WORD = /^[A-Z_]{1,60}$/;

/** Addresses with a query (that of an upload is a secret), what begins like a token of Google's, and words that are too long for any. */
const SECRET = /\S*(?:\?\S|ya29\.|1\/\/0)\S*|\S{80,}/g;

/** The service's English sentence, unless it is no sentence. */
export function readable(message: string): string | undefined {
  const text = message
    .replace(/\p{Cc}/gu, " ")
    .replace(SECRET, "…")
    .trim();
  return text === "" || text.length > 300 || text.startsWith("<") ? undefined : text;
}
