import type { Action, ReportedKind } from "../model/action.js";
import { bytesOf } from "./action-bytes.js";
import type { Colours } from "./colours.js";
import { escapeName } from "./escape.js";
import { sizeText } from "./sizes.js";
import { ACTION_WORDS, COUNT_WORDS, originOf, REASON_WORDS } from "./words.js";

/** Puts a plan into words, a line per action as it comes, so that a plan of any length can be shown. */
export class PlanView {
  readonly #counts = new Map<ReportedKind, { actions: number; bytes: number }>();

  constructor(
    private readonly colours: Colours,
    /** Also show what only the state will take note of. */
    private readonly showRecords: boolean,
  ) {}

  /** Counts the action. Undefined when there is nothing to show. */
  line(action: Action): string | undefined {
    if (action.kind === "forget") return undefined;
    const bytes = bytesOf(action);
    const count = this.#counts.get(action.kind) ?? { actions: 0, bytes: 0 };
    this.#counts.set(action.kind, { actions: count.actions + 1, bytes: count.bytes + bytes });
    if (action.kind === "record" && !this.showRecords) return undefined;
    const word = this.#paint(action.kind, ACTION_WORDS[action.kind].padEnd(14));
    const size = bytes > 0 ? `${sizeText(bytes)}, ` : "";
    return `${word} ${pathText(action)}  ${this.colours.dim(`(${size}${REASON_WORDS[action.reason]})`)}`;
  }

  /** What the plan comes to. */
  totals(planId: string | null, unchanged: number): string {
    const parts = [...this.#counts]
      .filter(([kind]) => kind !== "record")
      .map(([kind, count]) => `${String(count.actions)} ${COUNT_WORDS[kind]}${bytesText(count.bytes)}`);
    const recorded = this.#counts.get("record")?.actions ?? 0;
    const same = [
      `${String(unchanged)} unchanged`,
      ...(recorded > 0 ? [`${String(recorded)} ${COUNT_WORDS.record}`] : []),
    ];
    if (parts.length === 0) return `Nothing to do: ${same.join(", ")}.`;
    return `Plan${planId === null ? "" : ` ${planId}`}: ${[...parts, ...same].join(", ")}.`;
  }

  #paint(kind: ReportedKind, text: string): string {
    if (kind === "delete-local" || kind === "delete-remote") return this.colours.red(text);
    if (kind === "conflict") return this.colours.yellow(text);
    return kind === "record" ? this.colours.dim(text) : this.colours.green(text);
  }
}

function bytesText(bytes: number): string {
  return bytes > 0 ? ` (${sizeText(bytes)})` : "";
}

function pathText(action: Action): string {
  const path = escapeName(action.path);
  const from = originOf(action);
  if (from !== undefined) return `${escapeName(from)} -> ${path}`;
  const isCopied = action.kind === "conflict" && (action.about === "name" || action.winner === "both");
  return isCopied ? `${path}, a copy as ${escapeName(action.copy)}` : path;
}
