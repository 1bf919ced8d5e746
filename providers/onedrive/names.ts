import type { SyncPath } from "../../lib/model/path.js";

/** What one file may hold: 250 GiB. */
export const MAX_FILE_BYTES = 268_435_456_000;

/** Counted in UTF-16 units. */
const MAX_NAME_LENGTH = 255;

/** Of the whole path in the drive, the folder of the job included. */
const MAX_PATH_LENGTH = 400;

/** Names that the service never stores, in any case. */
const NEVER_STORED: ReadonlySet<string> = new Set([
  ".lock",
  "con",
  "prn",
  "aux",
  "nul",
  ...Array.from({ length: 10 }, (_, digit) => [`com${String(digit)}`, `lpt${String(digit)}`]).flat(),
  "desktop.ini",
]);

/** Where the root of the job is, and in what kind of drive; undefined while that is not known. */
export interface NameRules {
  /** "/" or "/Documents". */
  readonly target: string;
  readonly isPersonal: boolean | undefined;
}

/** Why OneDrive would never take a file of this name and size, as a sentence; undefined when it would. */
export function refusalOf(path: SyncPath, sizeBytes: number, { target, isPersonal }: NameRules): string | undefined {
  if (sizeBytes > MAX_FILE_BYTES) {
    return `OneDrive takes files of at most ${String(MAX_FILE_BYTES)} bytes. Split it, or leave it out with --exclude.`;
  }
  return refusalOfPath(path, { target, isPersonal }, "file");
}

/** Why OneDrive would never take a folder of this name, as a sentence; undefined when it would. */
export function refusalOfFolder(path: SyncPath, rules: NameRules): string | undefined {
  return refusalOfPath(path, rules, "folder");
}

function refusalOfPath(path: SyncPath, { target, isPersonal }: NameRules, kind: "file" | "folder"): string | undefined {
  const whole = target === "/" ? path : `${target.slice(1)}/${path}`;
  if (whole.length > MAX_PATH_LENGTH) {
    return `OneDrive takes paths of at most ${String(MAX_PATH_LENGTH)} characters, and this one has ${String(whole.length)}. Shorten it, or leave it out with --exclude.`;
  }
  const reason = refusalOfName(path) ?? refusalOfLibrary(kind === "folder" ? `${whole}/` : whole, isPersonal);
  return reason === undefined ? undefined : `${reason} Rename it, or leave it out with --exclude.`;
}

/** Why OneDrive never takes one of the names in the path, as a sentence. */
function refusalOfName(path: SyncPath): string | undefined {
  for (const name of path.split("/")) {
    const reason = refusedName(name);
    if (reason !== undefined) return reason;
  }
  return undefined;
}

function refusedName(name: string): string | undefined {
  const lower = name.toLowerCase();
  if (NEVER_STORED.has(lower)) return `OneDrive never stores the name ${JSON.stringify(name)}.`;
  if (name.length > MAX_NAME_LENGTH) return `OneDrive takes names of at most ${String(MAX_NAME_LENGTH)} characters.`;
  if (/["*:<>?\\|]/.test(name)) return 'OneDrive takes none of the characters " * : < > ? \\ | in a name.';
  if (/[\0-\x1f\x7f]/.test(name)) return "OneDrive takes no control character in a name.";
  if (/^ | $/.test(name)) return "OneDrive takes no name that begins or ends with a space.";
  if (name.endsWith(".")) return "OneDrive takes no name that ends in a dot.";
  if (name.startsWith("~$")) return 'OneDrive takes no name that begins with "~$".';
  if (lower.includes("_vti_")) return 'OneDrive takes no name with "_vti_" in it.';
  if (/&#\d+;/.test(name)) return 'OneDrive takes no name with an HTML code such as "&#169;" in it.';
  return undefined;
}

/** What only the libraries of companies refuse. Before the kind of drive is known, nothing is refused for it. */
function refusalOfLibrary(whole: string, isPersonal: boolean | undefined): string | undefined {
  if (isPersonal !== false) return undefined;
  const folders = whole.split("/").slice(0, -1);
  if (folders.some((name) => name.startsWith("~"))) return 'SharePoint takes no folder that begins with "~".';
  const isForms = (folders[0] ?? whole).toLowerCase() === "forms";
  return isForms ? 'SharePoint keeps the name "forms" at the top of a library for itself.' : undefined;
}
