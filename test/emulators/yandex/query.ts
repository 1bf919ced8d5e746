import { badField } from "./failures.js";

/** Left as they are by encodeURIComponent; "+" stands for a space and "%" begins an escape. */
const ENCODED = /^[A-Za-z0-9\-_.!~*'()%+]*$/;
const LOOSE = new Set(["fields", "sort", "media_type"]);

/**
 * Takes the parameters out of the raw query, as strict as can be: what is not in `allowed`, comes twice or is not
 * percent-encoded is misuse. Throws 400 for escapes that are no UTF-8.
 */
export function readQuery(
  search: string,
  allowed: readonly string[],
  onMisuse: (what: string) => void,
): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const pair of search.replace(/^\?/, "").split("&")) {
    if (pair === "") continue;
    const at = pair.indexOf("=");
    const [rawName, rawValue] = at < 0 ? [pair, ""] : [pair.slice(0, at), pair.slice(at + 1)];
    const name = decode(rawName, rawName, onMisuse);
    if (!allowed.includes(name)) onMisuse(`unknown parameter "${name}"`);
    if (found.has(name)) onMisuse(`parameter "${name}" comes twice`);
    if (!LOOSE.has(name) && !ENCODED.test(rawValue)) onMisuse(`"${name}" is not percent-encoded: ${rawValue}`);
    found.set(name, decode(rawValue, name, onMisuse));
  }
  return found;
}

export function readFlag(query: ReadonlyMap<string, string>, name: string): boolean {
  const value = query.get(name);
  if (value === undefined || value === "false") return false;
  if (value === "true") return true;
  throw badField(name);
}

/** A whole number from 0 up; throws 400 for anything else. */
export function readCount(query: ReadonlyMap<string, string>, name: string, usual: number): number {
  const value = query.get(name);
  if (value === undefined) return usual;
  if (!/^[0-9]{1,9}$/.test(value)) throw badField(name);
  return Number(value);
}

function decode(raw: string, name: string, onMisuse: (what: string) => void): string {
  try {
    return decodeURIComponent(raw.replaceAll("+", " "));
  } catch {
    onMisuse(`"${name}" is not percent-encoded UTF-8: ${raw}`);
    throw badField(name);
  }
}
