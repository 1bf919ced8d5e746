import { isVerified } from "../shared/is-verified.js";
import type { AuthorizationCode, IssuedTokens } from "./tokens.js";
import type { World } from "./world.js";

export interface PlainAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** `GET /oauth2/authorize` on the web host: the person agrees at once, or refuses. */
export function authorizePage(world: World, query: URLSearchParams): PlainAnswer {
  const refusal = authorizeFault(world, query);
  if (refusal !== undefined) {
    world.misuse.push(`oauth2/authorize: ${refusal}`);
    return page(400, `<h1>Error (400)</h1><p>${refusal}</p>`);
  }
  const redirectUri = query.get("redirect_uri") ?? undefined;
  const state = query.get("state") ?? undefined;
  if (world.settings.consent === "deny") {
    const denied = { error: "access_denied", error_description: "The user chose not to give your app access" };
    return redirectUri === undefined ? page(200, "<p>cancelled</p>") : redirect(redirectUri, denied, state);
  }
  const { code } = world.tokens.newCode({
    accountId: world.tokens.signedInAccountId,
    scopes: query.get("scope")?.split(" ") ?? world.settings.appScopes,
    challenge: challengeOf(query),
    redirectUri,
    isOffline: query.get("token_access_type") === "offline",
  });
  if (redirectUri !== undefined) return redirect(redirectUri, { code }, state);
  return page(200, `<p>Access code generated. Copy it:</p><input id="auth-code" readonly value="${code}">`);
}

/** `POST /oauth2/token` on the API host. Parameters may stand in the form body or, as the SDKs do it, in the URL. */
export function tokenEndpoint(world: World, params: URLSearchParams, authorization: string | undefined): PlainAnswer {
  const client = clientOf(params, authorization);
  const grantType = params.get("grant_type");
  if (client.id !== world.app.key) return refuse(world, "invalid_client", "unknown client_id", true);
  if (client.secret !== undefined && client.secret !== world.app.secret) {
    return refuse(world, "invalid_client", "Invalid client_id or client_secret", false);
  }
  if (grantType === "authorization_code") return redeemCode(world, params, client.secret !== undefined);
  if (grantType === "refresh_token") return refresh(world, params, client.secret !== undefined);
  return refuse(world, "unsupported_grant_type", `grant_type ${grantType ?? "is missing"}`, true);
}

function redeemCode(world: World, params: URLSearchParams, hasSecret: boolean): PlainAnswer {
  const code = world.tokens.code(params.get("code") ?? "");
  if (code === undefined || !world.tokens.isCurrent(code)) {
    return refuse(world, "invalid_grant", "code doesn't exist or has expired", false);
  }
  const fault = codeFault(code, params, hasSecret);
  if (fault !== undefined) return refuse(world, "invalid_grant", fault, true);
  const { grant, tokens } = world.tokens.redeem(code);
  return json(200, {
    ...tokenAnswer(world, tokens),
    ...(code.isOffline ? { refresh_token: tokens.refreshToken } : {}),
    scope: grant.scopes.join(" "),
    uid: world.accounts.get(grant.accountId)?.uid,
    account_id: grant.accountId,
  });
}

function refresh(world: World, params: URLSearchParams, hasSecret: boolean): PlainAnswer {
  const token = params.get("refresh_token") ?? "";
  if (token.length !== 64) return refuse(world, "invalid_grant", "refresh token is malformed", false);
  const grant = world.tokens.grant(token);
  if (grant === undefined || grant.isRevoked) {
    return refuse(world, "invalid_grant", "refresh token is invalid or revoked", false);
  }
  if (!grant.isPublic && !hasSecret) return refuse(world, "invalid_client", "client_secret is required", true);
  const scopes = params.get("scope")?.split(" ");
  if (scopes?.some((scope) => !grant.scopes.includes(scope)) === true) {
    return refuse(world, "invalid_scope", "scope was not granted", true);
  }
  const tokens = world.tokens.issueFor(grant, { scopes });
  return json(200, tokenAnswer(world, tokens));
}

function tokenAnswer(world: World, tokens: IssuedTokens): Readonly<Record<string, unknown>> {
  world.tokenAnswers += 1;
  return { access_token: tokens.accessToken, token_type: "bearer", expires_in: tokens.expiresInSeconds };
}

function codeFault(code: AuthorizationCode, params: URLSearchParams, hasSecret: boolean): string | undefined {
  if ((params.get("redirect_uri") ?? undefined) !== code.redirectUri) return "redirect_uri mismatch";
  const verifier = params.get("code_verifier");
  if (code.challenge === undefined) return hasSecret ? undefined : "client_secret or code_verifier is required";
  return verifier !== null && isVerified(code.challenge, verifier) ? undefined : "invalid code verifier";
}

function authorizeFault(world: World, query: URLSearchParams): string | undefined {
  if (query.get("client_id") !== world.app.key) return "Invalid client_id";
  if (query.get("response_type") !== "code") return "Invalid response_type";
  const accessType = query.get("token_access_type");
  if (accessType !== null && !["offline", "online", "legacy"].includes(accessType)) return "Invalid token_access_type";
  const method = query.get("code_challenge_method");
  if (query.get("code_challenge") !== null && method !== "S256" && method !== "plain") {
    return "Invalid code_challenge_method";
  }
  if (method === "S256" && !/^[A-Za-z0-9_-]{43}$/.test(query.get("code_challenge") ?? ""))
    return "Invalid code_challenge";
  const unknown = query
    .get("scope")
    ?.split(" ")
    .find((scope) => !world.settings.appScopes.includes(scope));
  if (unknown !== undefined) return `Invalid scope ${unknown}`;
  if (Buffer.byteLength(query.get("state") ?? "") > 500) return "state is too long";
  return redirectFault(world, query.get("redirect_uri"));
}

function redirectFault(world: World, redirectUri: string | null): string | undefined {
  if (redirectUri === null) return undefined;
  const { redirectUris } = world.settings;
  const isRegistered =
    redirectUris?.includes(redirectUri) ?? (URL.canParse(redirectUri) && new URL(redirectUri).hostname === "localhost");
  return isRegistered ? undefined : "Invalid redirect_uri: it is not registered for this app";
}

function challengeOf(query: URLSearchParams): AuthorizationCode["challenge"] {
  const value = query.get("code_challenge");
  if (value === null) return undefined;
  return { method: query.get("code_challenge_method") === "plain" ? "plain" : "S256", value };
}

function clientOf(
  params: URLSearchParams,
  authorization: string | undefined,
): { readonly id: string | undefined; readonly secret: string | undefined } {
  const basic = /^Basic (.+)$/.exec(authorization ?? "")?.[1];
  if (basic !== undefined) {
    const [id, secret] = Buffer.from(basic, "base64").toString().split(":");
    return { id, secret: secret === "" ? undefined : secret };
  }
  return { id: params.get("client_id") ?? undefined, secret: params.get("client_secret") ?? undefined };
}

function refuse(world: World, error: string, description: string, isMisuse: boolean): PlainAnswer {
  if (isMisuse) world.misuse.push(`oauth2/token: ${error}: ${description}`);
  return json(400, { error, error_description: description });
}

function redirect(uri: string, params: Readonly<Record<string, string>>, state: string | undefined): PlainAnswer {
  const target = new URL(uri);
  for (const [name, value] of Object.entries(params)) target.searchParams.set(name, value);
  if (state !== undefined) target.searchParams.set("state", state);
  return { status: 302, headers: { Location: target.href }, body: "" };
}

function page(status: number, body: string): PlainAnswer {
  return { status, headers: { "Content-Type": "text/html; charset=utf-8" }, body: `<!DOCTYPE html><body>${body}` };
}

function json(status: number, value: unknown): PlainAnswer {
  return { status, headers: { "Content-Type": "application/json" }, body: JSON.stringify(value) };
}
