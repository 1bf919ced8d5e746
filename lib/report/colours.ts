import picocolors from "picocolors";
import type { ColorChoice } from "../config/options.js";
import type { World } from "../config/world.js";

export type Colours = Pick<ReturnType<typeof picocolors.createColors>, "red" | "green" | "yellow" | "dim">;

/** Colours for one stream: `--color` decides, then NO_COLOR, then FORCE_COLOR, then whether it is a terminal. */
export function createColours(choice: ColorChoice, env: World["env"], isTerminal: boolean): Colours {
  return picocolors.createColors(wantsColours(choice, env, isTerminal));
}

export function wantsColours(choice: ColorChoice, env: World["env"], isTerminal: boolean): boolean {
  if (choice !== "auto") return choice === "always";
  if ((env["NO_COLOR"] ?? "") !== "") return false;
  const forced = env["FORCE_COLOR"] ?? "";
  if (forced !== "") return forced !== "0" && forced !== "false";
  return isTerminal && env["TERM"] !== "dumb";
}
