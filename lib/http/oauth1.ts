import { randomBytes } from "node:crypto";
import { ProviderError } from "../model/errors.js";
import { encodeStrictly, signatureOf } from "./oauth1-signature.js";
import type { HttpRequest, RequestSigner } from "./types.js";

/** Who asks, and on whose behalf. */
export interface OAuth1Keys {
  readonly consumerKey: string;
  readonly consumerSecret: string;
  /** Undefined for the very first request of a sign-in. */
  readonly token: { readonly id: string; readonly secret: string } | undefined;
}

export interface SignerTools {
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Resolves when one more request may go out. Waiting comes before the time is read, which must be fresh. */
  readonly admit?: (signal: AbortSignal) => Promise<void>;
}

/**
 * Signs every attempt at a request with OAuth 1.0a (HMAC-SHA1), in a header. Each has a nonce and a time of its own: a service takes
 * neither twice.
 */
export function createOAuth1Signer(keys: OAuth1Keys, { now, admit }: SignerTools): RequestSigner {
  return async (request, signal) => {
    assertPrintable(keys, request);
    await admit?.(signal);
    const own = {
      oauth_consumer_key: keys.consumerKey,
      oauth_nonce: randomBytes(16).toString("hex"),
      oauth_signature_method: "HMAC-SHA1",
      oauth_timestamp: String(Math.floor(now() / 1000)),
      ...(keys.token === undefined ? {} : { oauth_token: keys.token.id }),
      oauth_version: "1.0",
    };
    // A `URL` has scheme and host in lower case and no default port, which is how they are signed.
    const { origin, pathname, searchParams } = new URL(request.url);
    const parameters = [...Object.entries(own), ...searchParams, ...coveredBy(request)];
    const oauth_signature = signatureOf(
      { method: request.method, address: origin + pathname, parameters },
      { consumerSecret: keys.consumerSecret, tokenSecret: keys.token?.secret ?? "" },
    );
    const pairs = Object.entries({ ...own, oauth_signature });
    return { authorization: `OAuth ${pairs.map(([name, value]) => `${name}="${encodeStrictly(value)}"`).join(", ")}` };
  };
}

function coveredBy({ body, signedFields }: HttpRequest): readonly (readonly [string, string])[] {
  const form = body?.kind === "form" ? body.fields : {};
  return [...Object.entries(form), ...Object.entries(signedFields ?? {})];
}

/** A key copied with a line break or a quote would make every signature wrong, with nothing to tell why. */
function assertPrintable({ consumerKey, consumerSecret, token }: OAuth1Keys, { operation }: HttpRequest): void {
  const all = [consumerKey, consumerSecret, ...(token === undefined ? [] : [token.id, token.secret])];
  if (all.every((text) => /^[\x21-\x7e]+$/.test(text))) return;
  throw new ProviderError(
    "unauthorized",
    `${operation}: a key, token or secret has characters that none has; copy it again, in one line`,
  );
}
