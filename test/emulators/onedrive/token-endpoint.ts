import type { Answer } from "../shared/answer.js";
import { isVerified } from "../shared/is-verified.js";
import { assertAudience } from "./audience.js";
import { type Proof, proveClient } from "./client-credentials.js";
import type { Exchange } from "./exchange.js";
import { SignInRefusal } from "./failures.js";
import { jsonPage } from "./json-page.js";
import { grantedScopes } from "./scopes.js";
import type { DeviceCode, Grant } from "./tokens.js";

/** The standard's name and the one that Microsoft's own library sends. */
const DEVICE_GRANTS = ["urn:ietf:params:oauth:grant-type:device_code", "device_code"];

/** `POST …/token`. */
export async function tokenEndpoint(exchange: Exchange, tenant: string, form: URLSearchParams): Promise<Answer> {
  const proof = proveClient(exchange, tenant, form);
  const grantType = form.get("grant_type") ?? "";
  if (grantType === "client_credentials") return clientCredentials(exchange, tenant, form, proof);
  if (grantType !== "authorization_code" && grantType !== "refresh_token" && !DEVICE_GRANTS.includes(grantType)) {
    throw new SignInRefusal(400, "unsupported_grant_type", {
      aadsts: 70003,
      message: `grant_type ${grantType}`,
      misuse: true,
    });
  }
  assertClientKind(exchange, proof);
  if (grantType === "authorization_code") return redeem(exchange, form);
  return grantType === "refresh_token" ? refresh(exchange, tenant, form) : poll(exchange, form);
}

/** `POST …/devicecode`. */
export function deviceEndpoint(exchange: Exchange, tenant: string, form: URLSearchParams): Answer {
  proveClient(exchange, tenant, form);
  const { world } = exchange;
  assertAudience(exchange, tenant, world.tokens.signedInUserId);
  const { deviceCode, device } = world.tokens.newDevice(grantedScopes(exchange, form.get("scope") ?? ""));
  const place = "https://microsoft.com/devicelogin";
  return jsonPage(200, {
    user_code: device.userCode,
    device_code: deviceCode,
    verification_uri: place,
    expires_in: 900,
    interval: world.settings.deviceIntervalSeconds,
    message: `To sign in, use a web browser to open the page ${place} and enter the code ${device.userCode} to authenticate.`,
  });
}

/** The application itself: one resource, a true tenant, no refresh token. */
function clientCredentials(exchange: Exchange, tenant: string, form: URLSearchParams, proof: Proof): Answer {
  const { world } = exchange;
  if (["common", "consumers", "organizations"].includes(tenant)) {
    const message = `The grant type 'client_credentials' is not supported over /${tenant}.`;
    throw new SignInRefusal(400, "invalid_request", { aadsts: 9001023, message });
  }
  if (proof === "none") throw secretMissing();
  const scope = form.get("scope") ?? "";
  if (!/^https:\/\/[^/ ]+\/\.default$/.test(scope)) {
    throw new SignInRefusal(400, "invalid_scope", {
      aadsts: 1002012,
      message: `scope ${scope} is not valid.`,
      misuse: true,
    });
  }
  world.tokenAnswers += 1;
  const { accessToken, expiresInSeconds } = world.tokens.issueForApp();
  return jsonPage(200, {
    token_type: "Bearer",
    expires_in: expiresInSeconds,
    ext_expires_in: expiresInSeconds,
    access_token: accessToken,
  });
}

function assertClientKind({ world }: Exchange, proof: Proof): void {
  if (world.settings.app === "confidential" && proof === "none") throw secretMissing();
  if (world.settings.app === "public" && proof !== "none") {
    const message = "Client is public so neither 'client_assertion' nor 'client_secret' should be presented.";
    throw new SignInRefusal(401, "invalid_client", { aadsts: 700025, message, misuse: true });
  }
}

function secretMissing(): SignInRefusal {
  const message = "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.";
  return new SignInRefusal(401, "invalid_client", { aadsts: 7000218, message });
}

function redeem(exchange: Exchange, form: URLSearchParams): Answer {
  const { tokens } = exchange.world;
  const code = tokens.code(form.get("code") ?? "");
  if (code === undefined) throw badGrant(70000, "The provided value for the 'code' parameter is not valid.");
  if (code.isUsed) throw badGrant(54005, "OAuth2 Authorization code was already redeemed.");
  if (!tokens.isCurrent(code)) throw badGrant(70008, "The provided authorization code has expired.");
  if (form.get("redirect_uri") !== code.redirectUri) throw badGrant(50011, "The redirect URI does not match.");
  if (
    code.challenge !== undefined &&
    !isVerified({ method: "S256", value: code.challenge }, form.get("code_verifier") ?? "")
  ) {
    throw badGrant(
      501481,
      "The Code_Verifier does not match the code_challenge supplied in the authorization request.",
    );
  }
  code.isUsed = true;
  const { userId, scopes, nonce } = code;
  return answerWith(exchange, { userId, scopes, isRevoked: false }, { form, nonce });
}

function refresh(exchange: Exchange, tenant: string, form: URLSearchParams): Answer {
  const { tokens, settings } = exchange.world;
  const token = tokens.refresh(form.get("refresh_token") ?? "");
  if (token === undefined) throw badGrant(70000, "The provided value for the 'refresh_token' parameter is not valid.");
  if (token.grant.isRevoked)
    throw badGrant(50173, "The provided grant has expired due to it being revoked.", "bad_token");
  if (token.isRevoked) throw badGrant(700082, "The refresh token has expired due to inactivity.", "bad_token");
  assertAudience(exchange, tenant, token.grant.userId);
  const wanted = form.get("scope");
  const scopes = wanted === null ? token.grant.scopes : grantedScopes(exchange, wanted);
  if (scopes.some((scope) => !isGranted(scope, token.grant))) {
    throw badGrant(65001, "The user or administrator has not consented to use the application.", "consent_required");
  }
  token.timesUsed += 1;
  if (settings.refreshTokens === "rotate-and-revoke") token.isRevoked = true;
  return answerWith(exchange, token.grant, { form, scopes, keepsRefreshToken: settings.refreshTokens === "same" });
}

function isGranted(scope: string, grant: Grant): boolean {
  return grant.scopes.includes(scope) || ["openid", "profile", "email", "offline_access"].includes(scope);
}

function poll(exchange: Exchange, form: URLSearchParams): Answer {
  const { world } = exchange;
  const device = world.tokens.device(form.get("device_code") ?? "");
  if (device === undefined)
    throw new SignInRefusal(400, "bad_verification_code", { message: "The device_code is unknown." });
  if (!world.tokens.isCurrent(device))
    throw new SignInRefusal(400, "expired_token", { aadsts: 70020, message: "The code has expired." });
  if (world.settings.deviceFlow === "blocked") {
    throw new SignInRefusal(400, "interaction_required", {
      aadsts: 53003,
      message: "Access has been blocked by Conditional Access policies.",
    });
  }
  assertPatience(exchange, device);
  device.polls += 1;
  const { devicePolls, consent } = world.settings;
  if (device.state === "pending" && devicePolls !== "never" && device.polls > devicePolls) {
    device.state = consent === "approve" ? "approved" : "declined";
  }
  if (device.state === "pending") {
    throw new SignInRefusal(400, "authorization_pending", {
      aadsts: 70016,
      message: "OAuth 2.0 device flow error. Authorization is pending.",
    });
  }
  if (device.state === "declined")
    throw new SignInRefusal(400, "authorization_declined", { message: "The person refused." });
  const { userId, scopes } = device;
  return answerWith(exchange, { userId, scopes, isRevoked: false }, { form });
}

function assertPatience({ world }: Exchange, device: DeviceCode): void {
  const nowMs = world.clock.nowMs();
  const sinceMs = nowMs - (device.lastPollMs ?? 0);
  device.lastPollMs = nowMs;
  if (sinceMs >= world.settings.deviceIntervalSeconds * 900) return;
  throw new SignInRefusal(400, "slow_down", { message: "Polled before the interval was over.", misuse: true });
}

interface Answering {
  readonly form: URLSearchParams;
  readonly scopes?: readonly string[] | undefined;
  readonly nonce?: string | undefined;
  readonly keepsRefreshToken?: boolean | undefined;
}

function answerWith(
  exchange: Exchange,
  grant: Grant,
  { form, scopes = grant.scopes, nonce, keepsRefreshToken }: Answering,
): Answer {
  const { world } = exchange;
  world.tokenAnswers += 1;
  const isOffline = grant.scopes.includes("offline_access");
  const { accessToken, expiresInSeconds } = world.tokens.issueFor(grant, { scopes });
  return jsonPage(200, {
    token_type: "Bearer",
    scope: scopes.filter((scope) => scope !== "offline_access").join(" "),
    expires_in: expiresInSeconds,
    ext_expires_in: expiresInSeconds,
    access_token: accessToken,
    ...(isOffline && keepsRefreshToken !== true ? { refresh_token: world.tokens.newRefreshToken(grant) } : {}),
    ...(scopes.includes("openid") ? { id_token: idToken(exchange, grant.userId, nonce) } : {}),
    ...(form.get("client_info") === null ? {} : { client_info: clientInfo(exchange, grant.userId) }),
  });
}

/** Signed by nobody: clients of the token endpoint need not check it, and none here does. */
function idToken({ world }: Exchange, userId: string, nonce: string | undefined): string {
  const account = world.accounts.byUserId(userId);
  const nowSeconds = Math.floor(world.clock.nowMs() / 1000);
  const claims = {
    iss: `https://login.microsoftonline.com/${account?.tenantId ?? ""}/v2.0`,
    aud: world.app.clientId,
    sub: userId,
    oid: userId,
    tid: account?.tenantId,
    preferred_username: account?.userPrincipalName,
    name: account?.displayName,
    iat: nowSeconds,
    nbf: nowSeconds,
    exp: nowSeconds + 3600,
    ver: "2.0",
    nonce,
  };
  const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString("base64url");
  return `${part({ typ: "JWT", alg: "RS256" })}.${part(claims)}.c2lnbmF0dXJl`;
}

function clientInfo({ world }: Exchange, userId: string): string {
  const utid = world.accounts.byUserId(userId)?.tenantId ?? "";
  return Buffer.from(JSON.stringify({ uid: userId, utid })).toString("base64url");
}

function badGrant(aadsts: number, message: string, suberror?: string): SignInRefusal {
  return new SignInRefusal(400, "invalid_grant", { aadsts, message, suberror });
}
