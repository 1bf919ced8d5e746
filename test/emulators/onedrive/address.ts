import { badRequest } from "./failures.js";

/** What a request to the API is about. */
export interface Address {
  /** What faults and the log call it. */
  readonly route: string;
  readonly drive: DriveRef | undefined;
  readonly item: ItemRef | undefined;
  /** A version, a search, a token in parentheses, or whom or what a directory request names. */
  readonly extra: string | undefined;
}

export interface DriveRef {
  readonly by: "me" | "user" | "drive" | "site" | "group";
  readonly name: string;
}

export interface ItemRef {
  readonly start: { readonly by: "root" | "id" | "special"; readonly name: string };
  /** Names below the start, decoded; undefined when the start itself is meant. */
  readonly path: readonly string[] | undefined;
}

const DRIVE_ROOTS: readonly (readonly [RegExp, DriveRef["by"]])[] = [
  [/^\/me()\/drive(?=$|\/)/, "me"],
  [/^\/users\/([^/()]+)\/drive(?=$|\/)/, "user"],
  [/^\/users\('([^/]+)'\)\/drive(?=$|\/)/, "user"],
  [/^\/drives\/([^/]+)(?=$|\/)/, "drive"],
  [/^\/sites\/([^/]+)\/drive(?=$|\/)/, "site"],
  [/^\/sites\/([^/]+:\/[^:]+):\/drive(?=$|\/)/, "site"],
  [/^\/groups\/([^/]+)\/drive(?=$|\/)/, "group"],
];

const DIRECTORY: readonly (readonly [RegExp, string])[] = [
  [/^\/me()$/, "me"],
  [/^\/me()\/drives$/, "drives"],
  [/^\/users\/([^/]+)$/, "user"],
  [/^\/users\/([^/]+)\/drives$/, "drives"],
  [/^\/sites\/([^/:]+)$/, "site"],
  [/^\/sites\/([^/]+:\/[^:]+):?$/, "site"],
  [/^\/sites\/([^/]+)\/drives$/, "drives"],
];

/** Methods and what follows the item, with the name of the route. */
const ITEM_ROUTES: readonly (readonly [RegExp, string])[] = [
  [/^GET $/, "item"],
  [/^PATCH $/, "update"],
  [/^DELETE $/, "delete"],
  [/^PUT $/, "commit-by-source"],
  [/^GET children$/, "children"],
  [/^POST children$/, "create-folder"],
  [/^GET delta$/, "delta"],
  [/^GET delta\((?:token='([^']*)')?\)$/, "delta"],
  [/^GET content$/, "content"],
  [/^PUT content$/, "upload"],
  [/^POST createUploadSession$/, "create-session"],
  [/^POST copy$/, "copy"],
  [/^POST permanentDelete$/, "permanent-delete"],
  [/^POST restore$/, "restore"],
  [/^GET versions$/, "versions"],
  [/^GET versions\/([^/]+)\/content$/, "version-content"],
  [/^GET search\(q='(.*)'\)$/, "search"],
];

/** Reads the path of a request, still encoded and without "/v1.0". Throws a refusal when it makes no sense. */
export function parseAddress(method: string, path: string): Address {
  if (path === "/$batch" && method === "POST") return named("batch", undefined);
  for (const [pattern, route] of DIRECTORY) {
    const match = pattern.exec(path);
    if (match !== null && method === "GET") return named(route, decode(match[1] ?? ""));
  }
  for (const [pattern, by] of DRIVE_ROOTS) {
    const match = pattern.exec(path);
    if (match === null) continue;
    return parseItem(method, { by, name: decode(match[1] ?? "") }, path.slice(match[0].length));
  }
  throw badRequest(`there is no ${method} ${path}`);
}

function parseItem(method: string, drive: DriveRef, rest: string): Address {
  if (rest === "" && method === "GET") return { route: "drive", drive, item: undefined, extra: undefined };
  const match = /^\/(?:(root)|items\/([^/:]+)|special\/([^/:]+))(?=$|[/:])(.*)$/.exec(rest);
  if (match === null) throw badRequest(`Resource not found for the segment ${rest}`);
  const [, root, id, special, tail = ""] = match;
  const start: ItemRef["start"] =
    root !== undefined
      ? { by: "root", name: "root" }
      : { by: id === undefined ? "special" : "id", name: decode(id ?? special ?? "") };
  const { path, sub } = splitTail(tail);
  const child = /^children\/([^/]+)(?:\/(content|createUploadSession))?$/.exec(sub);
  if (child !== null) {
    const item = { start, path: [...(path ?? []), decode(child[1] ?? "")] };
    return { ...itemRoute(method, child[2] ?? ""), drive, item };
  }
  return { ...itemRoute(method, sub), drive, item: { start, path } };
}

function itemRoute(method: string, sub: string): Pick<Address, "route" | "extra"> {
  const plain = `${method} ${sub.replace(/^microsoft\.graph\./, "")}`;
  for (const [pattern, route] of ITEM_ROUTES) {
    const match = pattern.exec(plain);
    if (match !== null) return { route, extra: match[1] === undefined ? undefined : decode(match[1]) };
  }
  throw badRequest(`there is no ${plain} of an item`);
}

/** After the start comes nothing, `/sub`, `:/path`, `:/path:` or `:/path:/sub`. */
function splitTail(tail: string): { readonly path: readonly string[] | undefined; readonly sub: string } {
  if (!tail.startsWith(":")) return { path: undefined, sub: tail.replace(/^\//, "") };
  const match = /^:\/([^:]*)(?::(?:\/(.*))?)?$/.exec(tail);
  if (match === null) throw badRequest(`malformed path ${tail}`);
  const [, path = "", sub = ""] = match;
  // Clients in the wild name the start like this; with anything behind it, the service refuses.
  if (path === "" && sub === "") return { path: undefined, sub };
  if (path === "") throw badRequest("an empty path between colons");
  if (path.endsWith("/") || path.includes("//")) throw badRequest(`a slash too many in the path ${path}`);
  return { path: path.split("/").map(decode), sub };
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    throw badRequest(`badly encoded: ${segment}`);
  }
}

function named(route: string, extra: string | undefined): Address {
  return { route, drive: undefined, item: undefined, extra };
}
