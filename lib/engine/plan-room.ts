import type { Action } from "../model/action.js";
import type { LocalFile, RemoteFile } from "../model/entry.js";
import { sourceOf } from "./decide.js";
import type { FilePlan, PlanOptions, Presence } from "./plan.js";
import { fileSidesOf } from "./resolve.js";
import { STAGE } from "./stages.js";
import type { Triple } from "./triple.js";

type NameConflict = Extract<Action, { readonly kind: "conflict"; readonly about: "name" }>;

interface Place {
  readonly triple: Triple;
  readonly file: FilePlan;
  /** Where the folder of the same name will be. */
  readonly folder: Presence;
}

/**
 * A file and a folder cannot both have one name. Where both would survive, the folder keeps it: in `two-way` the file goes on
 * under a conflict name on both sides; in the one-way modes what the source has takes the place on the target.
 */
export function resolveNameConflict(place: Place, options: PlanOptions): FilePlan {
  const fileSurvives = place.file.after.local || place.file.after.remote;
  const folderSurvives = place.folder.local || place.folder.remote;
  if (!fileSurvives || !folderSurvives) return place.file;
  // An outbox only ever adds: what is there already stays, and what would be sent into its place waits here.
  if (options.mode === "outbox") return blocked(place.file);
  const source = sourceOf(options.mode);
  if (source === undefined) return moveAside(place);
  return source === "local" ? makeRoomRemotely(place, options) : makeRoomLocally(place);
}

function moveAside({ triple, file }: Place): FilePlan {
  const { local, remote } = fileSidesOf(triple);
  const mover = toMover(local, remote);
  if (mover === undefined) return file;
  const path = local === undefined ? triple.remotePath : triple.localPath;
  const action: Action = {
    kind: "conflict",
    about: "name",
    path,
    reason: triple.base === undefined ? "both-new" : "both-modified",
    file: mover,
    copy: path,
  };
  return { after: { local: true, remote: true }, steps: [{ stage: STAGE.aside, action }], isUnchanged: false };
}

function toMover(local: LocalFile | undefined, remote: RemoteFile | undefined): NameConflict["file"] | undefined {
  if (local !== undefined) return { side: "local", entry: local };
  return remote === undefined ? undefined : { side: "remote", entry: remote };
}

/** The source is local: its folder replaces a file there; its file cannot replace a folder whose content is kept. */
function makeRoomRemotely({ triple, file }: Place, options: PlanOptions): FilePlan {
  const { remote } = fileSidesOf(triple);
  if (remote === undefined || triple.local?.kind !== "folder" || !options.canDelete) return blocked(file);
  const action: Action = { kind: "delete-remote", path: remote.path, reason: "replaced", remote };
  return { after: { local: false, remote: false }, steps: [{ stage: STAGE.roomFiles, action }], isUnchanged: false };
}

function makeRoomLocally({ triple, file }: Place): FilePlan {
  const { local } = fileSidesOf(triple);
  if (local === undefined || triple.remote?.kind !== "folder") return blocked(file);
  const action: Action = { kind: "delete-local", path: local.path, reason: "replaced", local, proof: "mode" };
  return { after: { local: false, remote: false }, steps: [{ stage: STAGE.roomFiles, action }], isUnchanged: false };
}

/** The transfer cannot succeed: it is reported with its path instead of tried or passed over. */
function blocked(file: FilePlan): FilePlan {
  const steps = file.steps.map(({ stage, action }) => ({
    stage: stage === STAGE.transfers ? STAGE.refused : stage,
    action,
  }));
  return { ...file, steps };
}
