import { createHash } from "node:crypto";
import { isSafeForSecrets } from "../../lib/http/loopback.js";
import { ProviderError, UsageError } from "../../lib/model/errors.js";
import type { SecretStore, Settings } from "../context.js";
import { parseClientFile, type Client } from "./client-file.js";

/** Where the service is; each can be replaced by a variable. Only `api` is a beginning, and ends in no slash. */
export interface Addresses {
  readonly api: string;
  /** Where a person allows the program in. */
  readonly authorize: string;
  readonly token: string;
  readonly revoke: string;
}

/** How this run proves who it is. */
export interface SignIn {
  readonly clientId: string;
  readonly clientSecret: string;
  /** From the configuration; undefined to use what `login` stored. */
  readonly refreshToken: string | undefined;
  /** Another one after every `login`; undefined with a refresh token from the configuration. */
  readonly signInId: string | undefined;
}

/** Names under which `login` stores, beside the tokens, which client they belong to. */
export const STORED = { clientId: "clientId", clientSecret: "clientSecret", signInId: "signInId" } as const;

/** The most that the service takes for the title of an album. */
export const MAX_TITLE = 500;

/**
 * Checks what follows "gphotos:". "Holidays" is that album; "" is the library, with one album for each folder. A title may
 * hold anything but control characters.
 */
export function parseTarget(target: string): string {
  const title = target.normalize("NFC").trim();
  const given = JSON.stringify(`gphotos:${target}`);
  if (/\p{Cc}/u.test(title)) throw new UsageError(`an album's title holds no control characters: got ${given}`);
  if (title.length > MAX_TITLE) {
    throw new UsageError(`Google Photos takes titles of at most ${MAX_TITLE} characters: got ${given}`);
  }
  if (!title.startsWith("/")) return title;
  throw new UsageError(
    `Google Photos has albums and no folders: expected gphotos:Title, or gphotos: for one album per folder, got ${given}`,
  );
}

/** The client from the configuration; undefined when it names none. Throws `UsageError`. */
export async function readClient(settings: Settings): Promise<Client | undefined> {
  const file = await settings.get("GOOGLE_CREDENTIALS");
  const id = await settings.get("GOOGLE_CLIENT_ID");
  const secret = await settings.get("GOOGLE_CLIENT_SECRET");
  if (file !== undefined) return parseClientFile(file, "GOOGLE_CREDENTIALS_FILE");
  if (id === undefined && secret === undefined) return undefined;
  if (id === undefined || secret === undefined) {
    throw new UsageError("GOOGLE_CLIENT_ID and GOOGLE_CLIENT_SECRET belong together: Google demands both");
  }
  return { id, secret, kind: "installed", redirectUris: [], authorizeUrl: undefined, tokenUrl: undefined };
}

/** Variables outrank the client's file, and that the addresses everybody uses. */
export async function readAddresses(settings: Settings, client: Client | undefined): Promise<Addresses> {
  const accounts = await readAddress(settings, "GOOGLE_AUTH_URL");
  const oauth = await readAddress(settings, "GOOGLE_TOKEN_URL");
  const token = oauth === undefined ? (client?.tokenUrl ?? `${OAUTH}/token`) : `${oauth}/token`;
  return {
    api: (await readAddress(settings, "GOOGLE_API_URL")) ?? "https://photoslibrary.googleapis.com",
    authorize: accounts === undefined ? (client?.authorizeUrl ?? `${ACCOUNTS}${AUTHORIZE}`) : `${accounts}${AUTHORIZE}`,
    token,
    revoke: new URL("/revoke", token).href,
  };
}

const ACCOUNTS = "https://accounts.google.com";
const OAUTH = "https://oauth2.googleapis.com";
const AUTHORIZE = "/o/oauth2/v2/auth";

/** What the user configured outranks what `login` stored. Rejects with "unauthorized" when nobody signed in. */
export async function readSignIn(settings: Settings, secrets: SecretStore): Promise<SignIn> {
  const refreshToken = await settings.get("GOOGLE_REFRESH_TOKEN");
  if (refreshToken === undefined) return await readStoredSignIn(secrets);
  const client = await readClient(settings);
  if (client === undefined) {
    throw new UsageError(
      "GOOGLE_REFRESH_TOKEN needs GOOGLE_CREDENTIALS_FILE, or GOOGLE_CLIENT_ID and GOOGLE_CLIENT_SECRET, beside it",
    );
  }
  return { clientId: client.id, clientSecret: client.secret, refreshToken, signInId: undefined };
}

/** What `login` left. Rejects with "unauthorized" when nobody signed in. */
export async function readStoredSignIn(secrets: SecretStore): Promise<SignIn> {
  const stored = await secrets.read();
  const { [STORED.clientId]: clientId, [STORED.clientSecret]: clientSecret, [STORED.signInId]: signInId } = stored;
  if (clientId === undefined || clientSecret === undefined || signInId === undefined) throw notSignedIn();
  return { clientId, clientSecret, refreshToken: undefined, signInId };
}

function notSignedIn(): ProviderError {
  return new ProviderError("unauthorized", `not signed in to Google Photos: ${SIGN_IN}`);
}

/** What mends a missing or refused sign-in. */
export const SIGN_IN =
  "run `trisync login gphotos`, or set GOOGLE_REFRESH_TOKEN and GOOGLE_CREDENTIALS_FILE (or GOOGLE_CLIENT_ID and " +
  "GOOGLE_CLIENT_SECRET)";

/** Tells whether two runs used the same sign-in, without keeping anything of it: the start of a SHA-256. */
export function fingerprintOf(signIn: SignIn, addresses: Addresses): string {
  const text = JSON.stringify([addresses.api, signIn]);
  return createHash("sha256").update(text).digest("hex").slice(0, 16);
}

/** Requests that the project may make in one day. */
export async function readRequestsPerDay(settings: Settings): Promise<number> {
  const text = (await settings.get("GOOGLE_REQUESTS_PER_DAY"))?.trim() ?? String(REQUESTS_PER_DAY);
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new UsageError("GOOGLE_REQUESTS_PER_DAY: expected a number of requests, such as 10000");
}

const REQUESTS_PER_DAY = 10_000;

/** How long the numbers of files in the albums are trusted before every album is listed anew. */
export async function readFullListingMs(settings: Settings): Promise<number> {
  const text = (await settings.get("GOOGLE_FULL_LISTING_DAYS"))?.trim() ?? String(FULL_LISTING_DAYS);
  if (/^\d+(\.\d+)?$/.test(text) && Number(text) <= 3650) return Number(text) * DAY_MS;
  throw new UsageError(
    "GOOGLE_FULL_LISTING_DAYS: expected a number of days, such as 7; 0 lists every album in every run",
  );
}

const FULL_LISTING_DAYS = 7;
const DAY_MS = 24 * 3_600_000;

async function readAddress(settings: Settings, name: string): Promise<string | undefined> {
  const given = await settings.get(name);
  if (given === undefined) return undefined;
  if (!URL.canParse(given) || !isSafeForSecrets(new URL(given))) {
    throw new UsageError(`${name}: expected an address that begins with https://`);
  }
  return given.replace(/\/+$/, "");
}
