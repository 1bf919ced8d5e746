import type { Account } from "./accounts.js";
import type { Content } from "./content.js";
import type { File } from "./entries.js";
import { forbidden } from "./failures.js";
import type { Fault } from "./faults.js";
import { mediaTypeOf } from "./media-types.js";
import { appFolder, isAtOrBelow, type Parts, parsePath, shownPath } from "./paths.js";
import type { Host } from "./request-log.js";
import type { AccessToken } from "./tokens.js";
import type { World } from "./world.js";

/** One request to the API, as a route sees it. */
export interface Call {
  readonly world: World;
  readonly account: Account;
  readonly token: AccessToken;
  readonly query: ReadonlyMap<string, string>;
  readonly url: URL;
  readonly body: Content | undefined;
  readonly header: (name: string) => string | undefined;
  /** What a test wants to go wrong with this request. */
  readonly fault: Fault | undefined;
  readonly misuse: (what: string) => void;
  /** The beginnings of links to the hosts, as this client reaches them. */
  readonly links: Readonly<Record<Host, string>>;
  /** Over when the emulated round trip is. */
  readonly latency: Promise<void>;
}

export interface Reply {
  readonly status: number;
  /** Undefined for an answer without a body. */
  readonly value: unknown;
}

export interface Route {
  /** As the request log names it. */
  readonly name: string;
  /** The right that a token needs; undefined where any token will do. */
  readonly scope: "read" | "write" | "info" | undefined;
  /** The parameters it knows, besides `fields`. */
  readonly params: readonly string[];
  /** Only PATCH takes one. */
  readonly takesBody?: boolean;
  readonly run: (call: Call) => Promise<Reply> | Reply;
}

/** The place that a parameter names. Throws 403 when the token does not reach it. */
export function diskPath(call: Call, name: "path" | "from", need: "read" | "write"): Parts {
  const { account, query, world } = call;
  const path = parsePath(query.get(name) ?? "", world.settings, call.misuse);
  if (path.area === "trash") {
    call.misuse(`"${name}" is a path of the trash`);
    throw forbidden();
  }
  if (path.isApp) account.disk.makeFolders(appFolder(world.settings));
  assertReach(call, need, path.parts);
  return path.parts;
}

/** Throws 403 unless the token may read or write everywhere, or the place lies in the folder of the application. */
function assertReach({ token, world }: Call, need: "read" | "write", parts: Parts): void {
  const { scopes } = token.grant;
  if (scopes.includes(`cloud_api:disk.${need}`)) return;
  const isInAppFolder = isAtOrBelow(parts, appFolder(world.settings));
  if (!isInAppFolder || !scopes.includes("cloud_api:disk.app_folder")) throw forbidden();
}

/** Throws 423 while an operation holds one of the places. */
export function assertUnlocked({ account, world }: Call, ...places: readonly Parts[]): void {
  if (places.some((parts) => world.operations.isLocked(account.uid, parts))) throw world.writeWatch.refuse();
}

/** Names that a client makes up should be NFC; those that are there already are as they are. */
export function noteNewName(call: Call, parts: Parts): void {
  const name = parts.at(-1) ?? "";
  if (name === name.normalize("NFC") || call.account.disk.find(parts) !== undefined) return;
  call.misuse(`the new name ${JSON.stringify(name)} is not NFC`);
}

/** A Link object to a resource. */
export function resourceLink({ links }: Call, parts: Parts): Readonly<Record<string, unknown>> {
  return {
    href: `${links.api}/v1/disk/resources?path=${encodeForLink(shownPath(parts))}`,
    method: "GET",
    templated: false,
  };
}

export function operationLink({ links, world }: Call, id: string): Readonly<Record<string, unknown>> {
  const kind = world.settings.operationLinks;
  const origins = { "other-host": links.downloader, "plain-http": "http://cloud-api.yandex.net" };
  const origin = kind === "other-host" || kind === "plain-http" ? origins[kind] : links.api;
  const place = kind === "query" ? `operations?id=${id}` : `operations/${id}`;
  return { href: `${origin}/v1/disk/${place}`, method: "GET", templated: false };
}

/** A download link, as listings and link requests show it. */
export function downloadUrl({ account, links, world }: Call, file: File): string {
  const { media, mime } = mediaTypeOf(file.name);
  const { content, name } = file;
  const { uid } = account;
  const link = world.links.newDownload({ uid, entry: file, content, name, mime });
  const query = new URLSearchParams({
    uid,
    filename: name,
    disposition: "attachment",
    hash: "",
    limit: "0",
    content_type: mime,
    fsize: String(content.sizeBytes),
    hid: content.md5,
    media_type: media,
    tknv: "v2",
    etag: content.md5,
  });
  const expires = Math.floor(link.expiresMs / 1000).toString(16);
  return `${links.downloader}/disk/${content.sha256}/${expires}/${link.secret}?${query.toString()}`;
}

/** As the service spells its own links: a space as "+", all else in escapes. */
function encodeForLink(path: string): string {
  return encodeURIComponent(path).replaceAll("%20", "+");
}
