import type { Chance } from "../shared/chance.js";
import { type DriveKind, isClassic, isPersonal } from "./kinds.js";

/** The root folder has this GUID in every drive of the SharePoint platform. */
const ROOT_GUID = "ea8cc6be-ffdb-43d7-976f-bc7da445c639";
const CLASSIC_ROOT_NUMBER = 101;

/** How a drive and what is in it are called, by its kind. */
export interface Ids {
  readonly driveId: string;
  /** SharePoint's site; undefined on personal drives. */
  readonly siteId: string | undefined;
  readonly root: ItemName;
  next(): ItemName;
}

export interface ItemName {
  readonly id: string;
  /** What stands in the tags: upper-case, or the id itself on classic drives. */
  readonly guid: string;
}

export function createIds(kind: DriveKind, chance: Chance): Ids {
  return isPersonal(kind) ? personalIds(kind, chance) : businessIds(chance);
}

export function newGuid(chance: Chance): string {
  const hex = Array.from({ length: 32 }, () => chance.below(16).toString(16)).join("");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20)}`;
}

/** Drive ids are compared like this, because personal ones change case and lose a leading zero. */
export function normalDriveId(id: string): string {
  return id.startsWith("b!") ? id : id.toLowerCase().padStart(16, "0");
}

export function eTagOf(kind: DriveKind, { id, guid }: ItemName, version: number): string {
  if (isClassic(kind)) return `a${Buffer.from(`${id}.${String(version)}`).toString("base64url")}`;
  return `"{${guid}},${String(version)}"`;
}

/** `version` counts contents; for a folder of a classic drive it is when something below it last changed. */
export function cTagOf(kind: DriveKind, { id, guid }: ItemName, version: number, isFolder: boolean): string {
  if (!isClassic(kind)) return `"c:{${guid}},${String(isFolder ? 0 : version)}"`;
  return `a${Buffer.from(`${isFolder ? "t" : "c"}:${id}.${String(version)}`).toString("base64")}`;
}

/** A drive id that begins with zero, as those that trouble clients do. Item ids spell it in upper case. */
function personalIds(kind: DriveKind, chance: Chance): Ids {
  const driveId = `0${Array.from({ length: 15 }, () => chance.below(16).toString(16)).join("")}`;
  const prefix = `${driveId.toUpperCase()}!`;
  let count = CLASSIC_ROOT_NUMBER;
  const classic = (number: number): ItemName => ({ id: prefix + String(number), guid: prefix + String(number) });
  const migrated = (guid: string): ItemName => ({
    id: `${prefix}s${guid.replaceAll("-", "")}`,
    guid: guid.toUpperCase(),
  });
  const next = (): ItemName => {
    count += 1;
    return isClassic(kind) ? classic(count) : migrated(newGuid(chance));
  };
  const root = isClassic(kind) ? classic(CLASSIC_ROOT_NUMBER) : migrated(ROOT_GUID);
  return { driveId, siteId: undefined, root, next };
}

function businessIds(chance: Chance): Ids {
  const [site, web, list] = [newGuid(chance), newGuid(chance), newGuid(chance)];
  const driveId = `b!${Buffer.concat([site, web, list].map(littleEndian)).toString("base64url")}`;
  const prefix = littleEndian(list).subarray(0, 4);
  const named = (guid: string): ItemName => ({
    id: `01${base32(Buffer.concat([prefix, littleEndian(guid)]))}`,
    guid: guid.toUpperCase(),
  });
  return { driveId, siteId: site, root: named(ROOT_GUID), next: () => named(newGuid(chance)) };
}

/** The bytes of a GUID as Windows stores them. */
function littleEndian(guid: string): Buffer {
  const [a = "", b = "", c = "", ...rest] = guid.split("-");
  const reversed = [a, b, c].map((part) => Buffer.from(part, "hex").reverse());
  return Buffer.concat([...reversed, Buffer.from(rest.join(""), "hex")]);
}

function base32(bytes: Buffer): string {
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  const bits = [...bytes].map((byte) => byte.toString(2).padStart(8, "0")).join("");
  return (bits.match(/.{5}/g) ?? []).map((five) => alphabet.charAt(Number.parseInt(five, 2))).join("");
}
