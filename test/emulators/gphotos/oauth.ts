import type { Answer } from "../shared/answer.js";
import { header } from "../shared/header.js";
import { isVerified } from "../shared/is-verified.js";
import { noteMisuse } from "../shared/note-misuse.js";
import { htmlAnswer, jsonAnswer } from "./answer.js";
import { bodyText, type Exchange } from "./exchange.js";
import { LIVING_SCOPES } from "./scopes.js";
import type { AuthorizationCode, Grant, IssuedTokens } from "./tokens.js";

/** `GET /o/oauth2/v2/auth` on the accounts host: the person agrees at once, to all or to some, or refuses. */
export function authorizePage(exchange: Exchange): Answer {
  const { url, world } = exchange;
  const query = url.searchParams;
  const fault = authorizeFault(exchange);
  if (fault !== undefined) {
    noteMisuse(exchange, `${fault.error}: ${fault.reason}`);
    return htmlAnswer(400, `Access blocked: Authorization Error. Error 400: ${fault.error}. ${fault.reason}`);
  }
  for (const advice of authorizeAdvice(query)) noteMisuse(exchange, advice);
  const redirectUri = query.get("redirect_uri") ?? "";
  const state = query.get("state") ?? undefined;
  if (world.settings.consent === "deny") return redirect(redirectUri, { state, error: "access_denied" });
  const account = world.accounts.get(world.tokens.signedInAccountId);
  const asked = (query.get("scope") ?? "").split(" ");
  const granted = asked.filter((scope) => world.settings.tickedScopes.includes(scope));
  const isAskedAnew = query.get("prompt")?.split(" ").includes("consent") === true || account?.hasConsented === false;
  if (account !== undefined) account.hasConsented = true;
  const { code } = world.tokens.newCode({
    accountId: world.tokens.signedInAccountId,
    scopes: granted,
    challenge: challengeOf(query),
    redirectUri,
    givesRefreshToken: query.get("access_type") === "offline" && isAskedAnew,
  });
  return redirect(redirectUri, { state, code, scope: granted.join(" ") });
}

/** `POST /token` on the OAuth host, form-encoded. */
export async function tokenEndpoint(exchange: Exchange): Promise<Answer> {
  const params = await formOf(exchange);
  if (params === undefined) return refuse(exchange, "invalid_request", "The request is not a form.");
  const client = clientRefusal(exchange, params);
  if (client !== undefined) return client;
  const grantType = params.get("grant_type");
  if (grantType === "authorization_code") return redeemCode(exchange, params);
  if (grantType === "refresh_token") return refresh(exchange, params);
  return refuse(exchange, "unsupported_grant_type", `Invalid grant_type: ${grantType ?? ""}`);
}

/** `POST /revoke` with an access or a refresh token: the whole consent ends. */
export async function revokeEndpoint(exchange: Exchange): Promise<Answer> {
  const params = await formOf(exchange);
  const token = params?.get("token") ?? exchange.url.searchParams.get("token");
  if (token === null) return refuse(exchange, "invalid_request", "Missing required parameter: token");
  if (exchange.world.tokens.revoke(token)) return jsonAnswer(200, {});
  return jsonAnswer(400, { error: "invalid_token", error_description: "Token expired or revoked" });
}

/** `POST /device/code`: photos are not among the scopes that may be asked for this way. */
export function deviceEndpoint(exchange: Exchange): Answer {
  return refuse(exchange, "invalid_scope", "Invalid device flow scope: the scope is not allowed for devices.");
}

/** The console's file for this client. */
export function clientFile(exchange: {
  readonly kind: "installed" | "web";
  readonly client: { readonly clientId: string; readonly clientSecret: string; readonly projectId: string };
  readonly accountsUrl: string;
  readonly oauthUrl: string;
  readonly redirectUris: readonly string[];
}): Readonly<Record<string, unknown>> {
  const { kind, client, accountsUrl, oauthUrl, redirectUris } = exchange;
  const content = {
    client_id: client.clientId,
    project_id: client.projectId,
    auth_uri: `${accountsUrl}/o/oauth2/auth`,
    token_uri: `${oauthUrl}/token`,
    auth_provider_x509_cert_url: "https://www.googleapis.com/oauth2/v1/certs",
    client_secret: client.clientSecret,
    redirect_uris: redirectUris,
  };
  return { [kind]: kind === "web" ? { ...content, javascript_origins: [] } : content };
}

function redeemCode(exchange: Exchange, params: URLSearchParams): Answer {
  const { tokens } = exchange.world;
  const given = params.get("code") ?? "";
  const code = tokens.code(given);
  if (code === undefined) return refuse(exchange, "invalid_grant", "Malformed auth code.");
  if (!tokens.isCurrent(code)) return refuse(exchange, "invalid_grant", "Bad Request", { isMisuse: false });
  if (params.get("redirect_uri") !== code.redirectUri) return refuse(exchange, "redirect_uri_mismatch", "Bad Request");
  const fault = verifierFault(code, params.get("code_verifier"));
  if (fault !== undefined) return refuse(exchange, "invalid_grant", fault);
  const { grant, tokens: issued } = tokens.redeem(code);
  return tokenAnswer(exchange, grant, issued, code.givesRefreshToken);
}

function verifierFault(code: AuthorizationCode, verifier: string | null): string | undefined {
  if (code.challenge === undefined) return verifier === null ? undefined : "code_verifier or verifier is not needed.";
  if (verifier === null) return "Missing code verifier.";
  return isVerified(code.challenge, verifier) ? undefined : "Invalid code verifier.";
}

function refresh(exchange: Exchange, params: URLSearchParams): Answer {
  const { settings, tokens } = exchange.world;
  const given = params.get("refresh_token");
  if (given === null) return refuse(exchange, "invalid_request", "Missing required parameter: refresh_token");
  const grant = tokens.grant(given);
  if (grant === undefined) {
    return refuse(exchange, "invalid_grant", "Token has been expired or revoked.", { isMisuse: false });
  }
  const current = settings.rotateRefreshTokens ? tokens.rotate(grant) : grant;
  return tokenAnswer(exchange, current, tokens.issueFor(current), settings.rotateRefreshTokens);
}

function tokenAnswer({ world }: Exchange, grant: Grant, tokens: IssuedTokens, givesRefreshToken: boolean): Answer {
  world.tokenAnswers += 1;
  const lifetime = Math.ceil((grant.expiresMs - world.clock.nowMs()) / 1000) - 1;
  return jsonAnswer(200, {
    access_token: tokens.accessToken,
    expires_in: tokens.expiresInSeconds,
    ...(givesRefreshToken ? { refresh_token: tokens.refreshToken } : {}),
    ...(givesRefreshToken && Number.isFinite(lifetime) ? { refresh_token_expires_in: lifetime } : {}),
    scope: grant.scopes.join(" "),
    token_type: "Bearer",
  });
}

async function formOf(exchange: Exchange): Promise<URLSearchParams | undefined> {
  const { logged } = exchange;
  const type = header(exchange, "content-type") ?? "";
  if (logged.method !== "POST" || !type.startsWith("application/x-www-form-urlencoded")) return undefined;
  return new URLSearchParams(await bodyText(exchange));
}

/** The secret is demanded of desktop clients too. It comes in the form, or as Basic authentication. */
function clientRefusal(exchange: Exchange, params: URLSearchParams): Answer | undefined {
  const { app } = exchange.world;
  const basic = /^Basic (.+)$/.exec(header(exchange, "authorization") ?? "")?.[1];
  const [basicId, basicSecret] = Buffer.from(basic ?? "", "base64")
    .toString()
    .split(":")
    .map(decodeURIComponent);
  const id = params.get("client_id") ?? basicId;
  const secret = params.get("client_secret") ?? basicSecret;
  if (id !== app.clientId) {
    return refuse(exchange, "invalid_client", "The OAuth client was not found.", { status: 401 });
  }
  if (secret === undefined) return refuse(exchange, "invalid_request", "client_secret is missing.");
  return secret === app.clientSecret ? undefined : refuse(exchange, "invalid_client", "Unauthorized", { status: 401 });
}

interface AuthorizeFault {
  readonly error: string;
  readonly reason: string;
}

function authorizeFault({ world, url }: Exchange): AuthorizeFault | undefined {
  const query = url.searchParams;
  if (query.get("client_id") !== world.app.clientId) {
    return { error: "invalid_client", reason: "The OAuth client was not found." };
  }
  const redirectFault = redirectUriFault(world.settings, query.get("redirect_uri"));
  if (redirectFault !== undefined) return redirectFault;
  if (query.get("response_type") !== "code") {
    return { error: "invalid_request", reason: "Required parameter is missing or wrong: response_type" };
  }
  const scopes = (query.get("scope") ?? "").split(" ").filter((scope) => scope !== "");
  if (scopes.length === 0) return { error: "invalid_request", reason: "Missing required parameter: scope" };
  const unknown = scopes.filter((scope) => !LIVING_SCOPES.includes(scope));
  if (unknown.length > 0) {
    return { error: "invalid_scope", reason: `Some requested scopes were invalid. {invalid=[${unknown.join(", ")}]}` };
  }
  const method = query.get("code_challenge_method") ?? "plain";
  if (query.has("code_challenge") && method !== "S256" && method !== "plain") {
    return { error: "invalid_request", reason: `Invalid code_challenge_method: ${method}` };
  }
  return undefined;
}

function redirectUriFault(
  { clientKind, redirectUris }: Exchange["world"]["settings"],
  redirectUri: string | null,
): AuthorizeFault | undefined {
  if (redirectUri === null) return { error: "invalid_request", reason: "Missing required parameter: redirect_uri" };
  if (redirectUri.startsWith("urn:ietf:wg:oauth:2.0:oob") || redirectUri === "oob") {
    return {
      error: "invalid_request",
      reason: "The out-of-band (OOB) flow has been blocked in order to keep users secure.",
    };
  }
  const isAllowed = clientKind === "web" ? redirectUris.includes(redirectUri) : isLoopback(redirectUri);
  return isAllowed ? undefined : { error: "redirect_uri_mismatch", reason: `redirect_uri=${redirectUri}` };
}

function isLoopback(uri: string): boolean {
  if (!URL.canParse(uri)) return false;
  const { protocol, hostname } = new URL(uri);
  return protocol === "http:" && ["127.0.0.1", "localhost", "[::1]"].includes(hostname);
}

/** What the service lets pass, and a careful client does all the same. */
function authorizeAdvice(query: URLSearchParams): readonly string[] {
  const advice: string[] = [];
  if ((query.get("state") ?? "") === "") advice.push("a sign-in without state can be forged");
  if (!/^[A-Za-z0-9_-]{43}$/.test(query.get("code_challenge") ?? "") || query.get("code_challenge_method") !== "S256") {
    advice.push("a sign-in without an S256 code challenge");
  }
  if (query.get("access_type") !== "offline") advice.push("access_type=offline is missing: no refresh token will come");
  return advice;
}

function challengeOf(query: URLSearchParams): AuthorizationCode["challenge"] {
  const value = query.get("code_challenge");
  if (value === null) return undefined;
  return { method: query.get("code_challenge_method") === "S256" ? "S256" : "plain", value };
}

function refuse(
  exchange: Exchange,
  error: string,
  description: string,
  { status = 400, isMisuse = true }: { readonly status?: number; readonly isMisuse?: boolean } = {},
): Answer {
  if (isMisuse) noteMisuse(exchange, `${error}: ${description}`);
  return jsonAnswer(status, { error, error_description: description });
}

function redirect(uri: string, params: Readonly<Record<string, string | undefined>>): Answer {
  const target = new URL(uri);
  for (const [name, value] of Object.entries(params)) {
    if (value !== undefined) target.searchParams.set(name, value);
  }
  return { status: 302, headers: { Location: target.href }, body: "" };
}
