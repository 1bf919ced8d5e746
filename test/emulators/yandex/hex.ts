import type { Chance } from "../shared/chance.js";

/** Random digits, in lower case. `length` is a multiple of 4. */
export function hexDigits(chance: Chance, length: number): string {
  return Array.from({ length: length / 4 }, () => chance.below(65_536).toString(16).padStart(4, "0")).join("");
}
