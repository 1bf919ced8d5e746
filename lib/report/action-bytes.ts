import type { Action } from "../model/action.js";

/** Content that the action would send over the wire, as far as sizes are known. */
export function bytesOf(action: Action): number {
  switch (action.kind) {
    case "upload":
      return action.stored === undefined ? action.local.sizeBytes : 0;
    case "download":
      return action.remote.sizeBytes ?? 0;
    case "conflict":
      return action.about === "content" ? conflictBytes(action) : 0;
    case "delete-remote":
    case "delete-local":
    case "move-remote":
    case "move-local":
    case "create-folder-remote":
    case "create-folder-local":
    case "record":
    case "forget":
      return 0;
  }
}

function conflictBytes({ winner, local, remote }: Extract<Action, { about: "content" }>): number {
  if (winner === "local") return local.sizeBytes;
  const fetchedBytes = remote.sizeBytes ?? 0;
  return winner === "remote" ? fetchedBytes : local.sizeBytes + fetchedBytes;
}
