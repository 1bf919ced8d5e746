import { createHmac } from "node:crypto";

export type Field = readonly [name: string, value: string];

export interface Signed {
  readonly method: string;
  /** With scheme and host, as it was requested; a query is left out. */
  readonly url: string;
  /** Every decoded parameter of query, form and header, in any order, without `oauth_signature`. */
  readonly fields: readonly Field[];
}

/** What an OAuth 1.0a signature is made over: RFC 5849, section 3.4.1. */
export function baseString({ method, url, fields }: Signed): string {
  const pairs = fields
    .map(([name, value]) => [percentEncode(name), percentEncode(value)] as const)
    .sort(([nameA, valueA], [nameB, valueB]) => compare(nameA, nameB) || compare(valueA, valueB))
    .map(([name, value]) => `${name}=${value}`);
  return [method.toUpperCase(), baseUrl(url), pairs.join("&")].map(percentEncode).join("&");
}

/** HMAC-SHA1 in base64, not yet encoded for a query or header. */
export function hmacSha1(text: string, consumerSecret: string, tokenSecret: string): string {
  const key = `${percentEncode(consumerSecret)}&${percentEncode(tokenSecret)}`;
  return createHmac("sha1", key).update(text).digest("base64");
}

/** Only letters, digits and `-._~` stay. */
export function percentEncode(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

/** Scheme and host in lower case, without a default port and without query or fragment; the path as it is. */
function baseUrl(url: string): string {
  const parts = /^([a-z]+):\/\/([^/?#:]+)(:\d+)?([^?#]*)/i.exec(url);
  if (parts === null) throw new Error(`not an address: ${url}`);
  const [, scheme = "", host = "", port = "", path = ""] = parts;
  const lowered = scheme.toLowerCase();
  const isDefault = port === (lowered === "https" ? ":443" : ":80");
  return `${lowered}://${host.toLowerCase()}${isDefault ? "" : port}${path}`;
}

/** The order of bytes; what is compared is ASCII. */
function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
