import path from "node:path";
import { UsageError } from "../model/errors.js";
import type { World } from "./world.js";

type Place = Pick<World, "cwd" | "homedir">;

/**
 * An absolute path without "." and "..". A leading "~" is the home directory, as in a shell, because no shell has looked at
 * what an env file says; other relative paths start at the working directory.
 */
export function resolvePath(text: string, place: Place): string {
  if (text.includes("\0")) throw new UsageError("a path cannot hold a NUL character");
  if (text !== "~" && !text.startsWith("~/")) return path.resolve(place.cwd, text);
  if (place.homedir === undefined) throw new UsageError(`"~" means the home directory, and HOME is not set`);
  return path.join(place.homedir, text.slice(1));
}

/** Where state lives unless the user says otherwise: beside that of the user's other programs. */
export function defaultStateDirectory(world: Pick<World, "env" | "homedir" | "platform">): string {
  const chosen = world.env["XDG_STATE_HOME"];
  if (chosen !== undefined && path.isAbsolute(chosen)) return path.join(chosen, "trisync");
  if (world.homedir === undefined) {
    throw new UsageError(
      "no place for the state: looked at --state, TRISYNC_STATE, XDG_STATE_HOME and HOME, and none is set; give --state DIR",
    );
  }
  if (world.platform === "darwin") return path.join(world.homedir, "Library", "Application Support", "trisync");
  return path.join(world.homedir, ".local", "state", "trisync");
}
