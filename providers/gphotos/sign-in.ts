import type { OAuthErrorBody } from "../../lib/http/oauth-errors.js";
import type { OAuthServer, OAuthTools } from "../../lib/http/oauth.js";
import { createTokenSource } from "../../lib/http/token-source.js";
import type { HttpClient, TokenSource } from "../../lib/http/types.js";
import { ProviderError } from "../../lib/model/errors.js";
import type { ProviderContext } from "../context.js";
import type { Addresses, SignIn } from "./config.js";

export const PROVIDER = "gphotos";

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
  const http = context.createHttp({ scheme: "Bearer", tokens });
  const source = createTokens(context, addresses, signIn, { http, now: context.now });
  return { http, tokens };
}

export function serverFor(addresses: Addresses, client: { readonly id: string; readonly secret: string }): OAuthServer {
  return {
    provider: PROVIDER,
    authorizeUrl: addresses.authorize,
    tokenUrl: addresses.token,
    revoke: { url: addresses.revoke, field: "token" },
    clientId: client.id,
    clientSecret: client.secret,
    secretIn: "body",
    rotates: false,
    explain,
  };
}

/** The standard's word for a dead token says nothing of why it died, and one reason strikes nearly everybody. */
function explain(operation: string, { error }: OAuthErrorBody): Error | undefined {
  if (error !== "invalid_grant" || operation !== "token renewal") return undefined;
  return new ProviderError(
    "unauthorized",
    `${operation}: Google answered invalid_grant: the sign-in has expired or was revoked. ${TESTING} ` +
      "Then run `trisync login gphotos`",
    { cause: Object.assign(new Error(error), { code: error }) },
  );
}

/** Why sign-ins die after a week, and what to do about it. */
export const TESTING =
  'While the publishing status of the app is "Testing", Google ends every sign-in after 7 days: set it to "In production" at ' +
  "https://console.cloud.google.com/auth/audience (for your own use it need not be verified).";

function createTokens(context: ProviderContext, addresses: Addresses, signIn: SignIn, tools: OAuthTools): TokenSource {
  const server = serverFor(addresses, { id: signIn.clientId, secret: signIn.clientSecret });
  return createTokenSource({
    provider: PROVIDER,
    secrets: context.secrets,
    clientId: signIn.clientId,
    refreshToken: signIn.refreshToken,
    rotates: false,
    // The OAuth library is only loaded when a token has to be renewed.
    refresh: async (refreshToken, signal) => {
      const { refreshTokens } = await import("../../lib/http/oauth.js");
      return await refreshTokens(server, refreshToken, tools, signal);
    },
    now: context.now,
  });
}
