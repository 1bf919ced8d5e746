import type { Action } from "../../../lib/model/action.js";
import type { Tree } from "./worlds.js";

export interface Sides {
  readonly local: Tree;
  readonly remote: Tree;
}

type MutableTree = Record<string, string>;

/** What both trees would be after the plan, as a person would carry it out with two file managers. */
export function applyPlan(sides: Sides, actions: readonly Action[]): Sides {
  const local: MutableTree = { ...sides.local };
  const remote: MutableTree = { ...sides.remote };
  for (const action of actions) applyAction(action, local, remote, sides);
  return { local: withFolders(local), remote: withFolders(remote) };
}

function applyAction(action: Action, local: MutableTree, remote: MutableTree, before: Sides): void {
  switch (action.kind) {
    case "upload":
      put(remote, action.path, before.local[action.local.path] ?? "");
      if (action.thenArchive) drop(local, action.local.path);
      return;
    case "download":
      put(local, action.path, before.remote[action.remote.path] ?? "");
      return;
    case "delete-remote":
      drop(remote, action.path);
      return;
    case "delete-local":
      drop(local, action.path);
      return;
    case "create-folder-remote":
      remote[`${action.path}/`] = "";
      return;
    case "create-folder-local":
      local[`${action.path}/`] = "";
      return;
    case "conflict": {
      const copy = `${action.path}~`;
      const content = action.about === "content" || action.file.side === "local" ? before.local : before.remote;
      const from = action.about === "content" ? action.local.path : action.file.entry.path;
      if (action.about === "name") drop(action.file.side === "local" ? local : remote, from);
      put(local, copy, content[from] ?? "");
      put(remote, copy, content[from] ?? "");
      if (action.about === "content") put(local, action.path, before.remote[action.remote.path] ?? "");
      return;
    }
    case "move-local":
    case "move-remote":
      throw new Error("moves are paired later than these plans are made");
    case "record":
    case "forget":
      return;
  }
}

/** A file cannot lie where a folder is, nor below a file: a plan that wants it is wrong. */
function put(tree: MutableTree, path: string, content: string): void {
  if (Object.keys(tree).some((other) => other === `${path}/` || other.startsWith(`${path}/`))) {
    throw new Error(`a folder is in the way of ${path}`);
  }
  const parts = path.split("/");
  for (let i = 1; i < parts.length; i++) {
    if (tree[parts.slice(0, i).join("/")] !== undefined) throw new Error(`a file is in the way of ${path}`);
  }
  tree[path] = content;
}

function drop(tree: MutableTree, path: string): void {
  const below = Object.keys(tree).filter((other) => other.startsWith(`${path}/`) && other !== `${path}/`);
  if (below.length > 0) throw new Error(`${path} is not empty: ${below.join(", ")}`);
  delete tree[path];
  delete tree[`${path}/`];
}

/** Every folder named, so that trees compare. */
export function withFolders(tree: Tree): Tree {
  const full: MutableTree = {};
  for (const [path, content] of Object.entries(tree)) {
    const parts = path.split("/");
    for (let i = 1; i < parts.length; i++) full[`${parts.slice(0, i).join("/")}/`] = "";
    full[path] = content;
  }
  return Object.fromEntries(Object.entries(full).sort(([a], [b]) => (a < b ? -1 : 1)));
}
