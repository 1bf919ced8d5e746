import { createHash } from "node:crypto";
import { isSafeForSecrets } from "../../lib/http/loopback.js";
import type { OAuth1Token } from "../../lib/http/oauth1-login.js";
import { ProviderError, UsageError } from "../../lib/model/errors.js";
import type { SecretStore, Settings } from "../context.js";

/** Where the service is; each can be replaced by a variable. None ends in a slash. */
export interface Addresses {
  readonly api: string;
  readonly upload: string;
  /** Where a person allows the program in, and where tokens come from. */
  readonly auth: string;
}

/** The application that was registered with Flickr. */
export interface App {
  readonly key: string;
  readonly secret: string;
}

/** How a run proves who it is. */
export interface SignIn {
  readonly app: App;
  readonly token: OAuth1Token;
}

/** What a sign-in allows; each includes those before it. */
export type Permission = "write" | "delete";

/** Who sees what is uploaded. "account": as the account is set up. */
export const AUDIENCES = ["private", "family", "friends", "public", "account"] as const;
export type Audience = (typeof AUDIENCES)[number];

/** Names under which `login` stores what it obtained. */
export const STORED = { key: "apiKey", secret: "apiSecret", token: "token", tokenSecret: "tokenSecret" } as const;

/** Checks what follows "flickr:": nothing, since the remote side is the account, and its albums are the folders. */
export function parseTarget(target: string): string {
  if (target === "" || target === "/") return "";
  throw new UsageError(
    `expected flickr: alone, which is the whole account with its albums as folders, got ${JSON.stringify(`flickr:${target}`)}; ` +
      "choose albums with --include and --exclude",
  );
}

export async function readAddresses(settings: Settings): Promise<Addresses> {
  return {
    api: await readAddress(settings, "FLICKR_API_URL", "https://api.flickr.com"),
    upload: await readAddress(settings, "FLICKR_UPLOAD_URL", "https://up.flickr.com"),
    auth: await readAddress(settings, "FLICKR_AUTH_URL", "https://www.flickr.com"),
  };
}

/** What the user configured outranks what `login` stored. Rejects with "unauthorized" when nobody signed in. */
export async function readSignIn(settings: Settings, secrets: SecretStore): Promise<SignIn> {
  const id = await settings.get("FLICKR_OAUTH_TOKEN");
  const tokenSecret = await settings.get("FLICKR_OAUTH_TOKEN_SECRET");
  const app = await readApp(settings);
  if (id !== undefined && tokenSecret !== undefined && app !== undefined)
    return { app, token: { id, secret: tokenSecret } };
  if (id !== undefined || tokenSecret !== undefined) {
    throw new UsageError(
      "FLICKR_OAUTH_TOKEN and FLICKR_OAUTH_TOKEN_SECRET need each other, and FLICKR_API_KEY and FLICKR_API_SECRET beside them",
    );
  }
  return await readStoredSignIn(secrets);
}

async function readStoredSignIn(secrets: SecretStore): Promise<SignIn> {
  const stored = await secrets.read();
  const [key, secret] = [stored[STORED.key], stored[STORED.secret]];
  const [id, tokenSecret] = [stored[STORED.token], stored[STORED.tokenSecret]];
  if (key === undefined || secret === undefined || id === undefined || tokenSecret === undefined) throw notSignedIn();
  return { app: { key, secret }, token: { id, secret: tokenSecret } };
}

/** The application from the configuration; undefined when it names none. */
export async function readApp(settings: Settings): Promise<App | undefined> {
  const key = await settings.get("FLICKR_API_KEY");
  const secret = await settings.get("FLICKR_API_SECRET");
  if (key === undefined && secret === undefined) return undefined;
  if (key === undefined || secret === undefined) {
    throw new UsageError("FLICKR_API_KEY and FLICKR_API_SECRET need each other");
  }
  return { key, secret };
}

/** What `login` asks a person for: to add and change, unless FLICKR_PERMS asks for deletions as well. */
export async function readPermission(settings: Settings): Promise<Permission> {
  const text = (await settings.get("FLICKR_PERMS"))?.toLowerCase() ?? "write";
  if (text !== "write" && text !== "delete") throw new UsageError("FLICKR_PERMS: expected write or delete");
  return text;
}

/** Nothing is shown to anybody unless FLICKR_PRIVACY says so. */
export async function readAudience(settings: Settings): Promise<Audience> {
  const text = (await settings.get("FLICKR_PRIVACY"))?.toLowerCase() ?? "private";
  const audience = AUDIENCES.find((word) => word === text);
  if (audience !== undefined) return audience;
  throw new UsageError(`FLICKR_PRIVACY: expected one of ${AUDIENCES.join(", ")}`);
}

/** Tells whether two runs used the same sign-in, without keeping anything of it: the start of a SHA-256. */
export function fingerprintOf({ app, token }: SignIn, { api }: Addresses): string {
  return createHash("sha256")
    .update(JSON.stringify([api, app.key, token.id]))
    .digest("hex")
    .slice(0, 16);
}

function notSignedIn(): ProviderError {
  return new ProviderError(
    "unauthorized",
    "not signed in to Flickr: run `trisync login flickr`, or set FLICKR_API_KEY, FLICKR_API_SECRET, FLICKR_OAUTH_TOKEN " +
      "and FLICKR_OAUTH_TOKEN_SECRET",
  );
}

async function readAddress(settings: Settings, name: string, usual: string): Promise<string> {
  const given = (await settings.get(name)) ?? usual;
  if (!URL.canParse(given) || !isSafeForSecrets(new URL(given))) {
    throw new UsageError(`${name}: expected an address that begins with https://`);
  }
  return given.replace(/\/+$/, "");
}
