/**
 * The order of execution, safe to interrupt anywhere: room is made where a folder and a file change places, then everything is
 * moved and added, and only then is anything deleted. Steps of a stage run in key order, parents before what is in
 * them; stages that empty folders run in reverse.
 */
export const STAGE = {
  /** State only: renames that both sides have made alike. */
  agreedMoves: 0,
  /** Files that a folder takes the place of, and files of folders that a file takes the place of. */
  roomFiles: 1,
  roomFolders: 2,
  /** Files that keep their content under another name because a folder needs theirs. */
  aside: 3,
  /** Folders created or renamed. */
  folders: 4,
  fileMoves: 5,
  /** State only: what both sides agree on already, and what is no longer there at all. */
  record: 6,
  transfers: 7,
  /** Files that both sides changed: here both versions are stored before either is replaced. */
  conflicts: 8,
  deleteFiles: 9,
  deleteFolders: 10,
  /** Transfers that cannot succeed (the service never takes the name, a folder is in the way): reported, never tried. */
  refused: 11,
  /** Deletions that the user has not allowed: never carried out, and known only so that a file under another name is moved. */
  withheld: 12,
} as const;

export type Stage = (typeof STAGE)[keyof typeof STAGE];

export interface StageOrder {
  readonly stage: Stage;
  readonly order: "ascending" | "descending";
  /** Whether its steps may run side by side. Those that one unit holds always do. */
  readonly isParallel: boolean;
}

/** How the stages are carried out, first to last. */
export const STAGE_ORDER: readonly StageOrder[] = [
  { stage: STAGE.agreedMoves, order: "ascending", isParallel: false },
  { stage: STAGE.roomFiles, order: "ascending", isParallel: true },
  { stage: STAGE.roomFolders, order: "descending", isParallel: false },
  { stage: STAGE.aside, order: "ascending", isParallel: false },
  { stage: STAGE.folders, order: "ascending", isParallel: false },
  { stage: STAGE.fileMoves, order: "ascending", isParallel: false },
  // A first run records every file: one unit of hundreds at a time is all the disk can use, and all that memory should hold.
  { stage: STAGE.record, order: "ascending", isParallel: false },
  { stage: STAGE.transfers, order: "ascending", isParallel: true },
  { stage: STAGE.conflicts, order: "ascending", isParallel: true },
  { stage: STAGE.deleteFiles, order: "ascending", isParallel: true },
  { stage: STAGE.deleteFolders, order: "descending", isParallel: false },
  { stage: STAGE.refused, order: "ascending", isParallel: false },
];
