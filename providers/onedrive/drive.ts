import * as z from "zod";
import { parseAnswer } from "../../lib/http/answers.js";
import { ProviderError, UsageError } from "../../lib/model/errors.js";
import { wordsFor } from "../refusals.js";
import { isGood, type GraphApi } from "./api.js";
import type { DriveChoice } from "./config.js";
import { maybeMissingDrive, missingDrive, toGraphError } from "./errors.js";
import { recall, remember, type Memory } from "../memory.js";
import { drive as driveSchema, type Drive as DriveAnswer } from "./schemas.js";

/** Which drive this is. */
export interface DriveFacts {
  /** As the service wrote it: for addresses. */
  readonly id: string;
  /** The same drive is always written the same way here: for comparisons. */
  readonly account: string;
  /** Libraries of companies rewrite documents, and tell some things in another way than personal drives. */
  readonly isPersonal: boolean;
}

/** The drive of the job. Asked for once and remembered for later runs with the same sign-in. */
export interface Drive {
  facts(signal: AbortSignal): Promise<DriveFacts>;
  /** As `facts`, asked for anew: the account may have another drive by now. */
  refresh(signal: AbortSignal): Promise<DriveFacts>;
  /** What is known without asking. */
  readonly known: DriveFacts | undefined;
}

export interface DriveOptions {
  readonly memory: Memory;
  readonly choice: DriveChoice;
  /** Changes with the sign-in; what was remembered under another one does not count. */
  readonly fingerprint: string;
  readonly api: Pick<GraphApi, "ask">;
}

const remembered = z.object({ fingerprint: z.string(), id: z.string(), isPersonal: z.boolean() });
const NAME = "drive";

export function createDrive({ memory, choice, fingerprint, api }: DriveOptions): Drive {
  const earlier = recall(memory, NAME, remembered);
  let known = earlier?.fingerprint === fingerprint ? toFacts(earlier.id, earlier.isPersonal) : undefined;
  let asking: Promise<DriveFacts> | undefined;

  async function refresh(signal: AbortSignal): Promise<DriveFacts> {
    asking ??= askNow(signal).finally(() => (asking = undefined));
    return await asking;
  }

  async function askNow(signal: AbortSignal): Promise<DriveFacts> {
    const { id, driveType } = await fetchDrive(api, choice, signal);
    known = toFacts(id, driveType === "personal");
    remember(memory, NAME, { fingerprint, id, isPersonal: known.isPersonal });
    return known;
  }

  return {
    facts: async (signal) => known ?? (await refresh(signal)),
    refresh,
    get known() {
      return known;
    },
  };
}

/** Throws `UsageError` with what to do where there is no such drive. */
export async function fetchDrive(
  api: Pick<GraphApi, "ask">,
  choice: DriveChoice,
  signal: AbortSignal,
): Promise<DriveAnswer> {
  const about = { operation: "ask for the drive", subject: undefined };
  const path = `${addressOf(choice)}?$select=id,driveType,name,owner`;
  const answer = await api.ask({ ...about, method: "GET", path, repeatable: true }, signal);
  if (isGood(answer.status)) return parseAnswer(driveSchema, answer, wordsFor(about));
  const missing = choice.kind === "drive" ? undefined : missingDrive(answer);
  if (missing !== undefined) throw missing;
  throw explained(toGraphError(answer, about), choice);
}

/** Ids of personal drives come in upper and in lower case, and may lack a leading zero. Others are left alone. */
export function normaliseDriveId(id: string): string {
  return /^[0-9a-f]{1,16}$/i.test(id) ? id.toLowerCase().padStart(16, "0") : id;
}

function toFacts(id: string, isPersonal: boolean): DriveFacts {
  return { id, account: normaliseDriveId(id), isPersonal };
}

function addressOf(choice: DriveChoice): string {
  switch (choice.kind) {
    case "own":
      return "/me/drive";
    case "drive":
      return `/drives/${encodeURIComponent(choice.id)}`;
    case "user":
      // A name that begins with a dollar sign would be read as an option.
      return choice.user.startsWith("$")
        ? `/users('${encodeURIComponent(choice.user.replaceAll("'", "''"))}')/drive`
        : `/users/${encodeURIComponent(choice.user)}/drive`;
  }
}

/** Which mistake in the configuration is behind it, as far as the service tells. */
function explained(error: ReturnType<typeof toGraphError>, choice: DriveChoice): Error {
  const { status, message } = error;
  if (status === 403) {
    return new ProviderError(
      "unauthorized",
      `${message}; give the application the permission Files.ReadWrite (with ONEDRIVE_DRIVE_ID, and for an application that ` +
        "signs in by itself, Files.ReadWrite.All, with an administrator's consent), then run `trisync login onedrive` again",
    );
  }
  const isUnknown = status === 404 || status === 400;
  if (error.has("itemNotFound") && choice.kind !== "drive") return maybeMissingDrive(error, choice.kind === "user");
  if (isUnknown && choice.kind === "user") {
    return new UsageError(`ONEDRIVE_USER_ID: OneDrive knows no such user; ${message}`);
  }
  if (isUnknown && choice.kind === "drive") {
    return new UsageError(`ONEDRIVE_DRIVE_ID: OneDrive knows no such drive; ${message}`);
  }
  return error;
}
