import { ProviderError } from "../model/errors.js";

/** What an OAuth server says when it refuses. */
export interface OAuthErrorBody {
  /** One of the standard's words, "invalid_grant". */
  readonly error: string;
  readonly description: string | undefined;
}

/** The refusal in words, with the command that mends it. */
export function oauthError(provider: string, operation: string, body: OAuthErrorBody): ProviderError {
  const word = WORD.test(body.error) ? body.error : "an unknown error";
  if (TEMPORARY.has(body.error)) {
    return new ProviderError("unavailable", `${operation}: ${provider} answered ${word}; run again later`);
  }
  const { meaning, first } = MEANINGS[body.error] ?? { meaning: "the sign-in is not accepted" };
  const mend = `${first === undefined ? "" : `${first}, then `}run \`trisync login ${provider}\``;
  const cause = Object.assign(new Error(word), { code: word });
  return new ProviderError("unauthorized", `${operation}: ${provider} answered ${word}: ${meaning}; ${mend}`, {
    cause,
  });
}

const WORD = /^[a-z][a-z0-9_.-]{0,40}$/i;

const TEMPORARY: ReadonlySet<string> = new Set(["temporarily_unavailable", "server_error"]);

const MEANINGS: Readonly<Record<string, { readonly meaning: string; readonly first?: string }>> = {
  invalid_grant: { meaning: "the sign-in has expired, was revoked or was used already" },
  invalid_client: { meaning: "the application's id or secret is not accepted", first: "check both" },
  unauthorized_client: { meaning: "the application may not sign in like this", first: "check its settings there" },
  invalid_scope: { meaning: "the application lacks a permission", first: "check its settings there" },
  invalid_request: { meaning: "the request is not accepted", first: "check the application's id and addresses" },
  access_denied: { meaning: "the sign-in was declined" },
  authorization_declined: { meaning: "the sign-in was declined" },
  expired_token: { meaning: "the code was not entered in time" },
};
