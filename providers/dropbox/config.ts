import { createHash } from "node:crypto";
import { isSafeForSecrets } from "../../lib/http/loopback.js";
import { ProviderError, UsageError } from "../../lib/model/errors.js";
import type { SecretStore, Settings } from "../context.js";

/** Where the service is; each can be replaced by a variable. None ends in a slash. */
export interface Addresses {
  readonly api: string;
  readonly content: string;
  /** Where a person allows the program in. */
  readonly auth: string;
}

/** How this run proves who it is. */
export type SignIn =
  | { readonly kind: "access-token"; readonly accessToken: string }
  | {
      readonly kind: "refresh-token";
      readonly appKey: string;
      /** Not needed for a token that came from a sign-in with PKCE. */
      readonly appSecret: string | undefined;
      readonly refreshToken: string;
    }
  | {
      readonly kind: "login";
      readonly appKey: string;
      /** Another one after every `login`. */ readonly signInId: string;
    };

/** Names under which `login` stores, beside the tokens, which app they belong to. */
export const STORED = { appKey: "appKey", signInId: "signInId" } as const;

/**
 * Checks what follows "dropbox:". "/Documents/Work" is that folder; "" and "/" are the whole account, which comes back
 * as "/". Upper and lower case are left as they are: the service does not tell them apart, but a folder that trisync
 * makes shall be called what the user wrote.
 */
export function parseTarget(target: string): string {
  const path = target.normalize("NFC").replace(/\/+$/, "");
  if (path === "") return "/";
  const hint = `expected a path like dropbox:/Documents, got ${JSON.stringify(`dropbox:${target}`)}`;
  if (!path.startsWith("/")) throw new UsageError(`the path must begin with "/": ${hint}`);
  for (const part of path.slice(1).split("/")) {
    if (part === "" || part === "." || part === "..") throw new UsageError(`"${part}" is not a folder name: ${hint}`);
    if (/[\0\\\x7f]/.test(part)) throw new UsageError(`Dropbox takes no backslash, NUL or DEL in a name: ${hint}`);
  }
  return path;
}

export async function readAddresses(settings: Settings): Promise<Addresses> {
  return {
    api: await readAddress(settings, "DROPBOX_API_URL", "https://api.dropboxapi.com"),
    content: await readAddress(settings, "DROPBOX_CONTENT_URL", "https://content.dropboxapi.com"),
    auth: await readAddress(settings, "DROPBOX_AUTH_URL", "https://www.dropbox.com"),
  };
}

/** A refresh token outlives an access token, and what the user configured outranks what `login` stored. */
export async function readSignIn(settings: Settings, secrets: SecretStore): Promise<SignIn> {
  const refreshToken = await settings.get("DROPBOX_REFRESH_TOKEN");
  if (refreshToken !== undefined) {
    const appKey = await settings.get("DROPBOX_APP_KEY");
    if (appKey === undefined) throw new UsageError("DROPBOX_REFRESH_TOKEN needs DROPBOX_APP_KEY beside it");
    return { kind: "refresh-token", appKey, appSecret: await settings.get("DROPBOX_APP_SECRET"), refreshToken };
  }
  const accessToken = await settings.get("DROPBOX_ACCESS_TOKEN");
  if (accessToken !== undefined) return { kind: "access-token", accessToken };
  const stored = await secrets.read();
  const [appKey, signInId] = [stored[STORED.appKey], stored[STORED.signInId]];
  if (appKey !== undefined && signInId !== undefined) return { kind: "login", appKey, signInId };
  throw notSignedIn();
}

export function notSignedIn(): ProviderError {
  return new ProviderError(
    "unauthorized",
    "not signed in to Dropbox: run `trisync login dropbox`, or set DROPBOX_APP_KEY and DROPBOX_REFRESH_TOKEN, " +
      "or DROPBOX_ACCESS_TOKEN",
  );
}

/** Tells whether two runs used the same sign-in, without keeping anything of it: the start of a SHA-256. */
export function fingerprintOf(signIn: SignIn, addresses: Addresses): string {
  const text = JSON.stringify([addresses.api, ...Object.values(signIn)]);
  return createHash("sha256").update(text).digest("hex").slice(0, 16);
}

async function readAddress(settings: Settings, name: string, usual: string): Promise<string> {
  const given = (await settings.get(name)) ?? usual;
  if (!URL.canParse(given) || !isSafeForSecrets(new URL(given))) {
    throw new UsageError(`${name}: expected an address that begins with https://`);
  }
  return given.replace(/\/+$/, "");
}
