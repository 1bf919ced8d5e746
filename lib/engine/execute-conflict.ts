import type { Action } from "../model/action.js";
import type { LocalFile, RemoteFile } from "../model/entry.js";
import { toPathKey } from "../model/path.js";
import type { SyncPath } from "../model/path.js";
import type { PartialFile } from "../local/types.js";
import type { PlannedStep, Settlement } from "../state/types.js";
import type { Execution } from "./execute-context.js";
import { fetchInto, holdsSame, placeReceived, receiveWhole, withHash } from "./execute-download.js";
import { onlyAttempt } from "./execute-attempt.js";
import type { Done } from "./execute-record.js";
import { toUpload, uploadOne } from "./execute-upload.js";
import { agreeOnFile, forgetKey } from "./settle.js";

export type ConflictAction = Extract<Action, { readonly kind: "conflict" }>;
type ContentConflict = Extract<ConflictAction, { readonly about: "content" }>;
type NameConflict = Extract<ConflictAction, { readonly about: "name" }>;
export type ConflictStep = PlannedStep & { readonly action: ConflictAction };

/** Carries out a conflict's resolution. Every version is stored a second time before its first place is given up. */
export async function resolveConflict(execution: Execution, step: ConflictStep): Promise<Done> {
  const { action } = step;
  if (action.about === "name") return moveAside(execution, action);
  if (action.winner === "local") return overwriteRemote(execution, { ...step, action });
  return takeRemoteVersion(execution, { ...step, action });
}

type ContentConflictStep = ConflictStep & { readonly action: ContentConflict };

/**
 * The remote version is fetched first: hashes may be missing or prove nothing, and only the bytes themselves tell whether there is a
 * conflict at all.
 */
async function takeRemoteVersion(execution: Execution, step: ContentConflictStep): Promise<Done> {
  const { action, key, was } = step;
  const target = { remote: action.remote, path: action.path, replaces: action.local };
  const received = await receiveWhole(execution, target);
  try {
    if (await holdsSame(execution, received, action.local)) return await recordAsSame(step, received);
    if (action.winner === "both" && !action.copyExists) await keepLocalVersion(execution, action);
  } catch (error) {
    await received.discard();
    throw error;
  }
  const { local, hash } = await placeReceived(execution, target, received);
  const settlement = agreeOnFile(key, { local, remote: withHash(action.remote, hash), hash, placed: "local", was });
  return { action, status: "done", bytes: local.sizeBytes, settlements: [settlement] };
}

async function recordAsSame({ action, key, was }: ContentConflictStep, received: PartialFile): Promise<Done> {
  const { path, local } = action;
  const hash = received.hash();
  const remote = withHash(action.remote, hash);
  await received.discard();
  const settlement = agreeOnFile(key, { local, remote, hash, placed: was?.placed ?? "neither", was: undefined });
  const record = { kind: "record", path, reason: "same-content", local, remote, hash, from: undefined } as const;
  return { action: record, status: "done", settlements: [settlement] };
}

/** The local version goes on under another name, on both sides, and is settled before the path itself is touched. */
async function keepLocalVersion(execution: Execution, action: ContentConflict): Promise<void> {
  const copy = await execution.folder.copyTo(action.local, action.copy);
  const settlement = await sendCopy(execution, copy);
  execution.state.settle([settlement]);
}

async function overwriteRemote(execution: Execution, { action, ...step }: ContentConflictStep): Promise<Done> {
  const upload = { kind: "upload", path: action.remote.path, reason: action.reason, local: action.local } as const;
  const rest = { replaces: action.remote, stored: undefined, thenArchive: false };
  const done = await uploadOne(execution, { ...step, action: { ...upload, ...rest } });
  return { ...done, action };
}

/** A file gives its name to a folder: renamed on its own side, then brought to the other. */
async function moveAside(execution: Execution, action: NameConflict): Promise<Done> {
  const settlements =
    action.file.side === "local"
      ? await asideLocally(execution, action.file.entry, action.copy)
      : await asideRemotely(execution, action.file.entry, action.copy);
  return { action, status: "done", bytes: action.file.entry.sizeBytes ?? 0, settlements };
}

async function asideLocally(execution: Execution, file: LocalFile, copy: SyncPath): Promise<Settlement[]> {
  const moved = await execution.folder.move(file, copy);
  return moved.kind === "file" ? [await sendCopy(execution, moved)] : [];
}

async function asideRemotely(execution: Execution, file: RemoteFile, copy: SyncPath): Promise<Settlement[]> {
  const { provider, signal, foldCase } = execution;
  const { canMove, canDelete } = provider.capabilities;
  if (!canMove && canDelete) return asideByCopying(execution, file, copy);
  const moved = onlyAttempt(await provider.move([{ entry: file, to: copy }], signal));
  if (moved.kind !== "file") return [];
  const { local, hash } = await fetchInto(execution, { remote: moved, path: copy, replaces: undefined });
  const remote = { ...moved, hash: moved.hash ?? hash };
  const left = forgetKey(toPathKey(file.path, foldCase), true);
  return [left, agreeOnFile(toPathKey(copy, foldCase), { local, remote, hash, placed: "local", was: undefined })];
}

/** Where nothing can be renamed, the file comes here under its new name, goes back under it, and only then leaves the old one. */
async function asideByCopying(execution: Execution, file: RemoteFile, copy: SyncPath): Promise<Settlement[]> {
  const { provider, signal, foldCase } = execution;
  const { local } = await fetchInto(execution, { remote: file, path: copy, replaces: undefined });
  const kept = await sendCopy(execution, local);
  onlyAttempt(await provider.delete([file], signal));
  return [kept, forgetKey(toPathKey(file.path, foldCase), true)];
}

async function sendCopy(execution: Execution, copy: LocalFile): Promise<Settlement> {
  const content = await execution.folder.content(copy);
  try {
    const action = { kind: "upload", path: copy.path, reason: "both-modified", local: copy } as const;
    const upload = toUpload({ ...action, replaces: undefined, stored: undefined, thenArchive: false }, content);
    const { entry, sentHash } = await execution.provider.upload(upload, execution.signal);
    const key = toPathKey(copy.path, execution.foldCase);
    return agreeOnFile(key, { local: copy, remote: entry, hash: sentHash, placed: "remote", was: undefined });
  } finally {
    await content.close();
  }
}
