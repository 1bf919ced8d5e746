import type { Answer } from "../shared/answer.js";
import { noteMisuse } from "../shared/note-misuse.js";
import { formAnswer, htmlAnswer, redirectAnswer } from "./answer.js";
import type { Exchange } from "./exchange.js";
import { OAuthProblem } from "./failures.js";
import { checkSignature } from "./oauth-check.js";
import { isPerms, type RequestToken } from "./tokens.js";

/** `GET` or `POST /services/oauth/request_token`: the first leg, signed with the key's secret alone. */
export function requestTokenEndpoint(exchange: Exchange): Answer {
  const { fields, world } = exchange;
  checkKey(exchange);
  const callback = fields.get("oauth_callback");
  if (callback === undefined) {
    throw new OAuthProblem("parameter_absent", { oauth_parameters_absent: "oauth_callback" });
  }
  checkSignature(exchange, "");
  if (callback !== "oob" && !URL.canParse(callback))
    noteMisuse(exchange, "oauth_callback is neither oob nor an address");
  const { token, secret } = world.tokens.request(callback);
  return formAnswer(200, { oauth_callback_confirmed: "true", oauth_token: token, oauth_token_secret: secret });
}

/** `GET /services/oauth/authorize` in the person's browser, who agrees at once or refuses. */
export function authorizePage(exchange: Exchange): Answer {
  const { fields, world } = exchange;
  const requested = world.tokens.requested(fields.get("oauth_token") ?? "");
  if (requested === undefined) {
    noteMisuse(exchange, "a request token that is unknown, used or too old");
    return htmlAnswer(400, "Oops! Flickr doesn't recognise the oauth_token this application is trying to use.");
  }
  const perms = fields.get("perms");
  if (!isPerms(perms)) {
    noteMisuse(exchange, `perms ${JSON.stringify(perms ?? "")} is none of read, write and delete`);
    return htmlAnswer(400, "Oops! That permission does not exist.");
  }
  if (world.settings.consent === "deny") return denied(requested);
  const isTyped = requested.callback === "oob";
  const verifier = isTyped ? world.ids.code() : world.ids.hex(16);
  requested.approval = { nsid: world.tokens.signedInNsid, perms, verifier };
  if (isTyped) return htmlAnswer(200, `You have authorised the application. Type this code: <b>${verifier}</b>`);
  return redirectAnswer(withQuery(requested.callback, { oauth_token: requested.token, oauth_verifier: verifier }));
}

/** `GET` or `POST /services/oauth/access_token`: the third leg, signed with the request token's secret too. */
export function accessTokenEndpoint(exchange: Exchange): Answer {
  const { fields, world } = exchange;
  checkKey(exchange);
  const requested = world.tokens.requested(fields.get("oauth_token") ?? "");
  if (requested === undefined) throw new OAuthProblem("token_rejected", {}, false);
  checkSignature(exchange, requested.secret);
  const { approval } = requested;
  if (approval === undefined) throw new OAuthProblem("permission_denied", {}, false);
  if (!isVerifier(exchange, approval.verifier)) throw new OAuthProblem("verifier_invalid", {}, false);
  const account = world.accounts.get(approval.nsid);
  const issued = world.tokens.redeem(requested, approval);
  world.tokenAnswers += 1;
  return formAnswer(200, {
    fullname: account?.fullname ?? "",
    oauth_token: issued.token,
    oauth_token_secret: issued.secret,
    user_nsid: issued.nsid,
    username: account?.username ?? "",
  });
}

function checkKey({ fields, world }: Exchange): void {
  const key = fields.get("oauth_consumer_key");
  if (key !== undefined && key !== world.app.key) throw new OAuthProblem("consumer_key_unknown", {}, false);
}

function isVerifier({ fields, world }: Exchange, verifier: string): boolean {
  const given = fields.get("oauth_verifier") ?? "";
  const areDashesNeeded = world.settings.codeDashes === "required";
  return given === verifier || (!areDashesNeeded && given === verifier.replaceAll("-", ""));
}

/** The person said no: nothing to redeem comes along. */
function denied({ callback, token }: RequestToken): Answer {
  if (callback === "oob") return htmlAnswer(200, "You have not authorised the application.");
  return redirectAnswer(withQuery(callback, { oauth_token: token }));
}

function withQuery(address: string, values: Readonly<Record<string, string>>): string {
  const url = new URL(address);
  for (const [name, value] of Object.entries(values)) url.searchParams.set(name, value);
  return url.href;
}
