import type { Account } from "./accounts.js";
import type { Drive } from "./drive.js";
import type { Exchange } from "./exchange.js";
import { cTagOf, eTagOf } from "./ids.js";
import type { Item } from "./items.js";
import { driveTypeOf, isClassic, isPersonal } from "./kinds.js";
import { downloadUrl } from "./links.js";
import type { World } from "./world.js";

type Json = Record<string, unknown>;

/** Where an answer shows an item: in a delta, which says less, or anywhere else. */
export interface Shown {
  readonly exchange: Exchange;
  readonly drive: Drive;
  readonly account: Account | undefined;
  readonly isDelta?: boolean | undefined;
  /** Overrides where the item is, for a listing that shows the past. */
  readonly place?: { readonly name: string; readonly parentId: string | undefined } | undefined;
}

/** An item as the service shows it, with all that is shown by default. */
export function itemJson(item: Item, shown: Shown): Json {
  const { drive, isDelta = false } = shown;
  const { kind } = drive;
  const time = (ms: number): string => timestamp(drive, ms);
  const isFolder = item.kind === "folder";
  const cTag = { cTag: cTagOf(kind, item, item.cTagVersion, isFolder) };
  const isReadable = item.kind === "file" && item.traits.isMalware !== true;
  return {
    ...(isReadable ? { "@microsoft.graph.downloadUrl": downloadUrl(shown.exchange, drive, item) } : {}),
    id: item.id,
    name: shown.place?.name ?? item.name,
    size: item.sizeBytes,
    eTag: eTagOf(kind, item, item.eTagVersion),
    ...(isDelta && !isPersonal(kind) ? {} : cTag),
    createdDateTime: time(item.createdMs),
    lastModifiedDateTime: time(item.modifiedMs),
    webUrl: webUrl(drive, item),
    createdBy: person(shown.account),
    lastModifiedBy: person(shown.account),
    parentReference: parentReference(item, shown),
    ...facets(item, shown),
    fileSystemInfo: { createdDateTime: time(item.fsCreatedMs), lastModifiedDateTime: time(item.fsModifiedMs) },
    ...(item.traits.description === undefined ? {} : { description: item.traits.description }),
  };
}

/** What a delta says about something that is gone. */
export function tombstoneJson(item: Item, shown: Shown): Json {
  const isBusiness = !isPersonal(shown.drive.kind);
  return {
    id: item.id,
    ...(isBusiness ? { size: 0 } : { name: item.name }),
    parentReference: parentReference(item, { ...shown, isDelta: true }),
    ...(item.kind === "folder" ? { folder: {} } : { file: {} }),
    deleted: { state: "deleted" },
  };
}

/** Only the selected properties. `content.downloadUrl` is another name for the download URL. */
export function select(json: Json, query: URLSearchParams): Json {
  const names = query.get("$select")?.split(",");
  if (names === undefined) return json;
  const wanted = new Set(names.map((name) => (name === "content.downloadUrl" ? "@microsoft.graph.downloadUrl" : name)));
  return Object.fromEntries(Object.entries(json).filter(([name]) => wanted.has(name) || name === "@odata.etag"));
}

/** Classic drives keep milliseconds, all others whole seconds. */
export function timestamp({ kind }: Drive, ms: number): string {
  const text = new Date(ms).toISOString();
  return isClassic(kind) ? text : `${text.slice(0, 19)}Z`;
}

/** The drive's id as this answer spells it. */
export function spelledDriveId(world: World, { id, kind }: Drive): string {
  if (!isPersonal(kind) || world.settings.personalIds === "steady") return id;
  world.answers += 1;
  return [id, id.toUpperCase(), id.replace(/^0/, "")][world.answers % 3] ?? id;
}

function parentReference(item: Item, shown: Shown): Json {
  const { drive, exchange, isDelta = false } = shown;
  const parentId = shown.place === undefined ? item.parentId : shown.place.parentId;
  const base = { driveType: driveTypeOf(drive.kind), driveId: spelledDriveId(exchange.world, drive) };
  if (parentId === undefined) return base;
  const parent = drive.known(parentId);
  const site = drive.ids.siteId === undefined ? {} : { siteId: drive.ids.siteId };
  if (isDelta || parent === undefined) return { ...base, id: parentId, ...site };
  return { ...base, id: parentId, name: parent.name, ...parentPath(exchange.world, drive, parent), ...site };
}

function parentPath(world: World, drive: Drive, parent: Item): Json {
  const setting = world.settings.parentPath;
  if (setting === "mixed") world.answers += 1;
  const form = setting === "mixed" ? (["plain", "encoded", "absent"] as const)[world.answers % 3] : setting;
  if (form === "absent") return {};
  const below = drive.pathOf(parent);
  const root = isPersonal(drive.kind) ? "/drive/root:" : `/drives/${drive.id}/root:`;
  const shown = form === "encoded" ? below.split("/").map(encodeURIComponent).join("/") : below;
  return { path: below === "" ? root : `${root}/${shown}` };
}

function facets(item: Item, shown: Shown): Json {
  const { drive, exchange } = shown;
  const { traits } = item;
  const special = traits.specialFolder === undefined ? {} : { specialFolder: { name: traits.specialFolder } };
  if (item.kind === "package") return { package: { type: "oneNote" } };
  if (item.kind === "remote") return { remoteItem: remoteJson(item, exchange.world) };
  if (item.kind === "folder") {
    const root = item === drive.root ? { root: {} } : {};
    return { ...root, folder: { childCount: drive.childCount(item) }, ...special };
  }
  const malware = traits.isMalware === true ? { malware: { description: "Trojan:Test" } } : {};
  return { file: { mimeType: "application/octet-stream", ...hashes(item, shown) }, ...malware };
}

function hashes({ content, sha256, traits }: Item, { exchange }: Shown): Json {
  const { settings } = exchange.world;
  const isMissing = traits.hasNoHash === true || exchange.fault?.kind === "missing-hash";
  if (settings.hashes === "absent" || isMissing || content === undefined) return {};
  if (settings.hashes === "empty") return { hashes: {} };
  const listed = traits.listedSha256 ?? sha256;
  const other = listed === undefined ? {} : { sha256Hash: listed };
  return { hashes: settings.hashes === "other" ? other : { quickXorHash: content.quickXorHash, ...other } };
}

function remoteJson({ traits }: Item, world: World): Json {
  const { driveId = "", itemId = "" } = traits.target ?? {};
  const drive = world.accounts.byDrive(driveId)?.drive;
  const item = drive?.get(itemId);
  if (drive === undefined || item === undefined) return { id: itemId, parentReference: { driveId } };
  const kind = item.kind === "folder" ? { folder: { childCount: drive.childCount(item) } } : { file: {} };
  return {
    id: itemId,
    name: item.name,
    size: item.sizeBytes,
    parentReference: { driveId, driveType: driveTypeOf(drive.kind) },
    ...kind,
    fileSystemInfo: {
      createdDateTime: timestamp(drive, item.fsCreatedMs),
      lastModifiedDateTime: timestamp(drive, item.fsModifiedMs),
    },
  };
}

function webUrl(drive: Drive, item: Item): string {
  if (isPersonal(drive.kind)) return `https://1drv.ms/x/${encodeURIComponent(item.id)}`;
  const path = drive.pathOf(item).split("/").map(encodeURIComponent).join("/");
  return `https://contoso-my.sharepoint.com/personal/ann_contoso_com/Documents/${path}`;
}

function person(account: Account | undefined): Json {
  const { userId = "", displayName = "" } = account ?? {};
  return { application: { id: "emulator", displayName: "trisync" }, user: { id: userId, displayName } };
}
