import { isKeyBelow } from "../model/path.js";
import type { Action } from "../model/action.js";
import type { BaseFile } from "../model/entry.js";
import type { PathKey } from "../model/path.js";
import type { ConflictRule, Mode } from "../model/mode.js";
import { planFile } from "./plan-file.js";
import { planFolder } from "./plan-folder.js";
import { resolveNameConflict } from "./plan-room.js";
import { fileSidesOf } from "./resolve.js";
import type { Resolved } from "./resolve.js";
import type { Stage } from "./stages.js";
import type { Triple } from "./triple.js";

/*
 * The plan, path by path. The three sides arrive joined and in tree order: a folder, then at once everything below it.
 * Files are decided as they come. A folder is decided when the last path below it has gone by, for only then is it
 * known whether anything in it survives; until then it waits on a stack as deep as the tree, which is all the memory
 * this takes. What is decided goes to `add`, sorted into stages that are carried out in order.
 */

export interface PlanOptions {
  readonly mode: Mode;
  readonly conflictRule: ConflictRule;
  readonly canMove: boolean;
  readonly canDelete: boolean;
  /** See `Capabilities.canDownload`. */
  readonly canDownload: boolean;
  /** Whether versions that this job does not know may be overwritten: nothing is lost by it, or the user wants it so. */
  readonly canOverwrite: boolean;
  /** See `Capabilities.hasFolders`. */
  readonly hasFolders: boolean;
  /** Whether folders that hold nothing synchronised are synchronised themselves; not where only some files are wanted. */
  readonly emptyFolders: boolean;
  /** Why the remote side would never take a file; undefined when it would. */
  readonly refusal: (path: Triple["remotePath"], sizeBytes: number) => string | undefined;
}

/** Takes in one planned action. */
export type AddStep = (stage: Stage, key: PathKey, action: Action, was: BaseFile | undefined) => void;

/** Which sides will hold something at a path once the plan is done. */
export interface Presence {
  readonly local: boolean;
  readonly remote: boolean;
}

/** What is planned for the file of a key. */
export interface FilePlan {
  readonly after: Presence;
  readonly steps: readonly { readonly stage: Stage; readonly action: Action }[];
  readonly isUnchanged: boolean;
}

export interface PlanCounts {
  /** Files that need nothing. */
  unchanged: number;
}

/** A path whose descendants are still coming. */
interface OpenFolder {
  readonly resolved: Resolved;
  /** A file and a folder change places here or above: what goes from below it, goes first. */
  readonly makesRoom: boolean;
  readonly file: FilePlan;
  /** What survives below it. */
  below: { local: boolean; remote: boolean };
}

/** Plans everything; returns what was counted on the way. */
export async function planPaths(
  windows: AsyncIterable<readonly Resolved[]>,
  options: PlanOptions,
  add: AddStep,
): Promise<PlanCounts> {
  const stack: OpenFolder[] = [];
  const counts: PlanCounts = { unchanged: 0 };
  for await (const window of windows) {
    for (const resolved of window) {
      closeUntil(stack, resolved.triple.key, options, add);
      const makesRoom = stack.at(-1)?.makesRoom === true || isTypeChange(resolved.triple);
      const file = planFile(resolved, options, { makesRoom });
      if (file.isUnchanged) counts.unchanged += 1;
      stack.push({ resolved, makesRoom, file, below: { local: false, remote: false } });
    }
  }
  closeUntil(stack, undefined, options, add);
  return counts;
}

/** Decides the folders that `next` is not below; undefined closes them all. */
function closeUntil(stack: OpenFolder[], next: PathKey | undefined, options: PlanOptions, add: AddStep): void {
  for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
    if (next !== undefined && isKeyBelow(next, top.resolved.triple.key)) return;
    stack.pop();
    const after = closePath(top, options, add);
    const parent = stack.at(-1);
    if (parent === undefined) continue;
    parent.below.local ||= after.local;
    parent.below.remote ||= after.remote;
  }
}

/** Emits what is planned for one path and tells on which sides something will be there. */
function closePath(open: OpenFolder, options: PlanOptions, add: AddStep): Presence {
  const { triple, unreadable } = open.resolved;
  const folder = planFolder(triple, { below: open.below, isUnknown: unreadable, makesRoom: open.makesRoom }, options);
  const file = resolveNameConflict({ triple, file: open.file, folder: folder.after }, options);
  const steps = [...file.steps, ...folder.steps];
  for (const { stage, action } of steps) {
    // Every other step settles the base row itself.
    if (action.kind !== "forget" || steps.length === 1) add(stage, triple.key, action, fileSidesOf(triple).base);
  }
  return { local: file.after.local || folder.after.local, remote: file.after.remote || folder.after.remote };
}

function isTypeChange({ local, remote }: Triple): boolean {
  return local !== undefined && remote !== undefined && local.kind !== remote.kind;
}

export const NOTHING_THERE: FilePlan = { after: { local: false, remote: false }, steps: [], isUnchanged: false };
