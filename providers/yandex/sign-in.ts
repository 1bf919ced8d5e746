import type { OAuthServer, OAuthTools } from "../../lib/http/oauth.js";
import { createFixedTokenSource, type TokenSet } from "../../lib/http/token-source.js";
import type { TokenSource } from "../../lib/http/types.js";
import type { ProviderContext } from "../context.js";
import { createRenewedTokens, createSignedIn, type SignedIn } from "../signed-in.js";
import type { Addresses, App, SignIn } from "./config.js";

export const PROVIDER = "yandex";

/** How the token is put on a request: the service wants its own word for it. */
export const SCHEME = "OAuth";

/** The terms of the service allow no more. */
const REQUESTS_PER_SECOND = 40;

export function createSignedInHttp(context: ProviderContext, addresses: Addresses, signIn: SignIn): SignedIn {
  const options = { scheme: SCHEME, requestsPerSecond: REQUESTS_PER_SECOND };
  return createSignedIn(context, options, (tools) => createTokens(context, addresses, signIn, tools));
}

export function serverFor({ auth }: Addresses, app: App): OAuthServer {
  return {
    provider: PROVIDER,
    authorizeUrl: `${auth}/authorize`,
    tokenUrl: `${auth}/token`,
    deviceUrl: `${auth}/device/code`,
    revoke: { url: `${auth}/revoke_token`, field: "access_token" },
    clientId: app.id,
    clientSecret: app.secret,
    secretIn: "body",
    rotates: true,
  };
}

const QUARTER_MS = 90 * 24 * 3_600_000;

/**
 * A refresh token lives no longer than the access token beside it, for a year: with the last days of the one the other would be
 * lost too. So tokens count as used up after a quarter, which is what the service advises.
 */
export function renewedEarly(tokens: TokenSet, nowMs: number): TokenSet {
  return { ...tokens, expiresMs: Math.min(tokens.expiresMs ?? Number.POSITIVE_INFINITY, nowMs + QUARTER_MS) };
}

function createTokens(context: ProviderContext, addresses: Addresses, signIn: SignIn, tools: OAuthTools): TokenSource {
  if (signIn.kind === "token") {
    return createFixedTokenSource({ provider: PROVIDER, token: signIn.token, variable: "YANDEX_TOKEN" });
  }
  const server = serverFor(addresses, signIn.app);
  const refreshToken = signIn.kind === "refresh-token" ? signIn.refreshToken : undefined;
  const adapt = (tokens: TokenSet): TokenSet => renewedEarly(tokens, context.now());
  return createRenewedTokens(context, { server, tools, refreshToken, adapt });
}
