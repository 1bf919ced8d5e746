import type { CommitInfo } from "./args.js";
import type { Content } from "./content.js";
import type { FileEntry, LiveEntry } from "./entries.js";
import { conflict, write, type WriteFailure } from "./failures.js";
import { nameOf, siblingOf, type StorePath } from "./paths.js";
import { placeFor, type View } from "./view.js";

/**
 * Writes a file as CommitInfo asks and returns what is then at the path. Rejects with a WriteFailure.
 * Identical content is a success that writes nothing: rev and client_modified stay.
 */
export function commitFile(view: View, commit: CommitInfo, content: Content): FileEntry {
  const path = placeFor(view, commit.path);
  const { tree } = view.account;
  tree.assertNoFileAbove(path);
  const existing = tree.get(path.key);
  if (existing?.kind === "file" && isIdentical(existing, content) && !commit.strict_conflict) return existing;
  const hindrance = conflictOf(view, path, commit, existing, content);
  if (hindrance === undefined) return put(view, path, commit, content);
  if (!commit.autorename) throw hindrance;
  return put(view, freePlace(view, path, commit.mode.kind), commit, content);
}

/** "name (2).ext", counted up until the name is free; for updates "name (conflicted copy).ext". */
export function freePlace(view: View, path: StorePath, mode: "add" | "overwrite" | "update"): StorePath {
  const name = nameOf(path);
  const dot = name.lastIndexOf(".");
  const [stem, extension] = dot > 0 ? [name.slice(0, dot), name.slice(dot)] : [name, ""];
  for (let count = 1; ; count += 1) {
    const number = mode === "update" ? (count === 1 ? "" : ` ${String(count)}`) : String(count + 1);
    const mark = mode === "update" ? `conflicted copy${number}` : number;
    const place = siblingOf(path, `${stem} (${mark})${extension}`);
    if (view.account.tree.get(place.key) === undefined) return place;
  }
}

export function assertSpace(view: View, bytes: number): void {
  if (view.account.tree.usedBytes + bytes > view.settings.quotaBytes) throw write("insufficient_space");
}

function conflictOf(
  view: View,
  path: StorePath,
  { mode, strict_conflict }: CommitInfo,
  existing: LiveEntry | undefined,
  content: Content,
): WriteFailure | undefined {
  if (existing === undefined) {
    const wasDeleted = view.account.tree.lastKnown(path.key)?.kind === "deleted";
    return mode.kind === "update" && strict_conflict && wasDeleted ? conflict("file") : undefined;
  }
  if (existing.kind === "folder") return conflict("folder");
  // Only strict_conflict gets here with identical content, and the specification makes that a conflict in every mode.
  if (isIdentical(existing, content)) return conflict("file");
  if (mode.kind === "add") return conflict("file");
  return mode.kind === "overwrite" || mode.rev === existing.rev ? undefined : conflict("file");
}

function put(view: View, path: StorePath, commit: CommitInfo, content: Content): FileEntry {
  const before = view.account.tree.get(path.key);
  assertSpace(view, content.sizeBytes - (before?.kind === "file" ? before.content.sizeBytes : 0));
  return view.account.tree.putFile(path, { content, clientModifiedMs: commit.client_modified ?? undefined });
}

function isIdentical(existing: FileEntry, content: Content): boolean {
  return existing.content.sizeBytes === content.sizeBytes && existing.content.hash === content.hash;
}
