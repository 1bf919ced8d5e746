import type { Mode } from "../model/mode.js";

/** What became of a file on one side since the base was written. */
export type SinceBase = "unchanged" | "modified" | "deleted";

/** What to do with one path. "leave": the sides differ and the mode wants it so; "compare": look at the contents first. */
export type Decision =
  "keep" | "leave" | "upload" | "download" | "delete-remote" | "delete-local" | "conflict" | "compare" | "forget";

type Table = Record<SinceBase, Record<SinceBase, Decision>>;

/** Rows: what happened locally. Columns: what happened remotely. */
const TWO_WAY: Table = {
  unchanged: { unchanged: "keep", modified: "download", deleted: "delete-local" },
  modified: { unchanged: "upload", modified: "compare", deleted: "upload" },
  deleted: { unchanged: "delete-remote", modified: "download", deleted: "forget" },
};

const BACKUP: Table = {
  unchanged: { unchanged: "keep", modified: "leave", deleted: "upload" },
  modified: { unchanged: "upload", modified: "compare", deleted: "upload" },
  deleted: { unchanged: "leave", modified: "leave", deleted: "forget" },
};

const MIRROR: Table = {
  unchanged: { unchanged: "keep", modified: "upload", deleted: "upload" },
  modified: { unchanged: "upload", modified: "compare", deleted: "upload" },
  deleted: { unchanged: "delete-remote", modified: "delete-remote", deleted: "forget" },
};

/** Everything that is there goes up and then to the archive; what is gone from here has been archived. */
const OUTBOX: Table = {
  unchanged: { unchanged: "compare", modified: "compare", deleted: "upload" },
  modified: { unchanged: "compare", modified: "compare", deleted: "upload" },
  deleted: { unchanged: "forget", modified: "forget", deleted: "forget" },
};

/** What a decision is called when the sides are exchanged. */
const SWAPPED: Record<Decision, Decision> = {
  keep: "keep",
  leave: "leave",
  upload: "download",
  download: "upload",
  "delete-remote": "delete-local",
  "delete-local": "delete-remote",
  conflict: "conflict",
  compare: "compare",
  forget: "forget",
};

const SINCE_BASE: Record<Mode, Table> = {
  "two-way": TWO_WAY,
  backup: BACKUP,
  mirror: MIRROR,
  fetch: swapSides(BACKUP),
  "mirror-down": swapSides(MIRROR),
  outbox: OUTBOX,
};

interface FirstSight {
  readonly onlyLocal: Decision;
  readonly onlyRemote: Decision;
}

const FIRST_SIGHT: Record<Mode, FirstSight> = {
  "two-way": { onlyLocal: "upload", onlyRemote: "download" },
  backup: { onlyLocal: "upload", onlyRemote: "leave" },
  mirror: { onlyLocal: "upload", onlyRemote: "delete-remote" },
  fetch: { onlyLocal: "leave", onlyRemote: "download" },
  "mirror-down": { onlyLocal: "delete-local", onlyRemote: "download" },
  outbox: { onlyLocal: "upload", onlyRemote: "leave" },
};

/** What follows when the comparison says that the contents differ, or cannot tell. */
const DIFFERENT: Record<Mode, Decision> = {
  "two-way": "conflict",
  backup: "upload",
  mirror: "upload",
  fetch: "download",
  "mirror-down": "download",
  outbox: "conflict",
};

/** For a path that the base knows. */
export function decideSinceBase(mode: Mode, local: SinceBase, remote: SinceBase): Decision {
  return SINCE_BASE[mode][local][remote];
}

/** For a path that the base does not know, and which at least one side holds. */
export function decideFirstSight(mode: Mode, present: { local: boolean; remote: boolean }): Decision {
  if (present.local && present.remote) return "compare";
  return present.local ? FIRST_SIGHT[mode].onlyLocal : FIRST_SIGHT[mode].onlyRemote;
}

export function decideDifferent(mode: Mode): Decision {
  return DIFFERENT[mode];
}

/** Which side's renames the other side follows. */
export function followsMovesOf(mode: Mode): { readonly local: boolean; readonly remote: boolean } {
  return { local: mode === "two-way" || mode === "mirror", remote: mode === "two-way" || mode === "mirror-down" };
}

/** Which side the mode never touches the content of; undefined for `two-way`. */
export function sourceOf(mode: Mode): "local" | "remote" | undefined {
  if (mode === "two-way") return undefined;
  return mode === "fetch" || mode === "mirror-down" ? "remote" : "local";
}

/** The same table seen from the other side: `fetch` is `backup` with the sides exchanged. */
function swapSides(table: Table): Table {
  const row = (local: SinceBase): Record<SinceBase, Decision> => {
    const cell = (remote: SinceBase): Decision => SWAPPED[table[remote][local]];
    return { unchanged: cell("unchanged"), modified: cell("modified"), deleted: cell("deleted") };
  };
  return { unchanged: row("unchanged"), modified: row("modified"), deleted: row("deleted") };
}
