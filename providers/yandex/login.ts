import { randomUUID } from "node:crypto";
import { signInByDevice } from "../../lib/http/device-code.js";
import {
  authorizationUrl,
  requestTokens,
  revokeToken,
  type Authorization,
  type OAuthServer,
  type OAuthTools,
} from "../../lib/http/oauth.js";
import { listenForRedirect } from "../../lib/http/redirect-listener.js";
import { storeSignIn, type TokenSet } from "../../lib/http/token-source.js";
import { ProviderError, UsageError } from "../../lib/model/errors.js";
import type { LoginDialog, ProviderContext } from "../context.js";
import { fetchDisk } from "./account.js";
import { createYandexApi } from "./api.js";
import { readAddresses, readApp, readLoginWay, readStoredSignIn, STORED, type Addresses, type App } from "./config.js";
import { createSignedInHttp, PROVIDER, renewedEarly, SCHEME, serverFor } from "./sign-in.js";

/**
 * Yandex leads the browser only to addresses that are registered, port included: for a sign-in through the browser,
 * "http://localhost:53682/" has to be among the redirect URIs of the application.
 */
const REDIRECT = { host: "localhost", port: 53682 } as const;

/** The page that shows a code to copy. It has to be among the redirect URIs as well. */
const VERIFICATION_PAGE = "https://oauth.yandex.ru/verification_code";

const PATIENCE_MS = 10 * 60 * 1000;

/** One sign-in under way. */
interface SigningIn {
  readonly server: OAuthServer;
  readonly dialog: LoginDialog;
  readonly tools: OAuthTools;
  /** Tells this machine apart; tokens without it cannot be revoked one by one. */
  readonly device: Readonly<Record<string, string>>;
}

/** Signs in by a pasted code, by a code for another device, or through a browser on this machine. Resolves to a sentence saying who signed in. */
export async function login(context: ProviderContext, dialog: LoginDialog, signal: AbortSignal): Promise<string> {
  const addresses = await readAddresses(context.settings);
  const way = dialog.paste ? "paste" : await readLoginWay(context.settings);
  const app = await askForApp(context, dialog);
  const deviceId = (await context.secrets.read())[STORED.deviceId] ?? `trisync-${randomUUID()}`;
  const http = context.createHttp({ scheme: SCHEME, tokens: NO_TOKENS });
  try {
    const signingIn = {
      server: serverFor(addresses, app),
      dialog,
      tools: { http, now: context.now },
      device: { device_id: deviceId, device_name: "trisync" },
    };
    const tokens = await WAYS[way](signingIn, signal);
    return await keep(context, addresses, { app, deviceId, tokens }, signal);
  } finally {
    http.close();
  }
}

const WAYS: Readonly<
  Record<"paste" | "device" | "browser", (to: SigningIn, signal: AbortSignal) => Promise<TokenSet>>
> = { paste: signInByPasting, device: signInOnAnotherDevice, browser: signInThroughBrowser };

/** Makes the tokens worthless at the service, and forgets them here in any case. */
export async function logout(context: ProviderContext, signal: AbortSignal): Promise<void> {
  const stored = await context.secrets.read();
  if (stored[STORED.clientId] === undefined) return;
  const addresses = await readAddresses(context.settings);
  const signIn = await readStoredSignIn(context.secrets);
  const { http, tokens } = createSignedInHttp(context, addresses, signIn);
  try {
    const token = await tokens.token(signal);
    await revokeToken(serverFor(addresses, signIn.app), token, { http, now: context.now }, signal);
  } catch (error) {
    // What is no longer valid need not be revoked.
    if (!(error instanceof ProviderError && error.code === "unauthorized")) throw error;
  } finally {
    http.close();
    await context.secrets.update(() => Promise.resolve(undefined));
  }
}

async function askForApp({ settings }: ProviderContext, dialog: LoginDialog): Promise<App> {
  const configured = await readApp(settings);
  const id = configured?.id ?? (await dialog.ask(ASK_ID)).trim();
  if (id === "") throw new UsageError("YANDEX_CLIENT_ID: an application is needed to sign in");
  if (configured?.secret !== undefined) return configured;
  const secret = (await dialog.ask(ASK_SECRET)).trim();
  return { id, secret: secret === "" ? undefined : secret };
}

const ASK_ID = "ClientID of your Yandex application (made at https://oauth.yandex.ru/client/new):";
const ASK_SECRET = "Client secret of the application:";

async function signInByPasting(signingIn: SigningIn, signal: AbortSignal): Promise<TokenSet> {
  const { dialog } = signingIn;
  const authorization = await authorize(signingIn, VERIFICATION_PAGE);
  dialog.say("Open this address, allow the access, and copy the code that is shown:");
  dialog.say(authorization.url);
  return await exchange(signingIn, (await dialog.ask("Code:")).trim(), authorization, signal);
}

async function signInOnAnotherDevice({ server, dialog, tools, device }: SigningIn, signal: AbortSignal) {
  const prompt = ({ verificationUri, userCode }: { verificationUri: string; userCode: string }): void => {
    dialog.say(`Open this address, on any device, and enter the code ${userCode}:`);
    dialog.say(verificationUri);
    // The code is waited for in any case; without a browser here there is one elsewhere.
    void dialog.openBrowser(verificationUri).catch(() => undefined);
  };
  const grant = { type: "device_code", parameter: "code" };
  return await signInByDevice(server, { scopes: [], grant, parameters: device, prompt }, tools, signal);
}

async function signInThroughBrowser(signingIn: SigningIn, signal: AbortSignal): Promise<TokenSet> {
  const { dialog } = signingIn;
  const listener = await listenForRedirect({ ...REDIRECT, provider: PROVIDER, timeoutMs: PATIENCE_MS });
  try {
    const authorization = await authorize(signingIn, listener.redirectUri);
    dialog.say(`The application at Yandex has to name ${listener.redirectUri} among its redirect URIs.`);
    dialog.say(`If no browser opens, open this address on this machine: ${authorization.url}`);
    const visit = listener.wait((query) => query.get("state") === authorization.state, signal);
    // The browser may never open, but the visit may come all the same; a failed visit is reported below.
    visit.catch(() => undefined);
    await dialog.openBrowser(authorization.url);
    const code = (await visit).get("code");
    if (code === null) {
      throw new ProviderError("unauthorized", "sign-in: Yandex sent no code; run `trisync login yandex` again");
    }
    return await exchange(signingIn, code, authorization, signal);
  } finally {
    listener.close();
  }
}

/** The permissions are those that the application was registered with: naming them again could only be wrong. */
async function authorize({ server, device }: SigningIn, redirectUri: string): Promise<Authorization> {
  return await authorizationUrl(server, { redirectUri, scopes: [], parameters: device });
}

async function exchange(
  { server, tools, device }: SigningIn,
  code: string,
  { codeVerifier }: Authorization,
  signal: AbortSignal,
): Promise<TokenSet> {
  const parameters = { code, code_verifier: codeVerifier, ...device };
  return await requestTokens(server, { operation: "sign-in", type: "authorization_code", parameters }, tools, signal);
}

/** Stores nothing before Yandex has said whose tokens these are. */
async function keep(
  context: ProviderContext,
  addresses: Addresses,
  signIn: { readonly app: App; readonly deviceId: string; readonly tokens: TokenSet },
  signal: AbortSignal,
): Promise<string> {
  const { app, deviceId, tokens } = signIn;
  if (tokens.refreshToken === undefined) {
    throw new ProviderError("malformed", "sign-in: Yandex sent no refresh token; run `trisync login yandex` again");
  }
  const name = await askWho(context, addresses, tokens.accessToken, signal);
  const { secrets, now } = context;
  await storeSignIn({ secrets, clientId: app.id, now }, renewedEarly(tokens, now()));
  const ours = {
    [STORED.clientId]: app.id,
    [STORED.signInId]: randomUUID(),
    [STORED.deviceId]: deviceId,
    [STORED.clientSecret]: app.secret ?? "",
  };
  await secrets.update((stored) => Promise.resolve({ ...stored, ...ours }));
  return name === undefined ? "Signed in to Yandex Disk." : `Signed in to Yandex Disk as ${name}.`;
}

/** Undefined for a sign-in that may not see the account: one for the folder of the application alone. */
async function askWho(context: ProviderContext, addresses: Addresses, token: string, signal: AbortSignal) {
  const { http } = createSignedInHttp(context, addresses, { kind: "token", token });
  try {
    const { user } = await fetchDisk(createYandexApi(http, addresses.api), signal);
    const names = new Set([user?.display_name, user?.login].filter(Boolean));
    return [...names].join(", ") || user?.uid;
  } catch (error) {
    if (error instanceof ProviderError && error.code === "rejected") return undefined;
    throw error;
  } finally {
    http.close();
  }
}

const NO_TOKENS = {
  token: () => Promise.reject(new ProviderError("unauthorized", "sign-in: no token yet")),
  renew: () => Promise.reject(new ProviderError("unauthorized", "sign-in: no token yet")),
};
