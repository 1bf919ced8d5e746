/** What a job does with differences: design table "Modes". */
export const MODES = ["two-way", "backup", "mirror", "fetch", "mirror-down", "outbox"] as const;
export type Mode = (typeof MODES)[number];

/** Who wins when both sides changed a file in `two-way`. */
export const CONFLICT_RULES = ["keep-both", "newer", "local", "remote"] as const;
export type ConflictRule = (typeof CONFLICT_RULES)[number];
