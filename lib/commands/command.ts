import type { CommandName } from "../config/option-table.js";
import type { CommandLine } from "../config/raw-options.js";
import type { World } from "../config/world.js";
import type { Redactor } from "../report/redact.js";
import type { EngineLoader } from "./engine.js";

/** What every command gets to work with. */
export interface CommandContext {
  readonly command: CommandName;
  readonly line: CommandLine;
  readonly world: World;
  readonly redactor: Redactor;
  readonly loadEngine: EngineLoader;
}

/** Does its work and resolves to the exit code; rejects with an error that `exitCodeOf` understands. */
export type Command = (context: CommandContext) => Promise<number>;

/** A positional argument; "" when it was not given. */
export function argumentOf({ line }: CommandContext, name: "PATH" | "PROVIDER"): string {
  const value = line[name];
  return typeof value === "string" ? value : "";
}
