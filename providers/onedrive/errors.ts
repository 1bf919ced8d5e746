import type { HttpAnswer } from "../../lib/http/types.js";
import { ProviderError, UsageError, type ProviderErrorCode } from "../../lib/model/errors.js";
import { field, wordsFor, type Meaning, type Subject } from "../refusals.js";
import { SIGN_IN } from "./config.js";

/** An answer that is an error, with the service's own words for it. */
export class GraphError extends ProviderError {
  constructor(
    code: ProviderErrorCode,
    message: string,
    readonly status: number,
    /** From the outside in: ["invalidRequest", "pathIsTooLong"]. */
    readonly codes: readonly string[],
  ) {
    super(code, message);
  }

  has(...codes: readonly string[]): boolean {
    return codes.some((code) => this.codes.includes(code));
  }
}

/** The status of an error answer; undefined for every other error. */
export function statusOf(error: unknown): number | undefined {
  return error instanceof GraphError ? error.status : undefined;
}

/** True when what was asked for does not exist. */
export function isNotFound(error: unknown): boolean {
  return statusOf(error) === 404;
}

/** True when something is already at the place where a new entry was to be. */
export function isNameTaken(error: unknown): boolean {
  return error instanceof GraphError && error.status === 409 && !error.has("resourceModified");
}

/** True when the item is locked, or somebody else is writing at the same moment: a little later it works. */
export function isBusy(error: unknown): boolean {
  if (!(error instanceof GraphError)) return false;
  return error.status === 423 || (error.status === 409 && error.has("resourceModified"));
}

/** Turns an error answer into an error with a sentence for people. The body is read for its codes only. */
export function toGraphError(answer: Pick<HttpAnswer, "status" | "text">, about: Subject): GraphError {
  const codes = codesOf(answer.text);
  const { code, sentence } = meaningOf(answer.status, codes, answer.text);
  const shown = [String(answer.status), ...codes].join(" ");
  return new GraphError(code, `${wordsFor(about)}: ${sentence} (OneDrive: ${shown})`, answer.status, codes);
}

/** The service tells in several ways that the user or the tenant has no OneDrive. Undefined for any other error. */
export function missingDrive(answer: Pick<HttpAnswer, "status" | "text">): UsageError | undefined {
  if (answer.status !== 404 && answer.status !== 400) return undefined;
  const message = messageOf(answer.text);
  if (/SPO license/i.test(message)) {
    return new UsageError(
      `the tenant has no licence for OneDrive: give the user a licence that includes it, or ${NAME_ANOTHER}`,
    );
  }
  const isMissing =
    /mysite/i.test(message) ||
    /^FILE NOT FOUND$/i.test(message.trim()) ||
    codesOf(answer.text).includes("ResourceNotFound");
  if (!isMissing) return undefined;
  return new UsageError(`the user has no OneDrive yet (mysite not found): ${OPEN_IT}; or ${NAME_ANOTHER}`);
}

/** For a plain "not found": the service says it, too, of a drive that was never opened. `isNamed`: the user was set by id or address. */
export function maybeMissingDrive({ status, codes }: GraphError, isNamed: boolean): UsageError {
  const shown = [String(status), ...codes].join(" ");
  const check = isNamed ? "check ONEDRIVE_USER_ID, or " : "";
  return new UsageError(
    `OneDrive finds no drive of this user (OneDrive: ${shown}). The user may have no OneDrive yet: ${OPEN_IT}. Or their licence does ` +
      `not include OneDrive: an administrator can assign one that does. If neither is it, ${check}${NAME_ANOTHER}`,
  );
}

const OPEN_IT =
  "it is made when the user opens OneDrive for the first time, so have them sign in at https://www.office.com once and choose OneDrive";
const NAME_ANOTHER = "name another drive in ONEDRIVE_DRIVE_ID";

/** The service's words, from the outside in. Both spellings of "innerError" occur, and they may nest. */
export function codesOf(text: string): readonly string[] {
  const codes: string[] = [];
  let value = field(parse(text), "error");
  for (let depth = 0; depth < 8 && value !== undefined; depth++) {
    const code = field(value, "code");
    // Codes end up in messages; whatever does not look like one is not repeated there.
    if (typeof code === "string" && /^[A-Za-z_][A-Za-z0-9_.]{0,63}$/.test(code)) codes.push(code);
    value = field(value, "innerError") ?? field(value, "innererror");
  }
  return codes;
}

/** What the service says to developers. It is looked into for known words and never repeated. */
function messageOf(text: string): string {
  const message = field(field(parse(text), "error"), "message");
  return typeof message === "string" ? message : "";
}

function parse(text: string): unknown {
  try {
    const json: unknown = JSON.parse(text);
    return json;
  } catch {
    return undefined;
  }
}

const FULL: Meaning = {
  code: "quota",
  sentence: "there is not enough space left in the drive; free some, its recycle bin included",
};
const BAD_NAME: Meaning = { code: "rejected", sentence: "OneDrive does not take this name" };
const TOO_LONG: Meaning = { code: "rejected", sentence: "the path is too long for OneDrive" };
const TOO_LARGE: Meaning = { code: "rejected", sentence: "the file is too large for OneDrive" };
const INFECTED: Meaning = { code: "rejected", sentence: "OneDrive has blocked the content as malware" };

/** Words that say more than the status; the innermost known one decides. */
const BY_CODE: ReadonlyMap<string, Meaning> = new Map(
  Object.entries({
    quotaLimitReached: FULL,
    nameContainsInvalidCharacters: BAD_NAME,
    invalidPath: BAD_NAME,
    pathIsTooLong: TOO_LONG,
    pathTooDeep: TOO_LONG,
    maxFileSizeExceeded: TOO_LARGE,
    malwareDetected: INFECTED,
    virusSuspicious: INFECTED,
    serviceReadOnly: { code: "rejected", sentence: "the drive cannot be written to at present" },
    resourceBeingProvisioned: { code: "unavailable", sentence: "the drive is being set up; run again later" },
    cannotSnapshotTree: { code: "unavailable", sentence: "the drive is too busy to be listed; run again later" },
    accessRestricted: { code: "rejected", sentence: "an administrator does not allow this" },
  } satisfies Record<string, Meaning>),
);

const BY_STATUS: ReadonlyMap<number, Meaning> = new Map([
  [401, { code: "unauthorized", sentence: `the sign-in to OneDrive is no longer valid; ${SIGN_IN}` }],
  [
    403,
    {
      code: "rejected",
      sentence: "OneDrive does not allow this: no permission, a retention rule, or a drive that is frozen",
    },
  ],
  [404, { code: "not-found", sentence: "it is gone" }],
  [409, { code: "changed", sentence: "something else is at this path by now" }],
  [410, { code: "unavailable", sentence: "OneDrive asks to list everything anew; run again" }],
  [412, { code: "changed", sentence: "it was changed on OneDrive meanwhile" }],
  [413, TOO_LARGE],
  [414, TOO_LONG],
  [423, { code: "locked", sentence: "it is locked by somebody; run again later" }],
  [424, { code: "unavailable", sentence: "another request of the same batch failed; run again" }],
  [429, { code: "unavailable", sentence: "OneDrive asks for fewer requests; run again later" }],
  [507, FULL],
]);

function meaningOf(status: number, codes: readonly string[], text: string): Meaning {
  for (const code of [...codes].reverse()) {
    const meaning = BY_CODE.get(code);
    if (meaning !== undefined) return meaning;
  }
  if (status === 400 && /provided name|invalid characters/i.test(messageOf(text))) return BAD_NAME;
  const meaning = BY_STATUS.get(status);
  if (meaning !== undefined) return meaning;
  if (status >= 500 || status === 408) {
    return { code: "unavailable", sentence: "OneDrive had an internal error; run again later" };
  }
  return { code: "rejected", sentence: "OneDrive does not take this request" };
}
