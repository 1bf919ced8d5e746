import { randomUUID } from "node:crypto";
import { authorizationUrl, exchangeCode, type OAuthServer, type OAuthTools } from "../../lib/http/oauth.js";
import { listenForRedirect } from "../../lib/http/redirect-listener.js";
import { storeSignIn, type TokenSet } from "../../lib/http/token-source.js";
import { ProviderError } from "../../lib/model/errors.js";
import type { LoginDialog, ProviderContext } from "../context.js";
import { fetchAccount } from "./account.js";
import { createDropboxApi, type DropboxApi, type PathRoot } from "./api.js";
import { readAddresses, readSignIn, STORED, type Addresses } from "./config.js";
import { nothing, type CurrentAccount } from "./schemas.js";
import { createSignedInHttp, PROVIDER, serverFor } from "./sign-in.js";

/** What trisync asks to be allowed: whose account it is, and to list, read and write its files. */
const SCOPES = ["account_info.read", "files.metadata.read", "files.content.read", "files.content.write"];

/**
 * Dropbox leads the browser only to addresses that are registered, port included: for a sign-in through the browser,
 * "http://localhost:53682/" has to be entered at the app's page under "Redirect URIs". Pasting the code needs no entry.
 */
const REDIRECT = { host: "localhost", port: 53682 } as const;

const PATIENCE_MS = 10 * 60 * 1000;

/** Signs in with PKCE, so that no app secret is needed. Resolves to a sentence saying who signed in. */
export async function login(context: ProviderContext, dialog: LoginDialog, signal: AbortSignal): Promise<string> {
  const addresses = await readAddresses(context.settings);
  const key = (await context.settings.get("DROPBOX_APP_KEY")) ?? (await dialog.ask(ASK_APP_KEY)).trim();
  const server = serverFor(addresses, { key, secret: undefined });
  const http = context.createHttp({ scheme: "Bearer", tokens: NO_TOKENS });
  try {
    const tools: OAuthTools = { http, now: context.now };
    const tokens = dialog.paste
      ? await signInByPasting(server, dialog, tools, signal)
      : await signInThroughBrowser(server, dialog, tools, signal);
    return await keep(context, addresses, key, tokens, signal);
  } finally {
    http.close();
  }
}

/** Makes the tokens worthless at the service, and forgets them here in any case. */
export async function logout(context: ProviderContext, signal: AbortSignal): Promise<void> {
  const stored = await context.secrets.read();
  if (stored[STORED.appKey] === undefined) return;
  const addresses = await readAddresses(context.settings);
  const signIn = await readSignIn({ get: () => Promise.resolve(undefined) }, context.secrets);
  const http = createSignedInHttp(context, addresses, signIn);
  try {
    await revoke(createDropboxApi(http, addresses, NO_PATH_ROOT), signal);
  } finally {
    http.close();
    await context.secrets.update(() => Promise.resolve(undefined));
  }
}

const ASK_APP_KEY = "App key of your Dropbox app (made at https://www.dropbox.com/developers/apps):";

async function signInByPasting(
  server: OAuthServer,
  dialog: LoginDialog,
  tools: OAuthTools,
  signal: AbortSignal,
): Promise<TokenSet> {
  const { url, codeVerifier } = await authorizationUrl(server, { redirectUri: undefined, ...WISHES });
  dialog.say("Open this address, allow the access, and copy the code that is shown:");
  dialog.say(url);
  const code = (await dialog.ask("Code:")).trim();
  return await exchangeCode(server, { code, codeVerifier, redirectUri: undefined }, tools, signal);
}

async function signInThroughBrowser(
  server: OAuthServer,
  dialog: LoginDialog,
  tools: OAuthTools,
  signal: AbortSignal,
): Promise<TokenSet> {
  const listener = await listenForRedirect({ ...REDIRECT, provider: PROVIDER, timeoutMs: PATIENCE_MS });
  try {
    const { redirectUri } = listener;
    const { url, state, codeVerifier } = await authorizationUrl(server, { redirectUri, ...WISHES });
    dialog.say(`The app's page at Dropbox has to name ${redirectUri} among its redirect URIs.`);
    dialog.say(`If no browser opens, open this address on this machine: ${url}`);
    const visit = listener.wait((query) => query.get("state") === state, signal);
    // The browser may never open, but the visit may come all the same; a failed visit is reported below.
    visit.catch(() => undefined);
    await dialog.openBrowser(url);
    const code = (await visit).get("code");
    if (code === null)
      throw new ProviderError("unauthorized", "sign-in: Dropbox sent no code; run `trisync login dropbox` again");
    return await exchangeCode(server, { code, codeVerifier, redirectUri }, tools, signal);
  } finally {
    listener.close();
  }
}

const WISHES = { scopes: SCOPES, parameters: { token_access_type: "offline" } } as const;

/** Stores nothing before Dropbox has said whose tokens these are. */
async function keep(
  context: ProviderContext,
  addresses: Addresses,
  appKey: string,
  tokens: TokenSet,
  signal: AbortSignal,
): Promise<string> {
  if (tokens.refreshToken === undefined) {
    throw new ProviderError("malformed", "sign-in: Dropbox sent no refresh token; run `trisync login dropbox` again");
  }
  const account = await askAccount(context, addresses, tokens.accessToken, signal);
  await storeSignIn({ secrets: context.secrets, clientId: appKey, now: context.now }, tokens);
  const app = { [STORED.appKey]: appKey, [STORED.signInId]: randomUUID() };
  await context.secrets.update((stored) => Promise.resolve({ ...stored, ...app }));
  const name = account.name?.display_name;
  return `Signed in to Dropbox as ${[name, account.email].filter(Boolean).join(", ") || account.account_id}.`;
}

async function askAccount(
  context: ProviderContext,
  addresses: Addresses,
  accessToken: string,
  signal: AbortSignal,
): Promise<CurrentAccount> {
  const http = createSignedInHttp(context, addresses, { kind: "access-token", accessToken });
  try {
    return await fetchAccount(createDropboxApi(http, addresses, NO_PATH_ROOT), signal);
  } finally {
    http.close();
  }
}

async function revoke(api: DropboxApi, signal: AbortSignal): Promise<void> {
  const about = { operation: "sign-out", subject: undefined, answer: nothing };
  try {
    await api.rpc({ ...about, route: "auth/token/revoke", arg: undefined, repeatable: true }, signal);
  } catch (error) {
    // What is no longer valid need not be revoked.
    if (!(error instanceof ProviderError && error.code === "unauthorized")) throw error;
  }
}

const NO_TOKENS = {
  token: () => Promise.reject(new ProviderError("unauthorized", "sign-in: no token yet")),
  renew: () => Promise.reject(new ProviderError("unauthorized", "sign-in: no token yet")),
};

/** Routes about the account know no folders. */
const NO_PATH_ROOT: PathRoot = {
  header: () => Promise.resolve(undefined),
  refresh: () => Promise.resolve(),
  forbid: () => undefined,
};
