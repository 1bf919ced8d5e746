import { sep } from "node:path";
import type { Problem } from "../model/entry.js";
import type { LocalError, UsageError } from "../model/errors.js";
import { toSyncPath } from "../model/path.js";
import { describe } from "./describe.js";
import { explain, isSystemError } from "./errors.js";
import type { FolderContext } from "./folder-context.js";
import { identify } from "./identify.js";
import { rootProblem, unreadable } from "./scan-problems.js";
import type { PathFilter, ScanItem } from "./types.js";
import { walk } from "./walk.js";

/**
 * Everything below the root, each entry looked at when it is handed out. The root itself is looked at before and after:
 * a disk that is unplugged in between empties the walk without an error, and must not pass for an empty folder.
 */
export async function* scan(context: FolderContext, filter: PathFilter, signal: AbortSignal): AsyncGenerator<ScanItem> {
  signal.throwIfAborted();
  const before = await identifyRoot(context);
  if (typeof before !== "string") {
    yield problem(before);
    return;
  }
  for await (const batch of walk(context, filter, signal)) {
    for (const found of batch) {
      const item = found.kind === "problem" ? found : lookAt(context, found.name);
      if (item !== undefined) yield item;
    }
    signal.throwIfAborted();
  }
  signal.throwIfAborted();
  const after = await identifyRoot(context);
  if (after !== before) yield problem(typeof after === "string" ? rootProblem(context.root, "it was replaced") : after);
}

function problem(of: Problem): ScanItem {
  return { kind: "problem", problem: of };
}

async function identifyRoot(context: FolderContext): Promise<string | Problem> {
  try {
    return await identify(context);
  } catch (error) {
    if (!isAnswer(error)) throw error;
    return rootProblem(context.root, error.message);
  }
}

function isAnswer(error: unknown): error is UsageError | LocalError {
  return error instanceof Error && (error.name === "UsageError" || error.name === "LocalError");
}

/** Undefined for an entry that is gone since its folder was listed. */
function lookAt({ root, files, now }: FolderContext, name: string): ScanItem | undefined {
  const path = toSyncPath(name);
  try {
    // `join` would look at every character of the path once more, and the name is clean.
    const stats = files.lstatSync(root.endsWith(sep) ? root + name : root + sep + name);
    if (stats === undefined) return undefined;
    return { kind: "entry", entry: describe(path, { stats, nowMs: now(), touched: "by anyone" }) };
  } catch (error) {
    if (!isSystemError(error)) throw error;
    // A folder on the way was replaced by a file: that one is an entry of its own.
    if (error.code === "ENOTDIR") return undefined;
    return problem(unreadable(path, explain(error.code).words));
  }
}
