import { ProviderError } from "../model/errors.js";
import { asHttps, fetchOver, requestTokens, safeUrl, translate, type OAuthServer, type OAuthTools } from "./oauth.js";
import { sleep, type Sleep } from "./sleep.js";
import type { TokenSet } from "./token-source.js";

/** What the user is to enter, and where. */
export interface DevicePrompt {
  readonly userCode: string;
  readonly verificationUri: string;
  /** The same with the code filled in; undefined where the service has no such page. */
  readonly completeUri: string | undefined;
}

export interface DeviceSignIn {
  readonly scopes: readonly string[];
  /** The grant's name and its parameter differ from the standard at some services. */
  readonly grant?: { readonly type: string; readonly parameter: string };
  /** What this service wants to know besides. */
  readonly parameters?: Readonly<Record<string, string>>;
  readonly prompt: (prompt: DevicePrompt) => void;
  readonly sleep?: Sleep;
}

const STANDARD_GRANT = { type: "urn:ietf:params:oauth:grant-type:device_code", parameter: "device_code" };

const OPERATION = "sign-in";

/** Sign-in on another device: shows a code, then asks until it was entered. Rejects with "unauthorized" when it never is. */
export async function signInByDevice(
  server: OAuthServer,
  signIn: DeviceSignIn,
  tools: OAuthTools,
  signal: AbortSignal,
): Promise<TokenSet> {
  const device = await requestDeviceCode(server, signIn, tools, signal);
  signIn.prompt({
    userCode: device.user_code,
    verificationUri: device.verification_uri,
    completeUri: device.verification_uri_complete,
  });

  const grant = signIn.grant ?? STANDARD_GRANT;
  const endsMs = tools.now() + device.expires_in * 1000;
  let intervalMs = (device.interval ?? 5) * 1000;
  for (;;) {
    await (signIn.sleep ?? sleep)(intervalMs, signal);
    if (tools.now() >= endsMs) throw tooLate(server);
    const parameters = { [grant.parameter]: device.device_code };
    try {
      return await requestTokens(server, { operation: OPERATION, type: grant.type, parameters }, tools, signal);
    } catch (error) {
      if (!isPending(error)) throw error;
      if (wordOf(error) === "slow_down") intervalMs += 5000;
    }
  }
}

async function requestDeviceCode(server: OAuthServer, signIn: DeviceSignIn, tools: OAuthTools, signal: AbortSignal) {
  const oauth = await import("oauth4webapi");
  const url = safeUrl(server.deviceUrl ?? "");
  const as = { issuer: url.origin, device_authorization_endpoint: asHttps(url) };
  const client = { client_id: server.clientId };
  const scope = signIn.scopes.length === 0 ? {} : { scope: signIn.scopes.join(" ") };
  const parameters = { ...scope, ...signIn.parameters };
  try {
    const response = await oauth.deviceAuthorizationRequest(as, client, oauth.None(), parameters, {
      [oauth.customFetch]: fetchOver(
        tools.http,
        { operation: OPERATION, url, repeatable: true },
        signal,
        standardSpelling,
      ),
    });
    return await oauth.processDeviceAuthorizationResponse(as, client, response);
  } catch (error) {
    throw translate(error, server, OPERATION, signal);
  }
}

/** Google and Yandex say `verification_url`, which the standard spells `verification_uri`. */
function standardSpelling(text: string): string {
  return text.replace(/"verification_url(_complete)?"(\s*:)/, '"verification_uri$1"$2');
}

function isPending(error: unknown): boolean {
  // The network may fail now and then in the minutes that this takes; the code stays good.
  if (error instanceof ProviderError && error.code === "unavailable") return true;
  const word = wordOf(error);
  return word === "authorization_pending" || word === "slow_down";
}

function wordOf(error: unknown): string | undefined {
  const cause = error instanceof ProviderError ? error.cause : undefined;
  return cause instanceof Error && "code" in cause ? String(cause.code) : undefined;
}

function tooLate(server: OAuthServer): ProviderError {
  const message = `${OPERATION}: the code was not entered in time; run \`trisync login ${server.provider}\` again`;
  return new ProviderError("unauthorized", message);
}
