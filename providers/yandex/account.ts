import * as z from "zod";
import { ProviderError } from "../../lib/model/errors.js";
import { attempt } from "../attempts.js";
import type { YandexApi } from "./api.js";
import { isForbidden, notAllowed, ServiceError } from "./errors.js";
import { lookUp } from "./look.js";
import { recall, remember, type Memory } from "../memory.js";
import { baseOf, type RemotePath } from "./paths.js";
import { disk, type Disk } from "./schemas.js";

/** Whose Disk this is. Asked once a day, and remembered for later runs with the same sign-in. */
export interface Account {
  /** The same number for every application and every sign-in of one person. */
  id(signal: AbortSignal): Promise<string>;
  /** The largest file that the account may store; undefined while that is not known. */
  readonly maxFileBytes: number | undefined;
}

export interface AccountOptions {
  readonly api: YandexApi;
  readonly memory: Memory;
  /** Changes with the sign-in; what was remembered under another one does not count. */
  readonly fingerprint: string;
  readonly root: RemotePath;
  readonly now: () => number;
}

const remembered = z.object({
  fingerprint: z.string(),
  id: z.string(),
  maxFileBytes: z.number().optional(),
  askedMs: z.number(),
});
type Remembered = z.infer<typeof remembered>;

const NAME = "account";

/** An account may be paid for, or not any more: its limits are asked for again after this time. */
const LIFETIME_MS = 24 * 3_600_000;

export function createAccount(options: AccountOptions): Account {
  const { api, memory, fingerprint, root, now } = options;
  const earlier = recall(memory, NAME, remembered);
  let known = earlier?.fingerprint === fingerprint ? earlier : undefined;
  let asking: Promise<Remembered> | undefined;

  async function get(signal: AbortSignal): Promise<Remembered> {
    const ageMs = known === undefined ? Number.POSITIVE_INFINITY : now() - known.askedMs;
    if (known !== undefined && ageMs >= 0 && ageMs < LIFETIME_MS) return known;
    asking ??= ask(signal).finally(() => (asking = undefined));
    return await asking;
  }

  async function ask(signal: AbortSignal): Promise<Remembered> {
    const found = await fetchDiskIfAllowed(api, signal);
    const id = found?.user?.uid ?? (await ownerOf(api, root, signal));
    const maxFileBytes = found === undefined ? undefined : limitOf(found);
    known = { fingerprint, id, askedMs: now(), ...(maxFileBytes === undefined ? {} : { maxFileBytes }) };
    remember(memory, NAME, known);
    return known;
  }

  return {
    id: async (signal) => (await get(signal)).id,
    get maxFileBytes() {
      return known?.maxFileBytes;
    },
  };
}

const FIELDS = ["user.uid", "user.login", "user.display_name", "is_paid", "max_file_size", "paid_max_file_size"];

export async function fetchDisk(api: YandexApi, signal: AbortSignal): Promise<Disk> {
  const about = {
    operation: "ask for the account",
    subject: undefined,
    route: "",
    query: { fields: FIELDS.join(",") },
  };
  return await api.ask({ ...about, method: "GET", repeatable: true }, disk, signal);
}

/** Undefined where the sign-in may not see it. */
async function fetchDiskIfAllowed(api: YandexApi, signal: AbortSignal): Promise<Disk | undefined> {
  try {
    return await fetchDisk(api, signal);
  } catch (error) {
    if (error instanceof ServiceError && error.status === 403) return undefined;
    throw error;
  }
}

function limitOf({ is_paid: isPaid, max_file_size: usual, paid_max_file_size: paid }: Disk): number | undefined {
  if (isPaid === true) return paid ?? usual;
  return usual;
}

/** A sign-in for the folder of the application alone sees no account, but ids of files begin with the owner's number. */
async function ownerOf(api: YandexApi, root: RemotePath, signal: AbortSignal): Promise<string> {
  const looked = await attempt(() => lookUp({ api, keepsTimes: false }, baseOf(root), signal));
  if (!looked.ok) throw isForbidden(looked.error) ? notAllowed(root, looked.error) : looked.error;
  const found = looked.value;
  const owner = /^([^:]+):/.exec(found?.resource_id ?? "")?.[1];
  if (owner !== undefined) return owner;
  throw new ProviderError("malformed", "ask for the account: Yandex did not say whose Disk this is");
}
