import type { Action } from "../model/action.js";
import { joinPath, toPathKey } from "../model/path.js";
import type { SyncPath } from "../model/path.js";
import type { PlannedStep } from "../state/types.js";
import { respellAction } from "./respell.js";
import type { Respell, Respelling } from "./respell.js";

/**
 * A plan spells everything as it was seen. A folder that is then renamed by case alone takes what is below it along without a
 * change of keys, so the steps that follow are put into its new spelling when their turn comes: under the old one a side that
 * keeps case has nothing any more. Where the rename fails, the spelling stays.
 */
export interface Spelling {
  /** The action has been carried out. */
  note(action: Action): void;
  respell<Step extends PlannedStep>(step: Step): Step;
}

export function createSpelling(foldCase: boolean): Spelling {
  const local = new Map<string, SyncPath>();
  const remote = new Map<string, SyncPath>();
  const respelling: Respelling = { local: createRespell(local), remote: createRespell(remote) };
  return {
    note: (action) => {
      if (action.kind !== "move-local" && action.kind !== "move-remote") return;
      if (action.local.kind !== "folder" || action.from === action.path) return;
      if (toPathKey(action.from, foldCase) !== toPathKey(action.path, foldCase)) return;
      (action.kind === "move-local" ? local : remote).set(action.from, action.path);
    },
    respell: (step) => {
      if (local.size === 0 && remote.size === 0) return step;
      const was = step.was && {
        ...step.was,
        path: respelling.local(step.was.path),
        remotePath: respelling.remote(step.was.remotePath),
      };
      return { ...step, action: respellAction(step.action, respelling), was };
    },
  };
}

/** Component by component: parents are renamed before what is in them, which is known by their new spelling then. */
function createRespell(renamed: ReadonlyMap<string, SyncPath>): Respell {
  return (path) => {
    if (renamed.size === 0) return path;
    let spelt: SyncPath | undefined;
    for (const name of path.split("/")) {
      const next = joinPath(spelt, name);
      spelt = renamed.get(next) ?? next;
    }
    return spelt ?? path;
  };
}
