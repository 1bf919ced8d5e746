import { createHash } from "node:crypto";
import { isSafeForSecrets } from "../../lib/http/loopback.js";
import { ProviderError, UsageError } from "../../lib/model/errors.js";
import type { SecretStore, Settings } from "../context.js";

/** Where the service is; each can be replaced by a variable. None ends in a slash. */
export interface Addresses {
  readonly api: string;
  /** Where a person allows the program in, and where tokens come from. */
  readonly auth: string;
}

/** The application that was registered with Yandex. */
export interface App {
  readonly id: string;
  /** Undefined where only a code verifier proves who asks. */
  readonly secret: string | undefined;
}

/** How this run proves who it is. */
export type SignIn =
  | { readonly kind: "token"; readonly token: string }
  | { readonly kind: "refresh-token"; readonly app: App; readonly refreshToken: string }
  | {
      readonly kind: "login";
      readonly app: App;
      /** Another one after every `login`. */
      readonly signInId: string;
    };

/** Names under which `login` stores, beside the tokens, which application they belong to. */
export const STORED = {
  clientId: "clientId",
  clientSecret: "clientSecret",
  signInId: "signInId",
  deviceId: "deviceId",
} as const;

/**
 * Checks what follows "yandex:". "/Documents/Work" is that folder; "" and "/" are the whole Disk, which comes back as "/";
 * "app:/Work" is a folder in the one that belongs to the application. The service tells upper from lower case.
 */
export function parseTarget(target: string): string {
  const isApp = target.startsWith("app:");
  const path = (isApp ? target.slice("app:".length) : target).normalize("NFC").replace(/\/+$/, "");
  const scheme = isApp ? "app:" : "";
  if (path === "") return `${scheme}/`;
  const given = JSON.stringify(`yandex:${target}`);
  const hint = `expected a path like yandex:/Documents or yandex:app:/Documents, got ${given}`;
  if (!path.startsWith("/")) throw new UsageError(`the path must begin with "/": ${hint}`);
  for (const part of path.slice(1).split("/")) {
    if (part === "" || part === "." || part === "..") throw new UsageError(`"${part}" is not a folder name: ${hint}`);
    if (/\p{Cc}/u.test(part)) throw new UsageError(`Yandex Disk takes no control characters in a name: ${hint}`);
  }
  return scheme + path;
}

export async function readAddresses(settings: Settings): Promise<Addresses> {
  return {
    api: await readAddress(settings, "YANDEX_API_URL", "https://cloud-api.yandex.net"),
    auth: await readAddress(settings, "YANDEX_AUTH_URL", "https://oauth.yandex.ru"),
  };
}

/** A refresh token outlives an access token, and what the user configured outranks what `login` stored. */
export async function readSignIn(settings: Settings, secrets: SecretStore): Promise<SignIn> {
  const refreshToken = await settings.get("YANDEX_REFRESH_TOKEN");
  if (refreshToken !== undefined) {
    const app = await readApp(settings);
    if (app === undefined) throw new UsageError("YANDEX_REFRESH_TOKEN needs YANDEX_CLIENT_ID beside it");
    return { kind: "refresh-token", app, refreshToken };
  }
  const token = await settings.get("YANDEX_TOKEN");
  if (token !== undefined) return { kind: "token", token };
  return await readStoredSignIn(secrets);
}

/** What `login` left. Rejects with "unauthorized" when nobody signed in. */
export async function readStoredSignIn(secrets: SecretStore): Promise<Extract<SignIn, { readonly kind: "login" }>> {
  const stored = await secrets.read();
  const [id, signInId] = [stored[STORED.clientId], stored[STORED.signInId]];
  if (id === undefined || signInId === undefined) throw notSignedIn();
  // An application without a secret is stored with an empty one.
  return { kind: "login", app: { id, secret: stored[STORED.clientSecret] || undefined }, signInId };
}

/** The application from the configuration; undefined when it names none. */
export async function readApp(settings: Settings): Promise<App | undefined> {
  const id = await settings.get("YANDEX_CLIENT_ID");
  return id === undefined ? undefined : { id, secret: await settings.get("YANDEX_CLIENT_SECRET") };
}

/**
 * Whether files of the kinds that Yandex takes slowly are sent under another name and then renamed. On unless
 * YANDEX_NEUTRAL_NAMES says otherwise.
 */
export async function readNeutralNames(settings: Settings): Promise<boolean> {
  const text = (await settings.get("YANDEX_NEUTRAL_NAMES"))?.toLowerCase() ?? "true";
  if (text !== "true" && text !== "false") throw new UsageError("YANDEX_NEUTRAL_NAMES: expected true or false");
  return text === "true";
}

/** How `login` lets a person in: with a code for another device, or through a browser on this machine. */
export async function readLoginWay(settings: Settings): Promise<"device" | "browser"> {
  const way = (await settings.get("YANDEX_LOGIN")) ?? "device";
  if (way !== "device" && way !== "browser") throw new UsageError("YANDEX_LOGIN: expected device or browser");
  return way;
}

function notSignedIn(): ProviderError {
  return new ProviderError(
    "unauthorized",
    "not signed in to Yandex Disk: run `trisync login yandex`, or set YANDEX_TOKEN, or YANDEX_CLIENT_ID, " +
      "YANDEX_CLIENT_SECRET and YANDEX_REFRESH_TOKEN",
  );
}

/** Tells whether two runs used the same sign-in, without keeping anything of it: the start of a SHA-256. */
export function fingerprintOf(signIn: SignIn, addresses: Addresses): string {
  const text = JSON.stringify([addresses.api, signIn]);
  return createHash("sha256").update(text).digest("hex").slice(0, 16);
}

async function readAddress(settings: Settings, name: string, usual: string): Promise<string> {
  const given = (await settings.get(name)) ?? usual;
  if (!URL.canParse(given) || !isSafeForSecrets(new URL(given))) {
    throw new UsageError(`${name}: expected an address that begins with https://`);
  }
  return given.replace(/\/+$/, "");
}
