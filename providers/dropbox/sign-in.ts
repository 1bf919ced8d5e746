import type { OAuthServer, OAuthTools } from "../../lib/http/oauth.js";
import type { HttpClient, TokenSource } from "../../lib/http/types.js";
import type { ProviderContext } from "../context.js";
import { createRenewedTokens, createSignedIn } from "../signed-in.js";
import type { Addresses, SignIn } from "./config.js";

export const PROVIDER = "dropbox";

/** The client for all requests of a run, those for tokens included. */
export function createSignedInHttp(context: ProviderContext, addresses: Addresses, signIn: SignIn): HttpClient {
  const createSource = (tools: OAuthTools): TokenSource => createTokens(context, addresses, signIn, tools);
  return createSignedIn(context, { scheme: "Bearer" }, createSource).http;
}

export function serverFor(addresses: Addresses, app: { key: string; secret: string | undefined }): OAuthServer {
  return {
    provider: PROVIDER,
    authorizeUrl: `${addresses.auth}/oauth2/authorize`,
    tokenUrl: `${addresses.api}/oauth2/token`,
    clientId: app.key,
    clientSecret: app.secret,
    secretIn: "body",
    rotates: false,
  };
}

function createTokens(context: ProviderContext, addresses: Addresses, signIn: SignIn, tools: OAuthTools): TokenSource {
  if (signIn.kind === "access-token") return createPastedToken(signIn.accessToken);
  const secret = signIn.kind === "refresh-token" ? signIn.appSecret : undefined;
  const server = serverFor(addresses, { key: signIn.appKey, secret });
  const refreshToken = signIn.kind === "refresh-token" ? signIn.refreshToken : undefined;
  return createRenewedTokens(context, { server, tools, refreshToken });
}

/**
 * Nothing can renew a pasted token. It is handed out again, so that the service's second refusal reaches the caller, who
 * finds in it what is wrong: that the token has expired, or which permission it lacks.
 */
function createPastedToken(accessToken: string): TokenSource {
  return { token: () => Promise.resolve(accessToken), renew: () => Promise.resolve(accessToken) };
}
