import { dirname } from "node:path";
import { LocalError, UsageError } from "../model/errors.js";

/** SQLite's primary result codes that mean something to us. */
const CODES = {
  perm: 3,
  busy: 5,
  locked: 6,
  readOnly: 8,
  ioError: 10,
  corrupt: 11,
  full: 13,
  cannotOpen: 14,
  protocol: 15,
  notDatabase: 26,
};

const ADVICE = "another directory can be given with --state";

/** A row that holds what this program never writes. */
export class DamagedValueError extends Error {
  override readonly name = "DamagedValueError";
}

export function isDamage(error: unknown): boolean {
  if (error instanceof DamagedValueError) return true;
  const code = sqliteCode(error);
  return code === CODES.corrupt || code === CODES.notDatabase;
}

/** Another connection holds what was asked for. */
export function isBusy(error: unknown): boolean {
  const code = sqliteCode(error);
  return code === CODES.busy || code === CODES.locked;
}

/**
 * Words for an error of SQLite or of the file system met while working on the state file `path`. What is no error of either is
 * a bug and comes back as it is.
 */
export function translateError(error: unknown, path: string): unknown {
  const folder = dirname(path);
  if (isDamage(error)) {
    const message = `the state in ${folder} is damaged; nothing more was done, and the next sync starts with a fresh one`;
    return new LocalError("failed", message, { cause: error });
  }
  const code = sqliteCode(error) ?? codeOfSystemError(error);
  if (code === undefined) return error;
  if (code === CODES.full)
    return new LocalError("full", `no space left for the state in ${folder}; ${ADVICE}`, { cause: error });
  if (code === CODES.readOnly || code === CODES.perm || code === CODES.cannotOpen) {
    return new UsageError(`cannot write the state in ${folder}: ${reason(error)}; ${ADVICE}`, { cause: error });
  }
  if (isBusy(error))
    return new LocalError("failed", `the state in ${folder} is in use by another program`, { cause: error });
  if (code === CODES.ioError || code === CODES.protocol) {
    const message = `cannot read or write the state in ${folder}: ${reason(error)}; it wants a disk of this machine, ${ADVICE}`;
    return new LocalError("failed", message, { cause: error });
  }
  return error;
}

/** The primary result code; extended codes hold it in their lowest byte. Some calls of the package for Node 20 tell only the message. */
function sqliteCode(error: unknown): number | undefined {
  if (!(error instanceof Error) || !("code" in error) || error.code !== "ERR_SQLITE_ERROR") return undefined;
  if ("errcode" in error && typeof error.errcode === "number") return error.errcode & 0xff;
  return MESSAGES[error.message];
}

/** SQLite's own words for its result codes. */
const MESSAGES: Readonly<Record<string, number>> = {
  "database is locked": CODES.busy,
  "database table is locked": CODES.locked,
  "attempt to write a readonly database": CODES.readOnly,
  "disk I/O error": CODES.ioError,
  "database disk image is malformed": CODES.corrupt,
  "database or disk is full": CODES.full,
  "unable to open database file": CODES.cannotOpen,
  "file is not a database": CODES.notDatabase,
};

/** The result code that says the same as an error of Node's file functions. */
function codeOfSystemError(error: unknown): number | undefined {
  if (!(error instanceof Error) || !("code" in error) || !("syscall" in error)) return undefined;
  return SYSTEM_CODES[String(error.code)] ?? CODES.ioError;
}

const SYSTEM_CODES: Readonly<Record<string, number>> = {
  ENOSPC: CODES.full,
  EDQUOT: CODES.full,
  EACCES: CODES.perm,
  EPERM: CODES.perm,
  EROFS: CODES.readOnly,
  ENOENT: CODES.cannotOpen,
  ENOTDIR: CODES.cannotOpen,
  EEXIST: CODES.cannotOpen,
};

/** "permission denied" of "EACCES: permission denied, mkdir '/x'"; SQLite's own messages have no such frame. */
function reason(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.replace(/^([A-Z]+|Failed to open database): /, "").replace(/, \w+ '.*$/, "");
}
