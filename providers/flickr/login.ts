import { finishSignIn, OUT_OF_BAND, requestSignIn, signInUrl, type OAuth1Token } from "../../lib/http/oauth1-login.js";
import { listenForRedirect } from "../../lib/http/redirect-listener.js";
import { sleep } from "../../lib/http/sleep.js";
import { ProviderError, UsageError } from "../../lib/model/errors.js";
import type { LoginDialog, ProviderContext } from "../context.js";
import { checkToken } from "./account.js";
import { createFlickrApi } from "./api.js";
import { readAddresses, readApp, readPermission, STORED, type Addresses, type App, type Permission } from "./config.js";
import { createSignedHttp, PROVIDER, serverFor } from "./sign-in.js";

const PATIENCE_MS = 10 * 60 * 1000;

/** One sign-in under way. */
interface SigningIn {
  readonly context: ProviderContext;
  readonly dialog: LoginDialog;
  readonly addresses: Addresses;
  readonly app: App;
  readonly permission: Permission;
}

/** Signs in through a browser on this machine, or by a pasted code. Resolves to a sentence saying who signed in. */
export async function login(context: ProviderContext, dialog: LoginDialog, signal: AbortSignal): Promise<string> {
  const addresses = await readAddresses(context.settings);
  const permission = await readPermission(context.settings);
  const app = await askForApp(context, dialog);
  const signingIn = { context, dialog, addresses, app, permission };
  const token = await (dialog.paste ? signInByPasting(signingIn, signal) : signInThroughBrowser(signingIn, signal));
  return await keep(signingIn, token, signal);
}

/** Forgets the token. Flickr lets no program make one worthless: that is for the owner, on a page of the account. */
export async function logout(context: ProviderContext): Promise<void> {
  await context.secrets.update(() => Promise.resolve(undefined));
}

async function askForApp({ settings }: ProviderContext, dialog: LoginDialog): Promise<App> {
  const configured = await readApp(settings);
  if (configured !== undefined) return configured;
  const key = (
    await dialog.ask("Key of your Flickr application (made at https://www.flickr.com/services/apps/create/):")
  ).trim();
  const secret = (await dialog.ask("Secret of the application:")).trim();
  if (key === "" || secret === "") {
    throw new UsageError("FLICKR_API_KEY and FLICKR_API_SECRET: an application is needed to sign in");
  }
  return { key, secret };
}

async function signInByPasting(signingIn: SigningIn, signal: AbortSignal): Promise<OAuth1Token> {
  const { dialog } = signingIn;
  const passing = await begin(signingIn, OUT_OF_BAND, signal);
  dialog.say("Open this address, allow the access, and copy the code that is shown:");
  dialog.say(addressFor(signingIn, passing));
  // Some pages put spaces around the dashes, which belong to the code.
  const verifier = (await dialog.ask("Code:")).replaceAll(/\s/g, "");
  return await finish(signingIn, passing, verifier, signal);
}

async function signInThroughBrowser(signingIn: SigningIn, signal: AbortSignal): Promise<OAuth1Token> {
  const { dialog } = signingIn;
  const listener = await listenForRedirect({ host: "127.0.0.1", port: 0, provider: PROVIDER, timeoutMs: PATIENCE_MS });
  try {
    const passing = await begin(signingIn, listener.redirectUri, signal);
    const address = addressFor(signingIn, passing);
    dialog.say(`If no browser opens, open this address on this machine: ${address}`);
    const visit = listener.wait((query) => query.get("oauth_token") === passing.id, signal);
    // The browser may never open, but the visit may come all the same; a failed visit is reported below.
    visit.catch(() => undefined);
    await dialog.openBrowser(address);
    const verifier = (await visit).get("oauth_verifier");
    if (verifier === null) {
      throw new ProviderError("unauthorized", "sign-in: it was declined; run `trisync login flickr` again");
    }
    return await finish(signingIn, passing, verifier, signal);
  } finally {
    listener.close();
  }
}

async function begin(
  { context, addresses, app }: SigningIn,
  callback: string,
  signal: AbortSignal,
): Promise<OAuth1Token> {
  const http = createSignedHttp(context, app, undefined);
  try {
    return await requestSignIn(serverFor(addresses), http, callback, signal);
  } finally {
    http.close();
  }
}

function addressFor({ addresses, permission }: SigningIn, passing: OAuth1Token): string {
  return signInUrl(serverFor(addresses), passing, { perms: permission });
}

async function finish(
  { context, addresses, app }: SigningIn,
  passing: OAuth1Token,
  verifier: string,
  signal: AbortSignal,
): Promise<OAuth1Token> {
  const http = createSignedHttp(context, app, passing);
  try {
    return await finishSignIn(serverFor(addresses), http, verifier, signal);
  } finally {
    http.close();
  }
}

/** Stores nothing before Flickr has said whose token this is. */
async function keep({ context, addresses, app }: SigningIn, token: OAuth1Token, signal: AbortSignal): Promise<string> {
  const api = createFlickrApi(createSignedHttp(context, app, token), addresses, { sleep, rest: () => undefined });
  try {
    const { user, perms } = await checkToken(api, signal);
    const ours = {
      [STORED.key]: app.key,
      [STORED.secret]: app.secret,
      [STORED.token]: token.id,
      [STORED.tokenSecret]: token.secret,
    };
    await context.secrets.update((stored) => Promise.resolve({ ...stored, ...ours }));
    const name = [...new Set([user.fullname, user.username].filter(Boolean))].join(", ") || user.nsid;
    return `Signed in to Flickr as ${name}, with the permission to ${perms}.`;
  } finally {
    api.close();
  }
}
