import type { RelocationPath } from "./args.js";
import { assertSpace, freePlace } from "./commit.js";
import type { LiveEntry } from "./entries.js";
import { conflict, LookupFailure, nest, RouteError, type WireError, write, WriteFailure } from "./failures.js";
import { isInside, lowerCase, type StorePath, toStorePath } from "./paths.js";
import { countTree } from "./tree.js";
import { assertWritable, findLive, placeFor, type View } from "./view.js";

export type RelocationKind = "copy" | "move";

/** Moves or copies one entry and returns it at its new place. Never overwrites. */
export function relocate(view: View, kind: RelocationKind, paths: RelocationPath, autorename: boolean): LiveEntry {
  const { tree } = view.account;
  const entry = findLive(view, paths.from_path);
  const wanted = placeFor(view, paths.to_path);
  if (kind === "move") assertMovable(view, entry);
  if (countTree(tree, entry) > view.settings.folderOperationEntries) throw fails("too_many_files");
  if (wanted.key === entry.key && kind === "move") return respell(view, entry, { wanted, paths, autorename });
  if (isInside(wanted.key, entry.key) && entry.kind === "folder") {
    throw fails(kind === "move" ? "cant_move_folder_into_itself" : "duplicated_or_nested_paths");
  }
  tree.assertNoFileAbove(wanted);
  const place = freeTarget(view, wanted, autorename);
  if (kind === "move") return tree.move(entry, place);
  assertSpace(view, sizeOf(view, entry));
  return tree.copy(entry, place);
}

/** Entries of a batch whose paths equal or contain those of another entry. */
export function overlappingEntries(view: View, entries: readonly RelocationPath[]): ReadonlySet<number> {
  const keys = entries.flatMap(({ from_path, to_path }, index) => [
    { index, key: keyOf(view, from_path) },
    { index, key: keyOf(view, to_path) },
  ]);
  const overlapping = new Set<number>();
  keys.sort((a, b) => (sortable(a.key) < sortable(b.key) ? -1 : 1));
  for (const [at, { key, index }] of keys.entries()) {
    for (let next = at + 1; next < keys.length; next += 1) {
      const other = keys[next];
      if (other === undefined || (other.key !== key && !isInside(other.key, key))) break;
      if (other.index !== index) overlapping.add(index).add(other.index);
    }
  }
  return overlapping;
}

/** The RelocationError for whatever went wrong. Throws what is not one. */
export function asRelocationError(error: unknown): WireError {
  if (error instanceof RouteError) return error.error;
  if (error instanceof LookupFailure) return nest("from_lookup", error.error);
  if (error instanceof SourceNotWritable) return nest("from_write", error.reason);
  if (!(error instanceof WriteFailure)) throw error;
  return error.error[".tag"] === "insufficient_space" ? { ".tag": "insufficient_quota" } : nest("to", error.error);
}

class SourceNotWritable extends Error {
  constructor(readonly reason: WireError) {
    super(reason[".tag"]);
  }
}

function assertMovable(view: View, entry: LiveEntry): void {
  try {
    assertWritable(view, toStorePath(view.account.tree.trueParts(entry.key)));
    if (isInside(view.root.key, entry.key)) throw write("team_folder");
  } catch (error) {
    throw error instanceof WriteFailure ? new SourceNotWritable(error.error) : error;
  }
}

/** A move onto itself: a change of case, of Unicode form, or of nothing. */
function respell(
  view: View,
  entry: LiveEntry,
  {
    wanted,
    paths,
    autorename,
  }: { readonly wanted: StorePath; readonly paths: RelocationPath; readonly autorename: boolean },
): LiveEntry {
  const isSameForm = paths.from_path.normalize("NFC") === paths.to_path.normalize("NFC");
  if (isSameForm) throw fails("duplicated_or_nested_paths");
  if (!autorename && view.settings.caseRename === "conflict") throw conflict(entry.kind);
  return view.account.tree.respell(entry, wanted);
}

function freeTarget(view: View, wanted: StorePath, autorename: boolean): StorePath {
  const existing = view.account.tree.get(wanted.key);
  if (existing === undefined) return wanted;
  if (!autorename) throw conflict(existing.kind);
  return freePlace(view, wanted, "add");
}

function sizeOf(view: View, entry: LiveEntry): number {
  let bytes = 0;
  for (const inside of [entry, ...view.account.tree.below(entry.key)]) {
    if (inside.kind === "file") bytes += inside.content.sizeBytes;
  }
  return bytes;
}

function keyOf(view: View, raw: string): string {
  if (!raw.startsWith("id:")) return lowerCase(raw);
  return view.account.tree.byId(raw)?.key.slice(view.root.key.length) ?? raw;
}

/** Puts everything below a folder right behind the folder. */
function sortable(key: string): string {
  return `${key}/`.replaceAll("/", "\0");
}

function fails(tag: string): RouteError {
  return new RouteError({ ".tag": tag });
}
