import type { SyncPath } from "../../lib/model/path.js";
import type { Memory } from "../memory.js";

/**
 * Notebooks, shortcuts and blocked files by their ids. The mirror knows such entries by their paths alone, and a tombstone names an
 * id alone: so it is remembered which ids they have. There are few of them.
 */
export interface Specials {
  /** False when it was seen at another path before. */
  note(id: string, path: SyncPath): boolean;
  has(id: string): boolean;
  forget(id: string): void;
  clear(): void;
}

const PREFIX = "special:";

export function createSpecials(memory: Memory): Specials {
  const paths = new Map(memory.entries(PREFIX).map(([name, path]) => [name.slice(PREFIX.length), path]));

  function forget(id: string): void {
    if (!paths.delete(id)) return;
    memory.set(PREFIX + id, undefined);
  }

  return {
    note: (id, path) => {
      const before = paths.get(id);
      if (before === path) return true;
      paths.set(id, path);
      memory.set(PREFIX + id, path);
      return before === undefined;
    },
    has: (id) => paths.has(id),
    forget,
    clear: () => {
      for (const id of [...paths.keys()]) forget(id);
    },
  };
}
