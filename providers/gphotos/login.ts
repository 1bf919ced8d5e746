import { randomUUID } from "node:crypto";
import {
  authorizationUrl,
  exchangeCode,
  revokeToken,
  type OAuthServer,
  type OAuthTools,
} from "../../lib/http/oauth.js";
import { listenForRedirect } from "../../lib/http/redirect-listener.js";
import { createFixedTokenSource, storeSignIn, type TokenSet } from "../../lib/http/token-source.js";
import { ProviderError, UsageError } from "../../lib/model/errors.js";
import type { LoginDialog, ProviderContext } from "../context.js";
import { openApi } from "./api.js";
import type { Client } from "./client-file.js";
import { readAddresses, readClient, readStoredSignIn, STORED, type Addresses } from "./config.js";
import { createNotes } from "./notes.js";
import { redirectFor } from "./redirect-address.js";
import { albumPage } from "./schemas.js";
import { createSignedInHttp, PROVIDER, serverFor, TESTING } from "./sign-in.js";

const PREFIX = "https://www.googleapis.com/auth/photoslibrary";

/** All that is left to programs since 31 March 2025: what they made themselves. */
const SCOPES: Readonly<Record<string, string>> = {
  [`${PREFIX}.appendonly`]: "add photos",
  [`${PREFIX}.readonly.appcreateddata`]: "see what it added",
  [`${PREFIX}.edit.appcreateddata`]: "edit what it added",
};

/** A refresh token is given out only where it is asked for like this. */
const PARAMETERS = { access_type: "offline", prompt: "consent" };

const PATIENCE_MS = 10 * 60 * 1000;

interface SigningIn {
  readonly server: OAuthServer;
  readonly client: Client;
  readonly dialog: LoginDialog;
  readonly tools: OAuthTools;
}

/** Signs in through a browser, on this machine or, by pasting the address it ends at, on another one. */
export async function login(context: ProviderContext, dialog: LoginDialog, signal: AbortSignal): Promise<string> {
  const client = (await readClient(context.settings)) ?? (await askForClient(dialog));
  const addresses = await readAddresses(context.settings, client);
  const http = context.createHttp({ scheme: "Bearer", tokens: NO_TOKENS });
  try {
    const tools = { http, now: context.now };
    const signingIn = { server: serverFor(addresses, client), client, dialog, tools };
    const tokens = await (dialog.paste ? signInByPasting : signInThroughBrowser)(signingIn, signal);
    return await keep(context, dialog, { addresses, client, tokens }, signal);
  } finally {
    http.close();
  }
}

/** Ends the consent at Google, and forgets the tokens here in any case. */
export async function logout(context: ProviderContext, signal: AbortSignal): Promise<void> {
  const stored = await context.secrets.read();
  if (stored[STORED.clientId] === undefined) return;
  const signIn = await readStoredSignIn(context.secrets);
  const addresses = await readAddresses(context.settings, await readClient(context.settings));
  const { http, tokens } = createSignedInHttp(context, addresses, signIn);
  try {
    const token = await tokens.token(signal);
    const server = serverFor(addresses, { id: signIn.clientId, secret: signIn.clientSecret });
    await revokeToken(server, token, { http, now: context.now }, signal);
  } catch (error) {
    // What is no longer valid need not be revoked.
    if (!(error instanceof ProviderError && error.code === "unauthorized")) throw error;
  } finally {
    http.close();
    await context.secrets.update(() => Promise.resolve(undefined));
  }
}

async function askForClient(dialog: LoginDialog): Promise<Client> {
  const id = (await dialog.ask(ASK_ID)).trim();
  const secret = id === "" ? "" : (await dialog.ask("Client secret:")).trim();
  if (id === "" || secret === "") {
    throw new UsageError(
      "an OAuth client is needed to sign in: set GOOGLE_CREDENTIALS_FILE to the file of its console",
    );
  }
  return { id, secret, kind: "installed", redirectUris: [], authorizeUrl: undefined, tokenUrl: undefined };
}

const ASK_ID = "Client id of your OAuth client (made at https://console.cloud.google.com/apis/credentials):";

async function signInThroughBrowser({ server, client, dialog, tools }: SigningIn, signal: AbortSignal) {
  const address = redirectFor(client);
  const listener = await listenForRedirect({ ...address, provider: PROVIDER, timeoutMs: PATIENCE_MS });
  try {
    const redirectUri = address.exact ?? listener.redirectUri;
    const { url, state, codeVerifier } = await askFor(server, redirectUri);
    dialog.say(`If no browser opens, open this address on this machine: ${url}`);
    dialog.say("Leave all boxes ticked. On another machine: trisync login gphotos --paste");
    const visit = listener.wait((query) => query.get("state") === state, signal);
    // The browser may never open, but the visit may come all the same; a failed visit is reported below.
    visit.catch(() => undefined);
    await dialog.openBrowser(url);
    return await exchangeCode(server, { code: codeIn(await visit), codeVerifier, redirectUri }, tools, signal);
  } finally {
    listener.close();
  }
}

/** Nobody listens where the browser is led to: the address it fails to open holds the code. */
async function signInByPasting({ server, client, dialog, tools }: SigningIn, signal: AbortSignal): Promise<TokenSet> {
  const redirectUri = redirectFor(client).exact ?? "http://127.0.0.1:53682/";
  const { url, state, codeVerifier } = await askFor(server, redirectUri);
  dialog.say("Open this address in a browser anywhere, and leave all boxes ticked:");
  dialog.say(url);
  dialog.say("It ends at a page that cannot be opened. Copy the whole address of that page.");
  const pasted = (await dialog.ask("Address:")).trim();
  const query = URL.canParse(pasted) ? new URL(pasted).searchParams : undefined;
  if (query?.get("state") !== state) {
    throw new ProviderError(
      "unauthorized",
      "sign-in: this is not the address that the sign-in ended at; run `trisync login gphotos --paste` again",
    );
  }
  return await exchangeCode(server, { code: codeIn(query), codeVerifier, redirectUri }, tools, signal);
}

async function askFor(server: OAuthServer, redirectUri: string) {
  return await authorizationUrl(server, { redirectUri, scopes: Object.keys(SCOPES), parameters: PARAMETERS });
}

/** The person may untick single permissions: that shows here, before anything is stored. */
function codeIn(query: URLSearchParams): string {
  const granted = query.get("scope")?.split(" ");
  const missing = Object.entries(SCOPES).filter(([scope]) => granted !== undefined && !granted.includes(scope));
  const code = query.get("code");
  if (code === null) {
    const reason = query.get("error") === "access_denied" ? "the sign-in was declined" : "Google sent no code";
    throw new ProviderError("unauthorized", `sign-in: ${reason}; run \`trisync login gphotos\` again`);
  }
  if (missing.length === 0) return code;
  const boxes = missing.map(([, what]) => `"${what}"`).join(", ");
  throw new ProviderError(
    "unauthorized",
    `sign-in: not everything was allowed: ${boxes} is missing; run \`trisync login gphotos\` again and tick every box`,
  );
}

/** Stores nothing before Google has let the tokens in. */
async function keep(
  context: ProviderContext,
  dialog: LoginDialog,
  signIn: { readonly addresses: Addresses; readonly client: Client; readonly tokens: TokenSet },
  signal: AbortSignal,
): Promise<string> {
  const { addresses, client, tokens } = signIn;
  if (tokens.refreshToken === undefined) {
    throw new ProviderError("malformed", "sign-in: Google sent no refresh token; run `trisync login gphotos` again");
  }
  await assertLetIn(context, { addresses, client }, tokens.accessToken, signal);
  const { secrets, now } = context;
  await storeSignIn({ secrets, clientId: client.id, now }, tokens);
  const ours = {
    [STORED.clientId]: client.id,
    [STORED.clientSecret]: client.secret,
    [STORED.signInId]: randomUUID(),
  };
  await secrets.update((stored) => Promise.resolve({ ...stored, ...ours }));
  warnOfTesting(dialog, tokens, now());
  return "Signed in to Google Photos.";
}

/** One look at the albums: a project that has not switched the service on shows now, and not in the night. */
async function assertLetIn(
  context: ProviderContext,
  { addresses, client }: { readonly addresses: Addresses; readonly client: Client },
  token: string,
  signal: AbortSignal,
) {
  const notes = createNotes(context, { clientId: client.id, api: addresses.api });
  const tokens = createFixedTokenSource({ provider: PROVIDER, token, variable: "the sign-in" });
  const http = context.createHttp({ scheme: "Bearer", tokens });
  const api = openApi({ http, api: addresses.api, notes, now: context.now });
  try {
    const about = {
      operation: "sign-in",
      subject: undefined,
      method: "GET",
      route: "albums",
      repeatable: true,
    } as const;
    await api.ask({ ...about, query: { pageSize: 1 }, answer: albumPage }, signal);
  } finally {
    api.close();
  }
}

const DAY_MS = 24 * 3_600_000;

/** Google says how long a sign-in lasts only where it ends: then there is no doubt. */
function warnOfTesting(dialog: LoginDialog, { refreshExpiresMs }: TokenSet, nowMs: number): void {
  if (refreshExpiresMs === undefined) {
    dialog.say(`Note: ${TESTING}`);
    return;
  }
  const days = Math.max(0, Math.round((refreshExpiresMs - nowMs) / DAY_MS));
  dialog.say(`Warning: this sign-in ends in ${days} days. ${TESTING} Then sign in again: this sign-in keeps its end.`);
}

const NO_TOKENS = {
  token: () => Promise.reject(new ProviderError("unauthorized", "sign-in: no token yet")),
  renew: () => Promise.reject(new ProviderError("unauthorized", "sign-in: no token yet")),
};
