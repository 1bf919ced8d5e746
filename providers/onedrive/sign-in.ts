import type { OAuthServer, OAuthTools } from "../../lib/http/oauth.js";
import { createApplicationTokenSource } from "../../lib/http/token-source.js";
import type { HttpClient, TokenSource } from "../../lib/http/types.js";
import type { ProviderContext } from "../context.js";
import { createRenewedTokens, createSignedIn } from "../signed-in.js";
import { resourceOf, type Addresses, type SignIn } from "./config.js";
import { explainSignIn } from "./sign-in-errors.js";

export const PROVIDER = "onedrive";

/** The client for all requests of a run, those for tokens included. */
export function createSignedInHttp(context: ProviderContext, addresses: Addresses, signIn: SignIn): HttpClient {
  const createSource = (tools: OAuthTools): TokenSource => createTokens(context, addresses, signIn, tools);
  return createSignedIn(context, { scheme: "Bearer" }, createSource).http;
}

export function serverFor(
  addresses: Addresses,
  app: { readonly clientId: string; readonly tenant: string; readonly secret: string | undefined },
): OAuthServer {
  const base = `${addresses.auth}/${app.tenant}/oauth2/v2.0`;
  return {
    provider: PROVIDER,
    authorizeUrl: `${base}/authorize`,
    tokenUrl: `${base}/token`,
    deviceUrl: `${base}/devicecode`,
    clientId: app.clientId,
    clientSecret: app.secret,
    secretIn: "body",
    // Every renewal brings another refresh token, and the old one stays good.
    rotates: false,
    explain: explainSignIn,
  };
}

function createTokens(context: ProviderContext, addresses: Addresses, signIn: SignIn, tools: OAuthTools): TokenSource {
  if (signIn.kind === "application") return createApplicationTokens(context, addresses, signIn, tools);
  const { clientId, tenant } = signIn;
  const secret = signIn.kind === "refresh-token" ? signIn.clientSecret : undefined;
  const server = serverFor(addresses, { clientId, tenant, secret });
  const refreshToken = signIn.kind === "refresh-token" ? signIn.refreshToken : undefined;
  return createRenewedTokens(context, { server, tools, refreshToken });
}

function createApplicationTokens(
  context: ProviderContext,
  addresses: Addresses,
  { clientId, tenant, proof }: Extract<SignIn, { kind: "application" }>,
  tools: OAuthTools,
): TokenSource {
  const secret = proof.kind === "secret" ? proof.secret : undefined;
  const server = serverFor(addresses, { clientId, tenant, secret });
  // The permissions that an administrator granted at this very cloud.
  const scope = `${resourceOf(addresses)}/.default`;
  return createApplicationTokenSource({
    secrets: context.secrets,
    // Another secret may be another application's permissions.
    credentials: [server.tokenUrl, clientId, scope, ...Object.values(proof)],
    obtain: async (signal) => {
      const { obtainTokens } = await import("../../lib/http/oauth.js");
      const parameters = { scope, ...(proof.kind === "secret" ? {} : await assertionFor(proof)) };
      return await obtainTokens(server, parameters, tools, signal);
    },
    now: context.now,
  });

  async function assertionFor(certificate: { readonly certificatePem: string; readonly keyPem: string }) {
    const { createAssertion } = await import("./certificate.js");
    const { certificatePem, keyPem } = certificate;
    const proofOf = { clientId, audience: server.tokenUrl, certificatePem, keyPem, nowMs: context.now() };
    return { client_assertion_type: ASSERTION_TYPE, client_assertion: createAssertion(proofOf) };
  }
}

const ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
