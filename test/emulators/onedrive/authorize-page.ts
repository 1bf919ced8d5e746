import type { Answer } from "../shared/answer.js";
import { emptyAnswer, textAnswer } from "./answer.js";
import { assertAudience } from "./audience.js";
import type { Exchange } from "./exchange.js";
import { SignInRefusal } from "./failures.js";
import { grantedScopes } from "./scopes.js";

/** `GET …/authorize`: the person agrees at once, or refuses. What is wrong with the request is shown as a page. */
export function authorizePage(exchange: Exchange, query: URLSearchParams): Answer {
  const { world, path } = exchange;
  const fault = requestFault(exchange, query);
  if (fault !== undefined) {
    world.misuse.push(`authorize: ${fault}`);
    return textAnswer(
      400,
      `<h1>Sign in</h1><p>Sorry, but we're having trouble signing you in. ${fault}</p>`,
      "text/html",
    );
  }
  assertAudience(exchange, path.split("/")[1] ?? "", world.tokens.signedInUserId);
  const redirectUri = query.get("redirect_uri") ?? "";
  const state = query.get("state") ?? undefined;
  if (world.settings.consent === "deny") {
    return redirect(redirectUri, {
      error: "access_denied",
      error_description: "the user canceled the authentication",
      state,
    });
  }
  const code = world.tokens.newCode({
    userId: world.tokens.signedInUserId,
    scopes: grantedScopes(exchange, query.get("scope") ?? ""),
    challenge: query.get("code_challenge") ?? undefined,
    redirectUri,
    nonce: query.get("nonce") ?? undefined,
  });
  return redirect(redirectUri, { code, state, session_state: "b9e1f3b0-0000-4000-8000-000000000003" });
}

/** `GET …/adminconsent`: the administrator agrees at once, or refuses. */
export function consentPage({ world }: Exchange, tenant: string, query: URLSearchParams): Answer {
  const redirectUri = query.get("redirect_uri") ?? "";
  const state = query.get("state") ?? undefined;
  if (world.settings.consent === "deny") {
    return redirect(redirectUri, { error: "access_denied", error_description: "AADSTS65004: declined", state });
  }
  return redirect(redirectUri, { admin_consent: "True", tenant, state });
}

function requestFault({ world }: Exchange, query: URLSearchParams): string | undefined {
  if (query.get("client_id") !== world.app.clientId) return "AADSTS700016: the application was not found.";
  if (query.get("response_type") !== "code") return "AADSTS70011: response_type has to be code.";
  const redirectUri = query.get("redirect_uri");
  if (redirectUri === null || !isRegistered(world.settings.redirectUris, redirectUri)) {
    return "AADSTS50011: The redirect URI specified in the request does not match those of the application.";
  }
  const challenge = query.get("code_challenge");
  if (challenge === null) return world.settings.app === "public" ? "AADSTS9002325: PKCE is required." : undefined;
  if (query.get("code_challenge_method") !== "S256") return "code_challenge_method has to be S256.";
  return /^[A-Za-z0-9_-]{43}$/.test(challenge) ? undefined : "the code_challenge is malformed.";
}

/** The port of a loopback address is left out of account, its path is not. */
function isRegistered(registered: readonly string[], wanted: string): boolean {
  if (wanted.length > 256 || !URL.canParse(wanted)) return false;
  const { hostname, pathname, protocol, search } = new URL(wanted);
  return registered.some((one) => {
    const known = new URL(one);
    const isLoopback = known.hostname === "localhost" || known.hostname === "127.0.0.1";
    const isSamePort = isLoopback || known.port === new URL(wanted).port;
    return (
      known.protocol === protocol &&
      known.hostname === hostname &&
      known.pathname === pathname &&
      isSamePort &&
      search === ""
    );
  });
}

function redirect(redirectUri: string, parameters: Readonly<Record<string, string | undefined>>): Answer {
  if (!URL.canParse(redirectUri))
    throw new SignInRefusal(400, "invalid_request", { aadsts: 50011, message: "no redirect_uri" });
  // A URI without a path comes back with a slash at its end.
  const url = new URL(redirectUri);
  for (const [name, value] of Object.entries(parameters)) if (value !== undefined) url.searchParams.set(name, value);
  return emptyAnswer(302, { Location: url.toString() });
}
