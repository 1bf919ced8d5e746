import { createHmac } from "node:crypto";

/** What a signature of OAuth 1.0a covers. */
export interface Signed {
  readonly method: string;
  /** Exactly as it is asked for, without query and fragment: with and without a slash at the end are two. */
  readonly address: string;
  /** The query, fields of a form, text parts of a multipart body, and what the standard calls "oauth_…". */
  readonly parameters: Iterable<readonly [name: string, value: string]>;
}

export interface SigningSecrets {
  readonly consumerSecret: string;
  /** Empty while there is no token. */
  readonly tokenSecret: string;
}

/** HMAC-SHA1 in Base64, as RFC 5849 § 3.4 has it. */
export function signatureOf(signed: Signed, { consumerSecret, tokenSecret }: SigningSecrets): string {
  const key = `${encodeStrictly(consumerSecret)}&${encodeStrictly(tokenSecret)}`;
  return createHmac("sha1", key).update(baseStringOf(signed)).digest("base64");
}

/** The text that is signed: method, address, and all parameters in order. */
export function baseStringOf({ method, address, parameters }: Signed): string {
  const pairs = Array.from(parameters, ([name, value]) => [encodeStrictly(name), encodeStrictly(value)] as const);
  const sorted = pairs.sort((a, b) => compareText(a[0], b[0]) || compareText(a[1], b[1]));
  const text = sorted.map(([name, value]) => `${name}=${value}`).join("&");
  return [method.toUpperCase(), address, text].map(encodeStrictly).join("&");
}

/**
 * Everything but the unreserved characters of RFC 3986 is escaped: more than `encodeURIComponent` does, which besides throws for
 * half a surrogate pair; on its way through bytes that becomes what it is sent as.
 */
export function encodeStrictly(text: string): string {
  return encodeURIComponent(Buffer.from(text).toString()).replace(
    /[!'()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

/** Escaped text is ASCII, so that the order of units is the order of bytes. */
function compareText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
