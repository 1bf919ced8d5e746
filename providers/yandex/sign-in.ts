import type { OAuthServer, OAuthTools } from "../../lib/http/oauth.js";
import { createFixedTokenSource, createTokenSource, type TokenSet } from "../../lib/http/token-source.js";
import type { HttpClient, TokenSource } from "../../lib/http/types.js";
import type { ProviderContext } from "../context.js";
import type { Addresses, App, SignIn } from "./config.js";

export const PROVIDER = "yandex";

/** How the token is put on a request: the service wants its own word for it. */
export const SCHEME = "OAuth";

/** The terms of the service allow no more. */
const REQUESTS_PER_SECOND = 40;

export interface SignedIn {
  /** The client for all requests of a run, those for tokens included. */
  readonly http: HttpClient;
  readonly tokens: TokenSource;
}

export function createSignedInHttp(context: ProviderContext, addresses: Addresses, signIn: SignIn): SignedIn {
  // The client asks the tokens, and these are fetched with the client.
  const tokens: TokenSource = {
    token: (signal) => source.token(signal),
    renew: (rejected, signal) => source.renew(rejected, signal),
  };
  const http = context.createHttp({ scheme: SCHEME, tokens, requestsPerSecond: REQUESTS_PER_SECOND });
  const source = createTokens(context, addresses, signIn, { http, now: context.now });
  return { http, tokens };
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
  return createTokenSource({
    provider: PROVIDER,
    secrets: context.secrets,
    clientId: signIn.app.id,
    refreshToken: signIn.kind === "refresh-token" ? signIn.refreshToken : undefined,
    rotates: true,
    // The OAuth library is only loaded when a token has to be renewed.
    refresh: async (refreshToken, signal) => {
      const { refreshTokens } = await import("../../lib/http/oauth.js");
      return renewedEarly(await refreshTokens(server, refreshToken, tools, signal), context.now());
    },
    now: context.now,
  });
}
