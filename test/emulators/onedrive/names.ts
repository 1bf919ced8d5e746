import { type DriveKind, isPersonal } from "./kinds.js";
import { refusal } from "./failures.js";
import type { Settings } from "./settings.js";

const DEVICE = /^(?:con|prn|aux|nul|com[0-9]|lpt[0-9])$/i;

/** How names are compared: without case, and without regard to how letters with accents are put together. */
export function keyOf(name: string): string {
  return name.normalize("NFC").toLowerCase();
}

export interface Place {
  readonly kind: DriveKind;
  readonly isFolder: boolean;
  /** The path of the parent below the root, "" for the root itself. */
  readonly parentPath: string;
}

/** Throws what the service answers to a name it does not take. */
export function assertName(name: string, place: Place, settings: Settings): void {
  if (name === "" || /["*:<>?/\\|\u0000-\u001f\u007f]/.test(name)) {
    throw refusal(400, "invalidRequest", {
      message: 'The provided name cannot contain any of the following characters: " * : < > ? / \\ |',
      inner: "nameContainsInvalidCharacters",
    });
  }
  if (isForbidden(name, place)) {
    throw refusal(400, "invalidRequest", { message: "The specified item name is invalid.", inner: "invalidPath" });
  }
  const path = place.parentPath === "" ? name : `${place.parentPath}/${name}`;
  if (name.length > settings.nameLength || path.length > settings.pathLength) {
    throw refusal(400, "invalidRequest", { message: "The path is too long.", inner: "pathIsTooLong" });
  }
}

function isForbidden(name: string, { kind, isFolder, parentPath }: Place): boolean {
  const lower = name.toLowerCase();
  if (name.trim() !== name || name.endsWith(".")) return true;
  if (DEVICE.test(name) || lower === ".lock" || lower === "desktop.ini") return true;
  if (name.startsWith("~$") || lower.includes("_vti_") || /&#\d+;/.test(name)) return true;
  if (isPersonal(kind) || !isFolder) return false;
  return name.startsWith("~") || (lower === "forms" && parentPath === "");
}

/** `name 1.ext`, `name 2.ext`, … */
export function renamed(name: string, number: number): string {
  const dot = name.lastIndexOf(".");
  if (dot <= 0) return `${name} ${String(number)}`;
  return `${name.slice(0, dot)} ${String(number)}${name.slice(dot)}`;
}
