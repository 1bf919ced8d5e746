import type { AuthorizationServer, ClientAuth } from "oauth4webapi";
import { ProviderError, UsageError } from "../model/errors.js";
import { parseJson } from "./answers.js";
import { isSafeForSecrets } from "./loopback.js";
import { oauthError, type OAuthErrorBody } from "./oauth-errors.js";
import type { TokenSet } from "./token-source.js";
import type { HttpAnswer, HttpClient } from "./types.js";

/** Where and as whom to ask for tokens. */
export interface OAuthServer {
  /** As in `trisync login PROVIDER`. */
  readonly provider: string;
  readonly authorizeUrl: string;
  readonly tokenUrl: string;
  /** Undefined where there is no device sign-in. */
  readonly deviceUrl?: string | undefined;
  readonly revoke?: { readonly url: string; readonly field: "token" | "access_token" } | undefined;
  readonly clientId: string;
  /** Undefined for public applications, which prove themselves by PKCE. */
  readonly clientSecret: string | undefined;
  /** How the secret is shown: in the form, or in a header. */
  readonly secretIn: "body" | "header";
  /** True when a refresh token works only once: a renewal that may have been carried out is then not repeated. */
  readonly rotates: boolean;
  /** What a refusal means at this service, where that is more than the standard's words say; undefined where it is not. */
  readonly explain?: ((operation: string, body: OAuthErrorBody) => Error | undefined) | undefined;
}

/** What token requests are made with: a client for requests without a token, and the clock. */
export interface OAuthTools {
  readonly http: HttpClient;
  readonly now: () => number;
}

/** An address for the user's browser, and what has to be kept until the code comes back. */
export interface Authorization {
  readonly url: string;
  readonly state: string;
  readonly codeVerifier: string;
}

/** `redirectUri` undefined: the service shows a code to copy. `parameters`: what this service wants besides. */
export async function authorizationUrl(
  server: OAuthServer,
  options: {
    readonly redirectUri: string | undefined;
    readonly scopes: readonly string[];
    readonly parameters?: Readonly<Record<string, string>>;
  },
): Promise<Authorization> {
  const oauth = await import("oauth4webapi");
  const state = oauth.generateRandomState();
  const codeVerifier = oauth.generateRandomCodeVerifier();
  const url = safeUrl(server.authorizeUrl);
  const parameters = {
    response_type: "code",
    client_id: server.clientId,
    ...(options.redirectUri === undefined ? {} : { redirect_uri: options.redirectUri }),
    ...(options.scopes.length === 0 ? {} : { scope: options.scopes.join(" ") }),
    state,
    code_challenge: await oauth.calculatePKCECodeChallenge(codeVerifier),
    code_challenge_method: "S256",
    ...options.parameters,
  };
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
  return { url: url.href, state, codeVerifier };
}

/** Rejects with "unauthorized" when the code is wrong, used or too old. */
export async function exchangeCode(
  server: OAuthServer,
  grant: { readonly code: string; readonly codeVerifier: string; readonly redirectUri: string | undefined },
  tools: OAuthTools,
  signal: AbortSignal,
): Promise<TokenSet> {
  const parameters = {
    code: grant.code,
    code_verifier: grant.codeVerifier,
    ...(grant.redirectUri === undefined ? {} : { redirect_uri: grant.redirectUri }),
  };
  return await requestTokens(server, { operation: "sign-in", type: "authorization_code", parameters }, tools, signal);
}

/** Rejects with "unauthorized" and the command that mends it when the refresh token or the application is not accepted. */
export async function refreshTokens(
  server: OAuthServer,
  refreshToken: string,
  tools: OAuthTools,
  signal: AbortSignal,
): Promise<TokenSet> {
  const parameters = { refresh_token: refreshToken };
  return await requestTokens(server, { operation: "token renewal", type: "refresh_token", parameters }, tools, signal);
}

/** Tokens for the application itself. Rejects as `refreshTokens`. */
export async function obtainTokens(
  server: OAuthServer,
  parameters: Readonly<Record<string, string>>,
  tools: OAuthTools,
  signal: AbortSignal,
): Promise<TokenSet> {
  return await requestTokens(server, { operation: "sign-in", type: "client_credentials", parameters }, tools, signal);
}

/** Makes a token worthless. One that is so already is fine. */
export async function revokeToken(
  server: OAuthServer,
  token: string,
  tools: OAuthTools,
  signal: AbortSignal,
): Promise<void> {
  if (server.revoke === undefined) return;
  const operation = "sign-out";
  const secret = server.clientSecret === undefined ? {} : { client_secret: server.clientSecret };
  const answer = await tools.http.send(
    {
      operation,
      subject: undefined,
      method: "POST",
      url: safeUrl(server.revoke.url).href,
      body: { kind: "form", fields: { [server.revoke.field]: token, client_id: server.clientId, ...secret } },
      repeatable: true,
      authorized: false,
      accept: [400],
    },
    signal,
  );
  if (answer.status !== 400) return;
  const error = errorIn(answer, operation);
  if (error.error !== "invalid_token") throw oauthError(server.provider, operation, error);
}

export interface Grant {
  readonly operation: string;
  readonly type: string;
  readonly parameters: Readonly<Record<string, string>>;
}

/** One request to the token endpoint. */
export async function requestTokens(
  server: OAuthServer,
  grant: Grant,
  tools: OAuthTools,
  signal: AbortSignal,
): Promise<TokenSet> {
  const oauth = await import("oauth4webapi");
  const url = safeUrl(server.tokenUrl);
  const as: AuthorizationServer = { issuer: url.origin, token_endpoint: asHttps(url) };
  const client = { client_id: server.clientId };
  const repeatable = grant.type === "client_credentials" || (grant.type === "refresh_token" && !server.rotates);
  try {
    const response = await oauth.genericTokenEndpointRequest(
      as,
      client,
      await clientAuth(server),
      grant.type,
      { ...grant.parameters },
      {
        [oauth.customFetch]: fetchOver(tools.http, { operation: grant.operation, url, repeatable }, signal),
      },
    );
    const tokens = await oauth.processGenericTokenEndpointResponse(as, client, response);
    const { refresh_token_expires_in: refreshExpiresIn } = tokens;
    return {
      accessToken: tokens.access_token,
      refreshToken: tokens.refresh_token,
      expiresMs: tokens.expires_in === undefined ? undefined : tools.now() + tokens.expires_in * 1000,
      ...(typeof refreshExpiresIn === "number" ? { refreshExpiresMs: tools.now() + refreshExpiresIn * 1000 } : {}),
    };
  } catch (error) {
    throw translate(error, server, grant.operation, signal);
  }
}

/** Errors of the library carry the whole answer, and with it tokens: only the standard's own words are taken from them. */
export function translate(
  error: unknown,
  { provider, explain }: Pick<OAuthServer, "provider" | "explain">,
  operation: string,
  signal: AbortSignal,
): unknown {
  if (signal.aborted || error instanceof ProviderError || error instanceof UsageError) return error;
  if (error instanceof Error && "error" in error && typeof error.error === "string") {
    const description = "error_description" in error ? error.error_description : undefined;
    const body = { error: error.error, description: typeof description === "string" ? description : undefined };
    return explain?.(operation, body) ?? oauthError(provider, operation, body);
  }
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  if (code.startsWith("OAUTH_")) {
    if (code === "OAUTH_WWW_AUTHENTICATE_CHALLENGE") {
      return oauthError(provider, operation, { error: "invalid_client", description: undefined });
    }
    return new ProviderError("malformed", `${operation}: ${provider} did not answer as documented (${code})`);
  }
  return error;
}

/**
 * A `fetch` for the library that sends with our client, so that proxies, timeouts, retries and counting apply. `tidy` may
 * put a service's own spelling right.
 */
export function fetchOver(
  http: HttpClient,
  request: { readonly operation: string; readonly url: URL; readonly repeatable: boolean },
  signal: AbortSignal,
  tidy: (text: string) => string = (text) => text,
) {
  return async (
    _url: string,
    options: { readonly headers: Record<string, string>; readonly body: URLSearchParams },
  ): Promise<Response> => {
    // The library's own name would go out as the user agent.
    const headers = Object.fromEntries(Object.entries(options.headers).filter(([name]) => name !== "user-agent"));
    const fields = Object.fromEntries(options.body);
    const answer = await http.send(
      {
        operation: request.operation,
        repeatable: request.repeatable,
        subject: undefined,
        method: "POST",
        url: request.url.href,
        headers,
        body: { kind: "form", fields },
        authorized: false,
        accept: REFUSALS,
      },
      signal,
    );
    // The library goes by the announced type, and not every service announces JSON as such.
    const contentType = answer.text.trimStart().startsWith("{") ? "application/json" : "text/plain";
    const challenge = answer.headers["www-authenticate"];
    return new Response(tidy(answer.text), {
      status: answer.status,
      headers: { "content-type": contentType, ...(challenge === undefined ? {} : { "www-authenticate": challenge }) },
    });
  };
}

/** Statuses with which OAuth servers explain themselves. */
const REFUSALS = [400, 401, 403];

async function clientAuth(server: OAuthServer): Promise<ClientAuth> {
  const oauth = await import("oauth4webapi");
  if (server.clientSecret === undefined) return oauth.None();
  return server.secretIn === "header"
    ? oauth.ClientSecretBasic(server.clientSecret)
    : oauth.ClientSecretPost(server.clientSecret);
}

/**
 * The library takes nothing but https, also on this machine, where `safeUrl` allows http. It only gets to see such an address;
 * `fetchOver` sends to the real one.
 */
export function asHttps(url: URL): string {
  return url.href.replace(/^http:/, "https:");
}

/** Throws `UsageError` for an address that secrets must not be sent to. */
export function safeUrl(address: string): URL {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (url !== undefined && isSafeForSecrets(url)) return url;
  throw new UsageError(
    `not an address to sign in at: ${url?.host ?? "(unreadable)"}; it must be https, or http on this machine`,
  );
}

function errorIn(answer: HttpAnswer, operation: string): OAuthErrorBody {
  const json = parseJson(answer, operation);
  const error = typeof json === "object" && json !== null && "error" in json ? json.error : undefined;
  return { error: typeof error === "string" ? error : "unknown", description: undefined };
}
