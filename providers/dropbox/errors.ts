import { ProviderError, type ProviderErrorCode } from "../../lib/model/errors.js";
import { field, wordsFor, type Meaning, type Subject } from "../refusals.js";

/** A 409 of one route, or the failure of one entry of a batch, with the tags that say why. */
export class RouteError extends ProviderError {
  constructor(
    code: ProviderErrorCode,
    message: string,
    /** From the outside in: ["path", "conflict", "file"]. */
    readonly tags: readonly string[],
    /** Where an upload session really is, when that was the trouble. */
    readonly correctOffset: number | undefined,
  ) {
    super(code, message);
  }

  /** True when the tags begin so: `is("path", "conflict")`. */
  is(...tags: readonly string[]): boolean {
    return tags.every((tag, at) => this.tags[at] === tag);
  }

  has(tag: string): boolean {
    return this.tags.includes(tag);
  }
}

/** A status that no retry mends; 413 and 431 tell that a request was too large. */
export class StatusError extends ProviderError {
  constructor(
    code: ProviderErrorCode,
    message: string,
    readonly status: number,
  ) {
    super(code, message);
  }
}

/** Turns the `error` of a 409 answer, or a `failure` of a batch, into an error with a sentence for people. */
export function toRouteError(error: unknown, about: Subject): RouteError {
  const tags = tagsOf(error);
  const { code, sentence } = meaningOf(tags);
  return new RouteError(code, `${wordsFor(about)}: ${sentence} (Dropbox: ${tags.join("/")})`, tags, offsetOf(error));
}

/** True for a failure that Dropbox asks to try again a little later, entry by entry. */
export function isBusy(error: ProviderError): boolean {
  return error instanceof RouteError && error.has("too_many_write_operations");
}

/** True when something else is where a write wanted to go. */
export function isConflict(error: unknown): error is RouteError {
  return error instanceof RouteError && error.has("conflict");
}

/** True when the path that was asked for does not exist. */
export function isNotFound(error: unknown): error is RouteError {
  return error instanceof RouteError && error.code === "not-found";
}

/**
 * The chain of tags, from the outside in. A tag's value lies under a key of its own name; the error of a plain upload
 * is flattened and has it under "reason". `error_summary` is not used: it ends in random dots.
 */
export function tagsOf(error: unknown): readonly string[] {
  const tags: string[] = [];
  let value = error;
  while (tags.length < 8) {
    const tag = field(value, ".tag");
    if (typeof tag !== "string") break;
    // Tags end up in messages; whatever does not look like one is not repeated there.
    tags.push(/^[a-z0-9_]{1,64}$/i.test(tag) ? tag : "other");
    value = field(value, tag) ?? field(value, "reason");
  }
  return tags.length > 0 ? tags : ["other"];
}

function offsetOf(error: unknown): number | undefined {
  let value = error;
  for (let depth = 0; depth < 8 && value !== undefined; depth++) {
    const offset = field(value, "correct_offset");
    if (typeof offset === "number") return offset;
    const tag = field(value, ".tag");
    value = typeof tag === "string" ? field(value, tag) : undefined;
  }
  return undefined;
}

const FULL = "there is not enough space left in the account";
const BUSY = "too many writes at once, even after waiting";
const SESSION = "the upload session is lost; the next run begins a new one";
const NO_MOVE = "Dropbox does not move this there";

/** Known tags; the innermost known one decides. */
const MEANINGS: ReadonlyMap<string, Meaning> = new Map(
  Object.entries({
    insufficient_space: { code: "quota", sentence: FULL },
    insufficient_quota: { code: "quota", sentence: FULL },
    team_folder_insufficient_space: { code: "quota", sentence: "there is not enough space left in the team folder" },
    member_folder_insufficient_space: { code: "quota", sentence: "there is not enough space left in the folder" },
    upload_traffic_limit_reached: { code: "quota", sentence: "the upload allowance of this month is used up" },
    conflict: { code: "changed", sentence: "something else is at this path by now" },
    not_found: { code: "not-found", sentence: "it is gone" },
    not_file: { code: "changed", sentence: "it is not a file any more" },
    not_folder: { code: "changed", sentence: "it is not a folder any more" },
    locked: { code: "unavailable", sentence: "it is locked by somebody" },
    malformed_path: { code: "rejected", sentence: "Dropbox does not take this path" },
    disallowed_name: { code: "rejected", sentence: "Dropbox never stores a file of this name" },
    restricted_content: { code: "rejected", sentence: "Dropbox has blocked this content" },
    unsupported_content_type: { code: "rejected", sentence: "Dropbox does not support this for such content" },
    unsupported_file: { code: "rejected", sentence: "this kind of file cannot be downloaded" },
    no_write_permission: { code: "rejected", sentence: "the account may not write there" },
    access_restricted: { code: "rejected", sentence: "an administrator of the team does not allow this" },
    operation_suppressed: { code: "rejected", sentence: "Dropbox does not allow this at this path" },
    team_folder: { code: "rejected", sentence: "team folders cannot be moved or deleted" },
    encryption_not_supported: { code: "rejected", sentence: "this folder takes only encrypted files" },
    too_large: { code: "rejected", sentence: "the file is too large for Dropbox" },
    payload_too_large: { code: "rejected", sentence: "the request is too large for Dropbox" },
    too_many_files: { code: "rejected", sentence: "more than 10,000 entries at once" },
    duplicated_or_nested_paths: { code: "rejected", sentence: "two moves of one request touch the same path" },
    cant_copy_shared_folder: { code: "rejected", sentence: NO_MOVE },
    cant_nest_shared_folder: { code: "rejected", sentence: NO_MOVE },
    cant_move_folder_into_itself: { code: "rejected", sentence: NO_MOVE },
    cant_transfer_ownership: { code: "rejected", sentence: NO_MOVE },
    cant_move_shared_folder: { code: "rejected", sentence: NO_MOVE },
    cant_move_into_vault: { code: "rejected", sentence: NO_MOVE },
    cant_move_into_family: { code: "rejected", sentence: NO_MOVE },
    too_many_write_operations: { code: "unavailable", sentence: BUSY },
    internal_error: { code: "unavailable", sentence: "Dropbox had an internal error" },
    content_hash_mismatch: { code: "unavailable", sentence: "the bytes arrived damaged, and nothing was stored" },
    length_mismatch: { code: "unavailable", sentence: "the bytes arrived damaged, and nothing was stored" },
    lookup_failed: { code: "unavailable", sentence: SESSION },
    incorrect_offset: { code: "unavailable", sentence: SESSION },
    closed: { code: "unavailable", sentence: SESSION },
    not_closed: { code: "unavailable", sentence: SESSION },
    concurrent_session_missing_data: { code: "unavailable", sentence: SESSION },
    concurrent_session_not_closed: { code: "unavailable", sentence: SESSION },
  } satisfies Record<string, Meaning>),
);

const UNKNOWN: Meaning = {
  code: "unavailable",
  sentence: "Dropbox refused it for a reason that trisync does not know",
};

function meaningOf(tags: readonly string[]): Meaning {
  // "not_found" inside "lookup_failed", or by itself, means the upload session; for paths it lies inside another tag.
  const isSession = tags[0] === "lookup_failed" || tags[0] === "not_found";
  const telling = isSession ? ["lookup_failed"] : [...tags].reverse();
  for (const tag of telling) {
    const meaning = MEANINGS.get(tag);
    if (meaning !== undefined) return meaning;
  }
  return UNKNOWN;
}
