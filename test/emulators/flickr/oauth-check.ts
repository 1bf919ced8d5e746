import { timingSafeEqual } from "node:crypto";
import { header } from "../shared/header.js";
import { noteMisuse } from "../shared/note-misuse.js";
import type { Account } from "./accounts.js";
import { type Exchange, requestedUrl } from "./exchange.js";
import { commonFailure, OAuthProblem } from "./failures.js";
import { baseString, hmacSha1 } from "./signature.js";
import type { Perms } from "./tokens.js";

/** Who calls the API: nobody in particular with the key alone, a person with a signature and a token. */
export interface Caller {
  readonly account: Account | undefined;
  readonly perms: Perms | "none";
}

/** Checks key, signature and token of a call; throws what the service would answer. */
export function checkCaller(exchange: Exchange): Caller {
  const { fields, world } = exchange;
  const key = fields.get("oauth_consumer_key") ?? fields.get("api_key");
  if (key !== world.app.key) throw commonFailure(100);
  if (fields.get("oauth_consumer_key") === undefined) return { account: undefined, perms: "none" };
  if (fields.get("oauth_signature") === undefined) throw commonFailure(97, true);
  const given = fields.get("oauth_token");
  const token = given === undefined ? undefined : world.tokens.access(given);
  if (given !== undefined && token === undefined) throw tokenFailure(exchange);
  checkSignature(exchange, token?.secret ?? "");
  const account = token === undefined ? undefined : world.accounts.get(token.nsid);
  return { account, perms: token?.perms ?? "none" };
}

/** Checks a signature made with the key's secret and that of a token. */
export function checkSignature(exchange: Exchange, tokenSecret: string): void {
  noteOddities(exchange);
  checkPresence(exchange);
  const { fields, world } = exchange;
  const url = requestedUrl(exchange);
  const signed = fields.all.filter(([name]) => name !== "oauth_signature");
  const computed = baseString({ method: exchange.logged.method, url, fields: signed });
  const expected = hmacSha1(computed, world.app.secret, tokenSecret);
  if (!isEqual(expected, fields.get("oauth_signature") ?? "")) {
    if (world.settings.signatureFailures === "rest") throw commonFailure(96, true);
    throw new OAuthProblem("signature_invalid", { debug_sbs: computed });
  }
  checkFreshness(exchange);
}

const REQUIRED = ["oauth_consumer_key", "oauth_signature_method", "oauth_timestamp", "oauth_nonce", "oauth_signature"];

function checkPresence({ fields }: Exchange): void {
  const absent = REQUIRED.filter((name) => fields.get(name) === undefined);
  if (absent.length > 0) throw new OAuthProblem("parameter_absent", { oauth_parameters_absent: absent.join("&") });
  if (fields.get("oauth_signature_method") !== "HMAC-SHA1") throw new OAuthProblem("signature_method_rejected");
  const version = fields.get("oauth_version");
  if (version !== undefined && version !== "1.0") throw new OAuthProblem("version_rejected");
}

function checkFreshness({ fields, world }: Exchange): void {
  const timestamp = fields.get("oauth_timestamp") ?? "";
  // By real time, so that a service set forward goes on understanding its clients.
  const offSeconds = Math.abs(Number(timestamp) - (Date.now() + world.settings.clockSkewMs) / 1000);
  if (!/^\d+$/.test(timestamp) || offSeconds > world.settings.timestampWindowSeconds) {
    throw new OAuthProblem("timestamp_refused", {}, false);
  }
  if (!world.tokens.takeNonce(fields.get("oauth_nonce") ?? "", timestamp, fields.get("oauth_token") ?? "")) {
    throw new OAuthProblem("nonce_used");
  }
}

/** What passes, but only by luck. */
function noteOddities(exchange: Exchange): void {
  const { fields } = exchange;
  const repeated = fields.repeated();
  if (repeated.length > 0) noteMisuse(exchange, `sent more than once: ${repeated.join(", ")}`);
  if (fields.get("oauth_version") === undefined) noteMisuse(exchange, "oauth_version is missing");
  const authorization = header(exchange, "authorization");
  if (authorization !== undefined && !/^OAuth /.test(authorization)) {
    noteMisuse(exchange, "an Authorization header that is not OAuth");
  }
}

function tokenFailure({ world }: Exchange): Error {
  if (world.settings.tokenFailures === "http") return new OAuthProblem("token_rejected", {}, false);
  return commonFailure(98);
}

function isEqual(expected: string, given: string): boolean {
  const [a, b] = [Buffer.from(expected), Buffer.from(given)];
  return a.length === b.length && timingSafeEqual(a, b);
}
