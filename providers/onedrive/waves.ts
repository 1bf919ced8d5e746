import type { RemoteMove } from "../provider.js";
import { foldPath } from "./paths.js";

/** Moves that touch each other, as in a chain of renames, go one after the other; all that do not share a wave. */
export function toWaves(moves: readonly RemoteMove[]): readonly (readonly RemoteMove[])[] {
  const waves: RemoteMove[][] = [];
  let taken = new Set<string>();
  let above = new Set<string>();
  for (const move of moves) {
    const paths = [move.entry.path, move.to].map(foldPath);
    const touches = paths.some((path) => {
      return taken.has(path) || above.has(path) || parentsOf(path).some((parent) => taken.has(parent));
    });
    const wave = touches ? undefined : waves.at(-1);
    if (wave === undefined) {
      waves.push([move]);
      [taken, above] = [new Set(), new Set()];
    } else wave.push(move);
    for (const path of paths) {
      taken.add(path);
      for (const parent of parentsOf(path)) above.add(parent);
    }
  }
  return waves;
}

function parentsOf(path: string): readonly string[] {
  const parts = path.split("/");
  return parts.slice(1).map((_, at) => parts.slice(0, at + 1).join("/"));
}
