import { badField } from "./failures.js";
import type { Settings } from "./settings.js";

/** The names from the root of the Disk, or of the trash, down. */
export type Parts = readonly string[];

export interface PathSpace {
  readonly area: "disk" | "trash";
  readonly parts: Parts;
  /** Whether the client wrote `app:/…`. */
  readonly isApp: boolean;
}

/**
 * Reads a path in any of the schemes. Throws an ApiError for what the service takes for no path; spellings that it may
 * read in another way than the client means are recorded as misuse.
 */
export function parsePath(raw: string, settings: Settings, onMisuse: (what: string) => void): PathSpace {
  if (raw === "") throw badField("path");
  const scheme = /^\/?([^/]*?):/.exec(raw)?.[1];
  if (scheme !== undefined && !["disk", "app", "trash"].includes(scheme)) {
    onMisuse(`the first name of ${JSON.stringify(raw)} is taken for a scheme: begin with "disk:/"`);
    throw badField("path");
  }
  if (scheme !== undefined && raw.startsWith("/")) onMisuse(`the scheme of ${JSON.stringify(raw)} follows a slash`);
  const rest = scheme === undefined ? raw : raw.replace(/^\/?[a-z]+:/, "");
  if (!rest.startsWith("/")) onMisuse(`${JSON.stringify(raw)} does not begin with "disk:/" or "/"`);
  const parts = rest.split("/").filter((part) => part !== "");
  if (rest.includes("//")) onMisuse(`${JSON.stringify(raw)} has two slashes in a row`);
  if (parts.some((part) => part === "." || part === ".." || /[\u0000-\u001f\u007f]/.test(part))) {
    onMisuse(`${JSON.stringify(raw)} has a name that the service does not store`);
    throw badField("path");
  }
  if (parts.some((part) => part.length > settings.nameLength) || raw.length > settings.pathLength) {
    throw badField("path");
  }
  const stored = parts.map((part) => storedName(part, settings));
  if (scheme === "trash") return { area: "trash", parts: stored, isApp: false };
  const isApp = scheme === "app";
  return { area: "disk", parts: isApp ? [...appFolder(settings), ...stored] : stored, isApp };
}

export function appFolder({ applicationsFolder, appName }: Settings): Parts {
  return [applicationsFolder, appName];
}

/** `disk:/a/b`, as answers show every path. */
export function shownPath(parts: Parts): string {
  return `disk:/${parts.join("/")}`;
}

/** A path of a test: "/a/b", relative to the root. */
export function fromTestPath(path: string): Parts {
  if (!path.startsWith("/")) throw new Error(`a remote path starts with "/": ${path}`);
  return path.split("/").filter((part) => part !== "");
}

export function toTestPath(parts: Parts): string {
  return `/${parts.join("/")}`;
}

export function isAtOrBelow(parts: Parts, top: Parts): boolean {
  return parts.length >= top.length && top.every((part, index) => part === parts[index]);
}

export function isSamePlace(a: Parts, b: Parts): boolean {
  return a.length === b.length && isAtOrBelow(a, b);
}

function storedName(name: string, { trailingSpaces, unicode }: Settings): string {
  const composed = unicode === "nfc" ? name.normalize("NFC") : name;
  return trailingSpaces === "cut" ? composed.replace(/ +$/, "") : composed;
}
