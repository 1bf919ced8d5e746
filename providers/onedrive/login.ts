import { randomUUID } from "node:crypto";
import { signInByDevice } from "../../lib/http/device-code.js";
import { authorizationUrl, exchangeCode, type OAuthServer, type OAuthTools } from "../../lib/http/oauth.js";
import { listenForRedirect } from "../../lib/http/redirect-listener.js";
import { storeSignIn, type TokenSet } from "../../lib/http/token-source.js";
import { ProviderError, UsageError } from "../../lib/model/errors.js";
import type { LoginDialog, ProviderContext, Settings } from "../context.js";
import { createGraphApi } from "./api.js";
import {
  ANY_TENANT,
  readAddresses,
  readTenant,
  resourceOf,
  STORED,
  type Addresses,
  type DriveChoice,
} from "./config.js";
import { fetchDrive } from "./drive.js";
import type { Drive } from "./schemas.js";
import { PROVIDER, serverFor } from "./sign-in.js";

const PATIENCE_MS = 10 * 60 * 1000;

/**
 * Signs a person in: through a browser on this machine, by pasting the address that the sign-in ends at, or, where
 * ONEDRIVE_LOGIN=device says so, by a code that is entered on another device. Resolves to a sentence saying who signed in.
 */
export async function login(context: ProviderContext, dialog: LoginDialog, signal: AbortSignal): Promise<string> {
  const { settings } = context;
  await assertPersonal(settings);
  const addresses = await readAddresses(settings);
  const way = await readWay(settings, dialog);
  const clientId = (await settings.get("ONEDRIVE_CLIENT_ID")) ?? (await dialog.ask(ASK_CLIENT_ID)).trim();
  const tenant = (await readTenant(settings)) ?? ANY_TENANT;
  const server = serverFor(addresses, { clientId, tenant, secret: undefined });
  const http = context.createHttp({ scheme: "Bearer", tokens: NO_TOKENS });
  try {
    const tools: OAuthTools = { http, now: context.now };
    const choice = await choiceFor(settings);
    const wishes: Wishes = { addresses, scopes: scopesFor(choice, addresses), server, tools };
    const tokens = await WAYS[way](wishes, dialog, signal);
    return await keep(context, { addresses, choice, clientId, tenant, tokens }, signal);
  } finally {
    http.close();
  }
}

/** Forgets the tokens. Microsoft has no way to make a single sign-in worthless. */
export async function logout(context: ProviderContext): Promise<void> {
  await context.secrets.update(() => Promise.resolve(undefined));
}

type Way = "browser" | "paste" | "device";

interface Wishes {
  readonly addresses: Addresses;
  readonly scopes: readonly string[];
  readonly server: OAuthServer;
  readonly tools: OAuthTools;
}

const WAYS: Record<Way, (wishes: Wishes, dialog: LoginDialog, signal: AbortSignal) => Promise<TokenSet>> = {
  browser: signInThroughBrowser,
  paste: signInByPasting,
  device: signInOnDevice,
};

const ASK_CLIENT_ID = "Application (client) id of your app (registered at https://entra.microsoft.com):";

/** Which way a person comes in. Personal accounts turn device codes away, so that one is never chosen by itself. */
async function readWay(settings: Settings, dialog: LoginDialog): Promise<Way> {
  const given = await settings.get("ONEDRIVE_LOGIN");
  if (given !== undefined && given !== "device" && given !== "browser") {
    throw new UsageError("ONEDRIVE_LOGIN: expected browser or device");
  }
  return dialog.paste ? "paste" : (given ?? "browser");
}

async function assertPersonal(settings: Settings): Promise<void> {
  // With either of them every run signs in as the application, and what is stored here would never be used.
  const isApplication =
    (await settings.get("ONEDRIVE_CLIENT_CERTIFICATE")) !== undefined ||
    (await settings.get("ONEDRIVE_CLIENT_SECRET")) !== undefined;
  if (!isApplication) return;
  throw new UsageError(
    "an application with a secret or certificate signs in by itself, so there is nothing to do here; to sign in as a person, " +
      "leave out ONEDRIVE_CLIENT_SECRET and ONEDRIVE_CLIENT_CERTIFICATE",
  );
}

async function choiceFor(settings: Settings): Promise<DriveChoice> {
  const id = await settings.get("ONEDRIVE_DRIVE_ID");
  return id === undefined ? { kind: "own" } : { kind: "drive", id };
}

/** The own drive takes the smallest permission; other drives and libraries, one for all that the person may see. */
function scopesFor({ kind }: DriveChoice, addresses: Addresses): readonly string[] {
  const permission = kind === "own" ? "Files.ReadWrite" : "Files.ReadWrite.All";
  return [`${resourceOf(addresses)}/${permission}`, "offline_access"];
}

async function signInThroughBrowser(
  { server, scopes, tools }: Wishes,
  dialog: LoginDialog,
  signal: AbortSignal,
): Promise<TokenSet> {
  // Microsoft does not look at the port of an address on this machine.
  const listener = await listenForRedirect({ host: "localhost", port: 0, provider: PROVIDER, timeoutMs: PATIENCE_MS });
  try {
    // The registered address has no path, and the path is compared.
    const redirectUri = listener.redirectUri.replace(/\/$/, "");
    const { url, state, codeVerifier } = await authorizationUrl(server, {
      redirectUri,
      scopes,
      parameters: PARAMETERS,
    });
    dialog.say("The app's page has to name http://localhost under Mobile and desktop applications.");
    dialog.say(`If no browser opens, open this address on this machine: ${url}`);
    const visit = listener.wait((query) => query.get("state") === state, signal);
    // The browser may never open, but the visit may come all the same; a failed visit is reported below.
    visit.catch(() => undefined);
    await dialog.openBrowser(url);
    const code = (await visit).get("code");
    if (code === null) throw noCode();
    return await exchangeCode(server, { code, codeVerifier, redirectUri }, tools, signal);
  } finally {
    listener.close();
  }
}

/** The browser ends at an empty page of Microsoft's, whose address holds the code. */
async function signInByPasting(
  { server, scopes, tools, addresses }: Wishes,
  dialog: LoginDialog,
  signal: AbortSignal,
): Promise<TokenSet> {
  const redirectUri = `${addresses.auth}/common/oauth2/nativeclient`;
  const { url, state, codeVerifier } = await authorizationUrl(server, { redirectUri, scopes, parameters: PARAMETERS });
  dialog.say(`The app's page has to name ${redirectUri} under Mobile and desktop applications.`);
  dialog.say("Open this address, sign in, and copy the address of the empty page that it ends at:");
  dialog.say(url);
  const pasted = (await dialog.ask("Address of the page:")).trim();
  return await exchangeCode(server, { code: codeIn(pasted, state), codeVerifier, redirectUri }, tools, signal);
}

async function signInOnDevice(
  { server, scopes, tools }: Wishes,
  dialog: LoginDialog,
  signal: AbortSignal,
): Promise<TokenSet> {
  const prompt = ({ verificationUri, userCode }: { verificationUri: string; userCode: string }): void => {
    dialog.say("Device codes are for work and school accounts; personal accounts turn them away.");
    dialog.say(`Open ${verificationUri} on any device, and enter the code ${userCode}`);
  };
  return await signInByDevice(server, { scopes, prompt }, tools, signal);
}

const PARAMETERS = { response_mode: "query", prompt: "select_account" } as const;

/** The whole address, whose state has to be ours; or the code alone. */
function codeIn(pasted: string, state: string): string {
  if (!URL.canParse(pasted)) {
    if (pasted === "") throw noCode();
    return pasted;
  }
  const query = new URL(pasted).searchParams;
  const code = query.get("code");
  if (query.has("error")) {
    throw new ProviderError("unauthorized", "sign-in: the sign-in was declined; run `trisync login onedrive` again");
  }
  if (code === null || query.get("state") !== state) throw noCode();
  return code;
}

interface SignedIn {
  readonly addresses: Addresses;
  readonly choice: DriveChoice;
  readonly clientId: string;
  readonly tenant: string;
  readonly tokens: TokenSet;
}

/** Stores nothing before OneDrive has said whose drive this is. */
async function keep(context: ProviderContext, signedIn: SignedIn, signal: AbortSignal): Promise<string> {
  const { clientId, tenant, tokens } = signedIn;
  if (tokens.refreshToken === undefined) {
    throw new ProviderError(
      "malformed",
      "sign-in: Microsoft sent no refresh token; run `trisync login onedrive` again",
    );
  }
  const drive = await askDrive(context, signedIn, signal);
  await storeSignIn({ secrets: context.secrets, clientId, now: context.now }, tokens);
  const app = { [STORED.clientId]: clientId, [STORED.tenant]: tenant, [STORED.signInId]: randomUUID() };
  await context.secrets.update((stored) => Promise.resolve({ ...stored, ...app }));
  const { user, group } = drive.owner ?? {};
  const who = [user?.displayName ?? group?.displayName, user?.email].filter(Boolean).join(", ");
  return `Signed in to OneDrive${who === "" ? "" : ` as ${who}`} (${drive.driveType ?? "unknown kind of"} drive).`;
}

async function askDrive(
  context: ProviderContext,
  { addresses, choice, tokens }: SignedIn,
  signal: AbortSignal,
): Promise<Drive> {
  const token = (): Promise<string> => Promise.resolve(tokens.accessToken);
  const http = context.createHttp({ scheme: "Bearer", tokens: { token, renew: token } });
  try {
    return await fetchDrive(createGraphApi(http, addresses), choice, signal);
  } finally {
    http.close();
  }
}

function noCode(): ProviderError {
  return new ProviderError(
    "unauthorized",
    "sign-in: this holds no code of this sign-in; run `trisync login onedrive` again",
  );
}

const NO_TOKENS = {
  token: () => Promise.reject(new ProviderError("unauthorized", "sign-in: no token yet")),
  renew: () => Promise.reject(new ProviderError("unauthorized", "sign-in: no token yet")),
};
