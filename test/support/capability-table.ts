import { provesContent } from "../../lib/model/hash.js";
import type { Capabilities } from "../../providers/provider.js";

/** One row of the table in the README: what it is called, and what it says of a provider. */
const ROWS: readonly (readonly [title: string, say: (capabilities: Capabilities) => string])[] = [
  ["two-way", ({ canReplace, canDelete }) => yesNo(canReplace && canDelete)],
  ["content hash", ({ hash }) => HASHES[hash]],
  ["equal hashes prove equal content", ({ hash }) => yesNo(provesContent(hash))],
  ["listed with the hash", ({ listsHash }) => yesNo(listsHash)],
  ["lists only what changed", ({ hasCursor }) => yesNo(hasCursor)],
  ["deleted and replaced files", ({ trash }) => TRASHES[trash]],
  ["moves without sending content", ({ canMove }) => yesNo(canMove)],
  ["empty folders", ({ hasFolders }) => yesNo(hasFolders)],
  ["keeps modification times", ({ keepsModified }) => yesNo(keepsModified)],
  ["fewer requests for small files", ({ batch }) => yesNo(batch !== undefined)],
  ["transfers at once", ({ concurrency }) => String(concurrency)],
];

const HASHES: Record<Capabilities["hash"], string> = {
  sha256: "SHA-256",
  sha1: "SHA-1",
  md5: "MD5",
  dropbox: "Dropbox content hash",
  quickxor: "QuickXorHash",
};

const TRASHES: Record<Capabilities["trash"], string> = {
  service: "the service's trash",
  "own-folder": "a trash folder",
  none: "no trash",
};

/** The cells of the README's table, header first; the order of providers is the one given. */
export function capabilityTable(providers: ReadonlyMap<string, Capabilities>): readonly (readonly string[])[] {
  const header = ["", ...[...providers.keys()].map((name) => `\`${name}:\``)];
  return [header, ...ROWS.map(([title, say]) => [title, ...[...providers.values()].map(say)])];
}

function yesNo(value: boolean): string {
  return value ? "yes" : "no";
}
