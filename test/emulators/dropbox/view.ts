import * as z from "zod";
import { homeOf, rootInfo, type Account } from "./accounts.js";
import type { LiveEntry } from "./entries.js";
import { BadInput, CommonError, lookup, nest, summaryOf, write } from "./failures.js";
import { isInside, lookupFault, nameFault, splitPath, type StorePath, toStorePath } from "./paths.js";
import type { Settings } from "./settings.js";

/** What a request sees of an account: everything below `root`, by paths relative to it. */
export interface View {
  readonly account: Account;
  readonly root: StorePath;
  readonly settings: Settings;
  /** Notes something that a careful client does not do. */
  readonly onMisuse: (what: string) => void;
}

const PathRoot = z.discriminatedUnion(".tag", [
  z.strictObject({ ".tag": z.literal("home") }),
  z.strictObject({ ".tag": z.literal("root"), root: z.string() }),
  z.strictObject({ ".tag": z.literal("namespace_id"), namespace_id: z.string() }),
]);

/** The view that an app has of an account, also called its default path root. */
export function appView(account: Account, settings: Settings, onMisuse: (what: string) => void): View {
  const home = homeOf(account);
  const root = settings.access === "full" ? home : toStorePath([...home.parts, "Apps", settings.appName]);
  if (root.key !== "" && account.tree.get(root.key) === undefined) account.tree.makeFolder(root);
  return { account, root, settings, onMisuse };
}

/** The view that a Dropbox-API-Path-Root header asks for. */
export function viewAtPathRoot(view: View, header: string): View {
  if (view.settings.access === "app-folder") {
    throw new BadInput("Path root is not supported for sandbox app.");
  }
  const wanted = PathRoot.safeParse(parseJson(header));
  if (!wanted.success) throw new BadInput('HTTP header "Dropbox-API-Path-Root": could not decode input as JSON');
  const { account } = view;
  if (wanted.data[".tag"] === "home") return { ...view, root: homeOf(account) };
  if (wanted.data[".tag"] === "root") {
    if (wanted.data.root !== account.rootNamespaceId) throw invalidRoot(account);
    return { ...view, root: toStorePath([]) };
  }
  const mount = namespaceRoot(account, wanted.data.namespace_id);
  if (mount === undefined) throw new CommonError(422, "no_permission", { ".tag": "no_permission" });
  return { ...view, root: mount };
}

/** The entry that a read path, id or path below an id names. Rejects with a LookupFailure when there is none. */
export function findLive(view: View, raw: string): LiveEntry {
  const path = locate(view, raw);
  if (path === undefined) throw lookup("not_found");
  assertReadable(view, path);
  const entry = view.account.tree.get(path.key);
  if (entry === undefined || path.key === view.root.key) throw lookup("not_found");
  return entry;
}

/** The place a read path names, whether or not something is there; undefined for an id that is unknown. */
export function locate(view: View, raw: string): StorePath | undefined {
  const { base, rest } = splitBase(view, raw);
  if (base === undefined) return undefined;
  const parts = splitPath(withOneSlash(view, rest));
  if (parts === undefined) throw lookup("malformed_path");
  const fault = lookupFault(parts);
  if (fault !== undefined) throw fault;
  if (!isComposed(view, rest) && view.settings.nfdLookup === "not-found") throw lookup("not_found");
  return toStorePath([...base.parts, ...parts]);
}

/** The place a write path names. Rejects with a WriteFailure for names that the service does not store. */
export function placeFor(view: View, raw: string): StorePath {
  const { base, rest } = splitBase(view, raw);
  if (base === undefined) throw write("malformed_path");
  const parts = splitPath(rest);
  if (parts === undefined || base.parts.length + parts.length === 0) throw write("malformed_path");
  for (const part of parts) {
    const fault = nameFault(part, view.settings);
    if (fault !== undefined) throw fault;
  }
  isComposed(view, rest);
  const path = toStorePath([...base.parts, ...parts]);
  if (path.key === view.root.key) throw write("malformed_path");
  assertWritable(view, path);
  return path;
}

/** Whether the entry, or something above it, was marked by a test as not writable. */
export function assertWritable(view: View, path: StorePath): void {
  const tag = denialOf(view, path, "write");
  if (tag !== undefined) throw write(tag);
}

export function assertReadable(view: View, path: StorePath): void {
  const tag = denialOf(view, path, "read");
  if (tag !== undefined) throw lookup(tag);
}

/** The path as this view shows it. */
export function shownPath(view: View, parts: readonly string[]): string {
  return parts
    .slice(view.root.parts.length)
    .map((part) => `/${part}`)
    .join("");
}

export function isInView(view: View, key: string): boolean {
  return isInside(key, view.root.key);
}

function denialOf(view: View, path: StorePath, on: "read" | "write"): string | undefined {
  for (const [key, denial] of view.account.denials) {
    if (denial.on === on && (path.key === key || isInside(path.key, key))) return denial.tag;
  }
  return undefined;
}

function splitBase(view: View, raw: string): { readonly base: StorePath | undefined; readonly rest: string } {
  if (raw.startsWith("id:")) {
    const slash = raw.indexOf("/");
    const entry = view.account.tree.byId(slash < 0 ? raw : raw.slice(0, slash));
    const isVisible = entry !== undefined && isInView(view, entry.key);
    const base = isVisible ? toStorePath(view.account.tree.trueParts(entry.key)) : undefined;
    return { base, rest: slash < 0 ? "" : raw.slice(slash) };
  }
  const namespace = /^ns:([0-9]+)/.exec(raw);
  if (namespace === null) return { base: view.root, rest: raw };
  return { base: namespaceRoot(view.account, namespace[1] ?? ""), rest: raw.slice(namespace[0].length) };
}

function namespaceRoot(account: Account, namespaceId: string): StorePath | undefined {
  if (namespaceId === account.homeNamespaceId) return homeOf(account);
  if (namespaceId === account.rootNamespaceId) return toStorePath([]);
  return account.mounts.get(namespaceId);
}

/** "//a" is taken for "/a": an old and widely used client asks for the folders of the root in this way. */
function withOneSlash(view: View, path: string): string {
  if (!path.startsWith("//")) return path;
  view.onMisuse(`path begins with two slashes: ${JSON.stringify(path)}`);
  return path.slice(1);
}

function isComposed(view: View, path: string): boolean {
  if (path.normalize("NFC") === path) return true;
  view.onMisuse(`path is not NFC: ${JSON.stringify(path)}`);
  return false;
}

function invalidRoot(account: Account): CommonError {
  const error = nest("invalid_root", { ".tag": "", ...rootInfo(account) });
  return new CommonError(422, summaryOf({ ".tag": error[".tag"] }), error);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
