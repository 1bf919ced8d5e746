import type { Answer } from "../shared/answer.js";
import { header } from "../shared/header.js";
import { isVerified } from "../shared/is-verified.js";
import { noteMisuse } from "../shared/note-misuse.js";
import { jsonAnswer, textAnswer } from "./answer.js";
import type { Exchange } from "./exchange.js";
import type { AuthorizationCode, IssuedTokens } from "./tokens.js";

/** The hosts oauth.yandex.ru and oauth.yandex.com. */
export function answerOAuth(exchange: Exchange, body: string): Answer {
  const { logged, url } = exchange;
  if (logged.route === "GET authorize") return authorizePage(exchange, url.searchParams);
  const endpoint = ENDPOINTS[logged.route];
  if (endpoint === undefined) {
    noteMisuse(exchange, `${url.pathname} does not exist on the oauth host`);
    return textAnswer(404, "Not found");
  }
  const type = header(exchange, "content-type") ?? "";
  if (body !== "" && !type.startsWith("application/x-www-form-urlencoded")) {
    return refuse(exchange, "invalid_request", `the body is ${type}, not a form`, true);
  }
  if (url.search !== "") noteMisuse(exchange, "parameters stand in the URL instead of the form");
  return endpoint(exchange, new URLSearchParams(body));
}

type Endpoint = (exchange: Exchange, form: URLSearchParams) => Answer;

const ENDPOINTS: Readonly<Record<string, Endpoint>> = {
  "POST token": tokenEndpoint,
  "POST device/code": deviceEndpoint,
  "POST revoke_token": revokeEndpoint,
};

/** The person agrees at once, or refuses. With the verification page as target the code is shown for copying. */
function authorizePage(exchange: Exchange, query: URLSearchParams): Answer {
  const { world } = exchange;
  const redirectUri = query.get("redirect_uri");
  const fault = authorizeFault(exchange, query);
  if (fault !== undefined) {
    noteMisuse(exchange, fault);
    return page(400, `<h1>400</h1><p>${fault}</p>`);
  }
  const target = redirectUri !== null && isLocal(redirectUri) ? redirectUri : undefined;
  const state = query.get("state");
  if (world.settings.consent === "deny") {
    const denied = { error: "access_denied", error_description: "Access denied" };
    return target === undefined ? page(200, "<p>Access denied</p>") : redirect(target, denied, state);
  }
  const code = world.tokens.newCode({
    uid: world.tokens.signedInUid,
    scopes: scopesOf(exchange, query),
    challenge: challengeOf(query),
  });
  if (target !== undefined) return redirect(target, { code }, state);
  return page(200, `<p>Confirmation code</p><span id="code">${code}</span>`);
}

function authorizeFault({ world }: Exchange, query: URLSearchParams): string | undefined {
  const redirectUri = query.get("redirect_uri");
  if (query.get("client_id") !== world.app.id) return "unauthorized_client";
  if (query.get("response_type") !== "code") return "response_type is not code";
  if (redirectUri !== null && !isLocal(redirectUri) && !world.settings.redirectUris.includes(redirectUri)) {
    return "redirect_uri does not match the Callback URL of the app";
  }
  const scopes = query.get("scope")?.split(" ") ?? [];
  if (scopes.some((scope) => !world.settings.appScopes.includes(scope))) return "invalid_scope";
  const method = query.get("code_challenge_method") ?? "plain";
  if (query.has("code_challenge") && method !== "S256" && method !== "plain") return "unknown code_challenge_method";
  const device = query.get("device_id");
  return device !== null && !/^[\x20-\x7e]{6,50}$/.test(device) ? "device_id has a wrong form" : undefined;
}

function tokenEndpoint(exchange: Exchange, form: URLSearchParams): Answer {
  const grantType = form.get("grant_type");
  const hasChallenge = grantType === "authorization_code" && form.has("code_verifier");
  const fault = clientFault(exchange, form, hasChallenge);
  if (fault !== undefined) return fault;
  if (grantType === "authorization_code") return redeemCode(exchange, form);
  if (grantType === "refresh_token") return refresh(exchange, form);
  if (grantType === "device_code") return redeemDevice(exchange, form);
  return refuse(exchange, "unsupported_grant_type", `grant_type ${grantType ?? "is missing"}`, true);
}

function redeemCode(exchange: Exchange, form: URLSearchParams): Answer {
  const { tokens } = exchange.world;
  const code = tokens.code(form.get("code") ?? "");
  if (code === undefined) return refuse(exchange, "invalid_grant", "Code has expired");
  if (!isVerifierRight(code, form.get("code_verifier"))) {
    return refuse(exchange, "invalid_grant", "code_verifier does not match", true);
  }
  code.isUsed = true;
  return tokenAnswer(exchange, tokens.issue({ uid: code.uid, scopes: code.scopes }));
}

function isVerifierRight({ challenge }: AuthorizationCode, verifier: string | null): boolean {
  if (challenge === undefined || verifier === null) return challenge === undefined && verifier === null;
  return isVerified(challenge, verifier);
}

function refresh(exchange: Exchange, form: URLSearchParams): Answer {
  const { tokens } = exchange.world;
  const grant = tokens.redeemRefresh(form.get("refresh_token") ?? "");
  if (grant === undefined) return refuse(exchange, "invalid_grant", "expired_token");
  return tokenAnswer(exchange, tokens.issueFor(grant));
}

function redeemDevice(exchange: Exchange, form: URLSearchParams): Answer {
  const { clock, settings, tokens } = exchange.world;
  const device = tokens.device(form.get("code") ?? "");
  if (device === undefined || device.state === "used" || device.expiresMs <= clock.nowMs()) {
    return refuse(exchange, "invalid_grant", "Code has expired");
  }
  const sinceMs = clock.nowMs() - device.polledMs;
  device.polledMs = clock.nowMs();
  // A little less, because timers are not exact.
  if (sinceMs < settings.deviceIntervalSeconds * 900) noteMisuse(exchange, "the device code is polled too often");
  if (device.state === "waiting") {
    return refuse(exchange, "authorization_pending", "User has not yet authorized your application");
  }
  if (device.state === "denied") return refuse(exchange, "access_denied", "Access denied");
  device.state = "used";
  return tokenAnswer(exchange, tokens.issue({ scopes: device.scopes }));
}

function deviceEndpoint(exchange: Exchange, form: URLSearchParams): Answer {
  const { app, chance, settings, tokens } = exchange.world;
  if (form.get("client_id") !== app.id) return refuse(exchange, "invalid_client", "Client not found", true);
  const scopes = scopesOf(exchange, form);
  if (scopes.some((scope) => !settings.appScopes.includes(scope))) {
    return refuse(exchange, "invalid_scope", "scope was not registered for the app", true);
  }
  const { deviceCode, userCode } = tokens.newDevice(scopes);
  const value = {
    device_code: deviceCode,
    user_code: userCode,
    verification_url: "https://ya.ru/device",
    interval: settings.deviceIntervalSeconds,
    expires_in: settings.deviceCodeSeconds,
  };
  return jsonAnswer(200, value, chance);
}

function revokeEndpoint(exchange: Exchange, form: URLSearchParams): Answer {
  const { chance, tokens } = exchange.world;
  const fault = clientFault(exchange, form, false);
  if (fault !== undefined) return fault;
  const known = tokens.access(form.get("access_token") ?? "");
  if (known === undefined) return refuse(exchange, "invalid_grant", "Token not found");
  known.grant.isRevoked = true;
  return jsonAnswer(200, { status: "ok" }, chance);
}

/** The client's name and secret stand in the form or in a Basic header. */
function clientFault(exchange: Exchange, form: URLSearchParams, hasChallenge: boolean): Answer | undefined {
  const { app, settings } = exchange.world;
  const basic = /^Basic (.+)$/i.exec(header(exchange, "authorization") ?? "")?.[1];
  const [basicId, basicSecret] = basic === undefined ? [] : Buffer.from(basic, "base64").toString().split(":");
  const id = form.get("client_id") ?? basicId;
  const secret = form.get("client_secret") ?? basicSecret;
  if (id !== app.id) return refuse(exchange, "invalid_client", "Client not found", true);
  if (secret === undefined || secret === "") {
    if (hasChallenge && settings.pkceWithoutSecret) return undefined;
    return refuse(exchange, "invalid_client", "Basic auth required", true);
  }
  return secret === app.secret ? undefined : refuse(exchange, "invalid_client", "Wrong client secret");
}

function tokenAnswer({ world }: Exchange, tokens: IssuedTokens): Answer {
  world.tokenAnswers += 1;
  const value = {
    access_token: tokens.accessToken,
    expires_in: tokens.expiresInSeconds,
    refresh_token: tokens.refreshToken,
    token_type: "bearer",
  };
  return jsonAnswer(200, value, world.chance);
}

function scopesOf({ world }: Exchange, params: URLSearchParams): readonly string[] {
  return params.get("scope")?.split(" ") ?? world.settings.appScopes;
}

function challengeOf(query: URLSearchParams): AuthorizationCode["challenge"] {
  const value = query.get("code_challenge");
  if (value === null) return undefined;
  return { method: query.get("code_challenge_method") === "S256" ? "S256" : "plain", value };
}

function isLocal(uri: string): boolean {
  return /^http:\/\/(localhost|127\.0\.0\.1)(:\d+)?(\/|$)/.test(uri);
}

function refuse(exchange: Exchange, error: string, description: string, isMisuse = false): Answer {
  if (isMisuse) noteMisuse(exchange, `${error}: ${description}`);
  return jsonAnswer(400, { error, error_description: description }, exchange.world.chance);
}

function redirect(uri: string, params: Readonly<Record<string, string>>, state: string | null): Answer {
  const target = new URL(uri);
  for (const [name, value] of Object.entries(params)) target.searchParams.set(name, value);
  if (state !== null) target.searchParams.set("state", state);
  return { status: 302, headers: { Location: target.href }, body: "" };
}

function page(status: number, body: string): Answer {
  return textAnswer(status, `<!DOCTYPE html><body>${body}`, "text/html; charset=utf-8");
}
