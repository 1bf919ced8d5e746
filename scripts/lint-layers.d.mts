import type { Rule } from "eslint";

export const ACTING_ENGINE: readonly string[];
export const layers: Rule.RuleModule;
