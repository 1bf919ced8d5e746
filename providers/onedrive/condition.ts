import { ProviderError } from "../../lib/model/errors.js";
import type { RemoteFile } from "../../lib/model/entry.js";
import { nameOf, parentOf, type SyncPath } from "../../lib/model/path.js";
import { sendMany } from "./batch.js";
import type { Connection } from "./connection.js";
import { holdsListed, specialType } from "./entries.js";
import { isNotFound } from "./errors.js";
import { foldPath, itemAddress } from "./paths.js";
import { mayBeRewritten } from "./rewritten.js";
import type { FoundRoot } from "./root.js";
import { driveItem, ITEM_FIELDS, type DriveItem } from "./schemas.js";

/** What a write is conditional on. */
export type Condition =
  /** The listed version itself. */
  | { readonly kind: "listed"; readonly eTag: string }
  /** The item was looked at a moment ago and holds the listed content, under another eTag. */
  | { readonly kind: "looked"; readonly eTag: string }
  /** The service refuses the very eTag that it shows: it was compared here instead. */
  | { readonly kind: "compared" }
  /** The listed version is not there any more. */
  | { readonly kind: "gone" | "changed" }
  /** The look itself was refused: then nothing is written. */
  | { readonly kind: "unknown"; readonly error: ProviderError };

/** A condition that a write can be made under. */
type Writable = Exclude<Condition, { readonly kind: "gone" | "changed" | "unknown" }>;

/** Throws what stands against writing the file. */
export function assertWritable(
  operation: string,
  path: string,
  condition: Condition | undefined,
): asserts condition is Writable | undefined {
  if (condition?.kind === "unknown") throw condition.error;
  if (condition?.kind === "gone" || condition?.kind === "changed") throw changedError(operation, path);
}

export function conditionHeaders(condition: Condition): Readonly<Record<string, string>> {
  return condition.kind === "listed" || condition.kind === "looked" ? { "if-match": condition.eTag } : {};
}

/** Whether the version of the file is its eTag. For a document that the service rewrites, only a look can tell. */
export function needsLook({ path, version }: RemoteFile, { drive }: FoundRoot): boolean {
  return version === undefined || mayBeRewritten(path, drive.isPersonal);
}

/**
 * Looks at files and says under which condition each may be written: in the order given. `isRefused`: a write with the listed eTag
 * was just refused, so that one is not proposed again.
 */
export async function lookAtFiles(
  connection: Connection,
  root: FoundRoot,
  files: readonly RemoteFile[],
  isRefused: boolean,
  signal: AbortSignal,
): Promise<readonly Condition[]> {
  const members = files.map((file) => ({
    operation: "look at",
    subject: file.path,
    method: "GET" as const,
    path: `${itemAddress(root.drive.id, file.id ?? "")}?$select=${ITEM_FIELDS}`,
    answer: driveItem,
    repeatable: true,
  }));
  const outcomes = await sendMany(connection, members, signal);
  return files.map((file, at): Condition => {
    const outcome = outcomes[at];
    if (outcome === undefined) return { kind: "changed" };
    if (outcome.ok) return toCondition(connection, root, { file, item: outcome.value, isRefused });
    if (isNotFound(outcome.error)) return { kind: "gone" };
    return { kind: "unknown", error: outcome.error };
  });
}

function toCondition(
  connection: Connection,
  root: FoundRoot,
  look: { readonly file: RemoteFile; readonly item: DriveItem; readonly isRefused: boolean },
): Condition {
  const { file, item, isRefused } = look;
  if (!holdsListed(item, file, root.drive) || !isInPlace(connection, root, item, file.path)) return { kind: "changed" };
  if (item.eTag === undefined || (isRefused && item.eTag === file.version)) return { kind: "compared" };
  return { kind: "looked", eTag: item.eTag };
}

/** A file that somebody moved away is not to be overwritten or deleted where it is now. */
function isInPlace({ known }: Connection, root: FoundRoot, item: DriveItem, path: SyncPath): boolean {
  if (specialType(item) !== undefined || item.name === undefined) return false;
  if (foldPath(item.name) !== foldPath(nameOf(path))) return false;
  const parentId = item.parentReference?.id;
  const parent = parentOf(path);
  if (parentId === undefined || parentId === root.id) return parentId === undefined || parent === undefined;
  const place = known.find(parentId);
  // A folder that was made in this run is not known by id yet; its name was compared, which has to do.
  return place === undefined || (parent !== undefined && foldPath(place.path) === foldPath(parent));
}

export function changedError(operation: string, path: string): ProviderError {
  return new ProviderError("changed", `${operation} ${path}: it was changed on OneDrive since it was listed`);
}
