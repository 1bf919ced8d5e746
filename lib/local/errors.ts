import { LocalError } from "../model/errors.js";
import type { LocalErrorCode } from "../model/errors.js";

/** Runs `work`; a system error on the way becomes a `LocalError` that says what was tried on which path. */
export async function explainErrors<T>(attempt: string, path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!isSystemError(error)) throw error;
    const { code, words } = explain(error.code);
    throw new LocalError(code, `cannot ${attempt} ${JSON.stringify(path)}: ${words}`, { cause: error });
  }
}

export interface SystemError extends Error {
  readonly code: string;
}

/** True for what the disk answers (ENOENT …), false for mistakes in the program. */
export function isSystemError(error: unknown): error is SystemError {
  return error instanceof Error && "code" in error && typeof error.code === "string" && /^E[A-Z0-9]+$/.test(error.code);
}

export function hasCode(error: unknown, ...codes: readonly string[]): boolean {
  return isSystemError(error) && codes.includes(error.code);
}

/** What happened to a path and what to do about it, as part of a sentence. */
export function explain(code: string): { readonly code: LocalErrorCode; readonly words: string } {
  return MEANINGS[code] ?? { code: "failed", words: `the disk reports ${code}; check it, then run again` };
}

export function changed(path: string): LocalError {
  return new LocalError("changed", `${JSON.stringify(path)} changed since it was looked at; run again`);
}

export function exists(path: string): LocalError {
  return new LocalError("exists", `${JSON.stringify(path)}: something is in the way; run again, or move it elsewhere`);
}

interface Meaning {
  readonly code: LocalErrorCode;
  readonly words: string;
}

const FULL: Meaning = { code: "full", words: "the disk is full; free some space, then run again" };
const DENIED: Meaning = { code: "refused", words: "permission denied; check its owner and permissions" };
const BAD_NAME: Meaning = { code: "refused", words: "this disk does not take the name; rename it" };
const REPLACED: Meaning = { code: "changed", words: "something else is in its place by now; run again" };

const MEANINGS: Readonly<Record<string, Meaning>> = {
  ENOSPC: FULL,
  EDQUOT: { code: "full", words: "the disk quota is used up; free some space, then run again" },
  EACCES: DENIED,
  EPERM: DENIED,
  EROFS: { code: "refused", words: "the disk is read-only; mount it for writing" },
  ENAMETOOLONG: { code: "refused", words: "the name is too long for this disk; shorten it" },
  EFBIG: { code: "refused", words: "the file is too large for this disk" },
  EILSEQ: BAD_NAME,
  EINVAL: BAD_NAME,
  ENOENT: { code: "not-found", words: "it is gone; run again" },
  ENOTDIR: REPLACED,
  EISDIR: REPLACED,
  ELOOP: REPLACED,
  ENXIO: REPLACED,
  EEXIST: { code: "exists", words: "something is in the way; run again, or move it elsewhere" },
  ENOTEMPTY: { code: "exists", words: "something is in the way; run again, or move it elsewhere" },
};
