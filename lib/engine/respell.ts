import type { Action } from "../model/action.js";
import type { SyncPath } from "../model/path.js";

export type Respell = (path: SyncPath) => SyncPath;

/** How the paths of either side read now. */
export interface Respelling {
  readonly local: Respell;
  readonly remote: Respell;
}

/** The same action, with every path of either side as that side spells it. */
export function respellAction(action: Action, { local, remote }: Respelling): Action {
  switch (action.kind) {
    case "upload": {
      const { sameAs } = action;
      return {
        ...action,
        path: remote(action.path),
        local: at(action.local, local),
        replaces: action.replaces && at(action.replaces, remote),
        stored: action.stored && at(action.stored, remote),
        ...(sameAs === undefined ? {} : { sameAs: at(sameAs, remote) }),
      };
    }
    case "download": {
      const replaces = action.replaces && at(action.replaces, local);
      return { ...action, path: local(action.path), remote: at(action.remote, remote), replaces };
    }
    case "move-remote":
      return { ...action, path: remote(action.path), from: remote(action.from), ...both(action, { local, remote }) };
    case "move-local":
      return { ...action, path: local(action.path), from: local(action.from), ...both(action, { local, remote }) };
    case "delete-remote":
      return { ...action, path: remote(action.path), remote: at(action.remote, remote) };
    case "delete-local":
      return { ...action, path: local(action.path), local: at(action.local, local) };
    case "create-folder-remote":
      return { ...action, path: remote(action.path), local: at(action.local, local) };
    case "create-folder-local":
      return { ...action, path: local(action.path), remote: at(action.remote, remote) };
    case "record":
      return { ...action, path: local(action.path), ...both(action, { local, remote }) };
    case "forget":
      return { ...action, path: local(action.path) };
    case "conflict":
      return action.about === "name"
        ? respellNameConflict(action, { local, remote })
        : {
            ...action,
            path: local(action.path),
            copy: local(action.copy),
            ...both(action, { local, remote }),
          };
  }
}

type NameConflict = Extract<Action, { readonly kind: "conflict"; readonly about: "name" }>;

/** The file moves aside on its own side first, so its names are those of that side. */
function respellNameConflict(action: NameConflict, { local, remote }: Respelling): NameConflict {
  const { file } = action;
  const own = file.side === "local" ? local : remote;
  const moved =
    file.side === "local"
      ? { side: file.side, entry: at(file.entry, local) }
      : { side: file.side, entry: at(file.entry, remote) };
  return { ...action, path: own(action.path), copy: own(action.copy), file: moved };
}

function both<L extends { readonly path: SyncPath }, R extends { readonly path: SyncPath }>(
  entries: { readonly local: L; readonly remote: R },
  { local, remote }: Respelling,
): { readonly local: L; readonly remote: R } {
  return { local: at(entries.local, local), remote: at(entries.remote, remote) };
}

function at<T extends { readonly path: SyncPath }>(entry: T, respell: Respell): T {
  return { ...entry, path: respell(entry.path) };
}
