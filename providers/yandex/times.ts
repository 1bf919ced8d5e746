import type { Item } from "./schemas.js";

/**
 * The modification time of the local file, as a property of the remote one. It belongs to one content: whoever stores
 * another one under the same name may leave the property behind, so the start of the hash stands beside it.
 */
const MODIFIED = "trisync_modified";
const CONTENT = "trisync_sha256";

/** The last instant with a four-digit year. */
const LAST_MS = Date.UTC(9999, 11, 31, 23, 59, 59);

/** Undefined for a time that cannot be written down. */
export function toProperties(modifiedMs: number, sha256: string): Readonly<Record<string, string>> | undefined {
  if (!(modifiedMs >= 0 && modifiedMs <= LAST_MS)) return undefined;
  return { [MODIFIED]: new Date(Math.floor(modifiedMs)).toISOString(), [CONTENT]: startOf(sha256) };
}

/** Whether the file already carries exactly these properties. */
export function hasProperties(item: Item, properties: Readonly<Record<string, string>>): boolean {
  return Object.entries(properties).every(([name, value]) => item.custom_properties?.[name] === value);
}

/** When the local file was modified; where nobody has said so, when the service got it. Milliseconds since 1970. */
export function modifiedMsOf(item: Item): number | undefined {
  return keptTime(item) ?? toMs(item.modified);
}

function keptTime({ custom_properties: properties, sha256 }: Item): number | undefined {
  const [time, content] = [properties?.[MODIFIED], properties?.[CONTENT]];
  if (sha256 === undefined || content !== startOf(sha256)) return undefined;
  return typeof time === "string" ? toMs(time) : undefined;
}

function startOf(sha256: string): string {
  return sha256.slice(0, 32);
}

function toMs(text: string | undefined): number | undefined {
  const ms = Date.parse(text ?? "");
  return Number.isNaN(ms) ? undefined : ms;
}
