import { ProviderError } from "../model/errors.js";
import { safeUrl } from "./oauth.js";
import type { HttpAnswer, HttpClient } from "./types.js";

/** Where a person signs in with OAuth 1.0a. */
export interface OAuth1Server {
  /** As in `trisync login PROVIDER`. */
  readonly provider: string;
  readonly requestTokenUrl: string;
  readonly authorizeUrl: string;
  readonly accessTokenUrl: string;
}

/** A token with its secret: a passing one during a sign-in, or the one that comes of it. */
export interface OAuth1Token {
  readonly id: string;
  readonly secret: string;
}

/** What a service shows instead of leading the browser back: a code to copy. */
export const OUT_OF_BAND = "oob";

/** Asks for the token that the sign-in of one person goes by. `http` signs without a token. Rejects with "unauthorized". */
export async function requestSignIn(
  server: OAuth1Server,
  http: HttpClient,
  callback: string,
  signal: AbortSignal,
): Promise<OAuth1Token> {
  const url = withQuery(server.requestTokenUrl, { oauth_callback: callback });
  return tokenIn(await ask(server, http, url, signal), server);
}

/** The address for the user's browser. */
export function signInUrl(
  server: OAuth1Server,
  token: OAuth1Token,
  parameters: Readonly<Record<string, string>>,
): string {
  return withQuery(server.authorizeUrl, { oauth_token: token.id, ...parameters });
}

/** Exchanges the verifier for a lasting token. `http` signs with the passing token. Rejects with "unauthorized". */
export async function finishSignIn(
  server: OAuth1Server,
  http: HttpClient,
  verifier: string,
  signal: AbortSignal,
): Promise<OAuth1Token> {
  const url = withQuery(server.accessTokenUrl, { oauth_verifier: verifier });
  return tokenIn(await ask(server, http, url, signal), server);
}

/** The service's word for why it refuses a signature or a token; undefined where it gives none that is safe to show. */
export function problemIn(answer: HttpAnswer): string | undefined {
  const word = new URLSearchParams(answer.text).get("oauth_problem") ?? "";
  return /^[a-z_]{1,40}$/.test(word) ? word : undefined;
}

const REFUSALS = [400, 401, 403];

/** Not repeated where it may have been carried out: the passing token and the verifier work only once. */
async function ask(server: OAuth1Server, http: HttpClient, url: string, signal: AbortSignal): Promise<HttpAnswer> {
  const answer = await http.send(
    { operation: "sign-in", subject: undefined, method: "POST", url, repeatable: false, accept: REFUSALS },
    signal,
  );
  if (answer.status < 300) return answer;
  const word = problemIn(answer) ?? `status ${answer.status}`;
  const advice = ADVICE[word] ?? "check the key and the secret of the application, and the clock of this machine";
  throw new ProviderError(
    "unauthorized",
    `sign-in: ${server.provider} answered ${word}; ${advice}, then run \`trisync login ${server.provider}\` again`,
  );
}

const ADVICE: Readonly<Record<string, string>> = {
  verifier_invalid: "copy the code as it is shown",
  token_rejected: "the sign-in took too long or was used already",
  timestamp_refused: "set the clock of this machine right",
  consumer_key_unknown: "check the key of the application",
};

function tokenIn(answer: HttpAnswer, { provider }: OAuth1Server): OAuth1Token {
  const fields = new URLSearchParams(answer.text.trim());
  const [id, secret] = [fields.get("oauth_token"), fields.get("oauth_token_secret")];
  if (id === null || secret === null || id === "" || secret === "") {
    throw new ProviderError("malformed", `sign-in: ${provider} did not answer as documented; run again later`);
  }
  return { id, secret };
}

function withQuery(address: string, parameters: Readonly<Record<string, string>>): string {
  const url = safeUrl(address);
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
  return url.href;
}
