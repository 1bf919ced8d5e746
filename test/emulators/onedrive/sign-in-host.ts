import type { Answer } from "../shared/answer.js";
import { collectAll } from "../shared/bytes.js";
import { CONSUMERS_TENANT } from "./accounts.js";
import { answerInstead } from "./answer-instead.js";
import { textAnswer } from "./answer.js";
import { authorizePage, consentPage } from "./authorize-page.js";
import type { Exchange } from "./exchange.js";
import { SignInRefusal } from "./failures.js";
import { jsonPage } from "./json-page.js";
import { deviceEndpoint, tokenEndpoint } from "./token-endpoint.js";

const ROUTES: readonly (readonly [RegExp, string])[] = [
  [/^\/[^/]+\/oauth2\/v2\.0\/token$/, "token"],
  [/^\/[^/]+\/oauth2\/v2\.0\/devicecode$/, "devicecode"],
  [/^\/[^/]+\/oauth2\/v2\.0\/authorize$/, "authorize"],
  [/^\/[^/]+\/oauth2\/v2\.0\/logout$/, "logout"],
  [/^\/[^/]+\/(?:v2\.0\/)?adminconsent$/, "adminconsent"],
  [/^\/[^/]+\/v2\.0\/\.well-known\/openid-configuration$/, "openid-configuration"],
  [/^\/common\/discovery\/instance$/, "instance-discovery"],
  [/^\/common\/oauth2\/nativeclient$/, "nativeclient"],
];

/** What the log and faults call a request to the sign-in host. */
export function signInRoute(path: string): string {
  return ROUTES.find(([pattern]) => pattern.test(path))?.[1] ?? path;
}

/** The host where people and applications sign in. */
export async function answerSignIn(exchange: Exchange): Promise<Answer> {
  const { logged, query, path, world } = exchange;
  const instead = answerInstead(exchange);
  if (instead !== undefined) return instead;
  const tenant = path.split("/")[1] ?? "";
  if (logged.route !== "instance-discovery" && logged.route !== "nativeclient") assertTenant(exchange, tenant);
  switch (logged.route) {
    case "token":
      return await tokenEndpoint(exchange, tenant, await formOf(exchange));
    case "devicecode":
      return deviceEndpoint(exchange, tenant, await formOf(exchange));
    case "authorize":
      return authorizePage(exchange, query);
    case "adminconsent":
      return consentPage(exchange, tenant, query);
    case "openid-configuration":
      return openIdConfiguration(exchange, tenant);
    case "instance-discovery":
      return instanceDiscovery(exchange);
    case "logout":
    case "nativeclient":
      return textAnswer(200, "<p>You may close this page.</p>", "text/html");
    default:
      world.misuse.push(`${path} does not exist on the sign-in host`);
      return textAnswer(404, "Not found");
  }
}

/** Endpoints by the name under which the client came. */
function signInUrl({ world, headers }: Exchange): string {
  const name = headers["x-forwarded-host"] ?? headers["host"] ?? "";
  return /^(?:127\.|localhost)/.test(name) ? world.urls.login : `https://${name}`;
}

function assertTenant({ world }: Exchange, tenant: string): void {
  const { tenantId, tenantDomain } = world.accounts;
  if (["common", "organizations", "consumers", CONSUMERS_TENANT, tenantId, tenantDomain].includes(tenant)) return;
  throw new SignInRefusal(400, "invalid_request", { aadsts: 90002, message: `Tenant '${tenant}' not found.` });
}

async function formOf({ body, headers, method, logged, world }: Exchange): Promise<URLSearchParams> {
  if (method !== "POST") throw malformed("the endpoint accepts POST only");
  if (!(headers["content-type"] ?? "").startsWith("application/x-www-form-urlencoded")) {
    throw malformed(`AADSTS900144-like: the body is ${headers["content-type"] ?? "of no type"}`);
  }
  const form = new URLSearchParams(body === undefined ? "" : (await collectAll(body)).toString());
  if (new Set(form.keys()).size !== [...form.keys()].length) world.misuse.push(`${logged.route}: a parameter twice`);
  return form;
}

function malformed(message: string): SignInRefusal {
  return new SignInRefusal(400, "invalid_request", { aadsts: 900144, message, misuse: true });
}

function openIdConfiguration(exchange: Exchange, tenant: string): Answer {
  const base = signInUrl(exchange);
  const { tenantId } = exchange.world.accounts;
  const named: Readonly<Record<string, string>> = {
    common: "{tenantid}",
    organizations: "{tenantid}",
    consumers: CONSUMERS_TENANT,
  };
  const issuer = `${base}/${named[tenant] ?? tenantId}/v2.0`;
  return jsonPage(200, {
    issuer,
    authorization_endpoint: `${base}/${tenant}/oauth2/v2.0/authorize`,
    token_endpoint: `${base}/${tenant}/oauth2/v2.0/token`,
    device_authorization_endpoint: `${base}/${tenant}/oauth2/v2.0/devicecode`,
    end_session_endpoint: `${base}/${tenant}/oauth2/v2.0/logout`,
    jwks_uri: `${base}/${tenant}/discovery/v2.0/keys`,
    response_types_supported: ["code", "id_token"],
    subject_types_supported: ["pairwise"],
    id_token_signing_alg_values_supported: ["RS256"],
  });
}

function instanceDiscovery(exchange: Exchange): Answer {
  const base = signInUrl(exchange);
  const { host } = new URL(base);
  return jsonPage(200, {
    tenant_discovery_endpoint: `${base}/common/v2.0/.well-known/openid-configuration`,
    "api-version": "1.1",
    metadata: [{ preferred_network: host, preferred_cache: host, aliases: [host] }],
  });
}
