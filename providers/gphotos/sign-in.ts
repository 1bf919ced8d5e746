import type { OAuthErrorBody } from "../../lib/http/oauth-errors.js";
import type { OAuthServer } from "../../lib/http/oauth.js";
import { ProviderError } from "../../lib/model/errors.js";
import type { ProviderContext } from "../context.js";
import { createRenewedTokens, createSignedIn, type SignedIn } from "../signed-in.js";
import type { Addresses, SignIn } from "./config.js";

export const PROVIDER = "gphotos";

export function createSignedInHttp(context: ProviderContext, addresses: Addresses, signIn: SignIn): SignedIn {
  const server = serverFor(addresses, { id: signIn.clientId, secret: signIn.clientSecret });
  const { refreshToken } = signIn;
  return createSignedIn(context, { scheme: "Bearer" }, (tools) =>
    createRenewedTokens(context, { server, tools, refreshToken }),
  );
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
