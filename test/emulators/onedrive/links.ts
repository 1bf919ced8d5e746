import { createHmac } from "node:crypto";
import type { Drive } from "./drive.js";
import type { Exchange } from "./exchange.js";
import type { Item } from "./items.js";
import { isPersonal } from "./kinds.js";
import type { Session } from "./sessions.js";
import type { World } from "./world.js";

/** Hosts of the real service that lead to the upload and download port, for clients that come through the TLS proxy. */
export const FILES_HOSTS = {
  business: "contoso-my.sharepoint.com",
  personalUploads: "api.onedrive.com",
  personalDownloads: "public.bn.files.1drv.com",
} as const;

/** What a URL that needs no sign-in says of itself. */
export interface UrlClaims {
  readonly kind: "download" | "upload" | "monitor";
  readonly driveId: string;
  /** An item, a session or a monitor. */
  readonly id: string;
  /** Of a download: the version, counted from the oldest; undefined for what the file holds when it is asked. */
  readonly version?: number | undefined;
  readonly expiresMs: number;
}

export function graphUrl({ world, officialHost }: Exchange): string {
  return officialHost === undefined ? world.urls.graph : `https://${officialHost}`;
}

export function downloadUrl(exchange: Exchange, drive: Drive, item: Item, version?: number): string {
  const { world } = exchange;
  const token = sign(world, {
    kind: "download",
    driveId: drive.id,
    id: item.id,
    version,
    expiresMs: world.clock.nowMs() + world.settings.downloadUrlLifetimeMs,
  });
  if (isPersonal(drive.kind)) {
    return `${filesUrl(exchange, FILES_HOSTS.personalDownloads)}/y4m${item.guid.slice(-8)}/${encodeURIComponent(item.name)}?tempauth=${token}`;
  }
  const page = "personal/ann_contoso_com/_layouts/15/download.aspx";
  const id = item.guid.toLowerCase();
  return `${filesUrl(exchange, FILES_HOSTS.business)}/${page}?UniqueId=${id}&Translate=false&tempauth=${token}&ApiVersion=2.0`;
}

export function uploadUrl(exchange: Exchange, session: Session): string {
  const { world } = exchange;
  const token = sign(world, {
    kind: "upload",
    driveId: session.drive.id,
    id: session.id,
    expiresMs: world.clock.nowMs() + world.settings.uploadUrlLifetimeMs,
  });
  if (isPersonal(session.drive.kind)) {
    return `${filesUrl(exchange, FILES_HOSTS.personalUploads)}/rup/${session.id}?tempauth=${token}`;
  }
  const place = `personal/ann_contoso_com/_api/v2.0/drives/${session.drive.id}/items/${session.parent.id}/uploadSession`;
  const query = `guid='${session.id}'&overwrite=True&rename=False&dc=0&tempauth=${token}`;
  return `${filesUrl(exchange, FILES_HOSTS.business)}/${place}?${query}`;
}

export function monitorUrl(exchange: Exchange, drive: Drive, id: string): string {
  const { world } = exchange;
  const expiresMs = world.clock.nowMs() + world.settings.downloadUrlLifetimeMs;
  const token = sign(world, { kind: "monitor", driveId: drive.id, id, expiresMs });
  return `${filesUrl(exchange, FILES_HOSTS.business)}/_api/v2.0/monitor/${id}?tempauth=${token}`;
}

/** The claims of a URL that this service made, whether still valid or not. */
export function readToken(world: World, token: string): UrlClaims | undefined {
  const [version, payload = "", signature] = token.split(".");
  if (version !== "v1" || signature !== signatureOf(world, payload)) return undefined;
  const [kind, driveId = "", id = "", content = "", expiresMs = ""] = Buffer.from(payload, "base64url")
    .toString()
    .split("|");
  if (kind !== "download" && kind !== "upload" && kind !== "monitor") return undefined;
  return { kind, driveId, id, version: content === "" ? undefined : Number(content), expiresMs: Number(expiresMs) };
}

function sign(world: World, { kind, driveId, id, version, expiresMs }: UrlClaims): string {
  const claims = [kind, driveId, id, version ?? "", expiresMs].join("|");
  const payload = Buffer.from(claims).toString("base64url");
  return `v1.${payload}.${signatureOf(world, payload)}`;
}

function signatureOf({ secret }: World, payload: string): string {
  return createHmac("sha256", secret).update(payload).digest("base64url").slice(0, 22);
}

function filesUrl({ world, officialHost }: Exchange, host: string): string {
  return officialHost === undefined ? world.urls.files : `https://${host}`;
}
