import { Writable } from "node:stream";
import { SingleBar } from "cli-progress";
import type { Outcome } from "../model/action.js";
import type { RunEvents } from "../engine/types.js";
import { escapeName } from "./escape.js";
import { durationText, sizeText } from "./sizes.js";

type Phase = Parameters<RunEvents["phase"]>[0];

/** One line at the bottom of the terminal that says how far the run is. Drawn at most ten times a second. */
export interface ProgressDisplay {
  phase(phase: Phase): void;
  planned(totals: { files: number; bytes: number }): void;
  progress(inFlight: { path: string; bytesDone: number; bytesTotal: number }): void;
  outcome(outcome: Outcome): void;
  /** Makes room for a line; the display comes back below it. */
  clear(): void;
  stop(): void;
}

interface ProgressOptions {
  readonly stream: Writable;
  /** Milliseconds. */
  readonly now: () => number;
}

const FRAMES_PER_SECOND = 10;

export function createProgress({ stream, now }: ProgressOptions): ProgressDisplay {
  const tally = new Tally(now);
  const bar = new SingleBar({
    stream: withoutJumps(stream),
    format: (_options, { maxWidth }) => clip(tally.line(), maxWidth),
    fps: FRAMES_PER_SECOND,
    clearOnComplete: true,
    // Needed after something else was written over the line, and harmless otherwise.
    forceRedraw: true,
    // Left alone, so that a process that is killed leaves a terminal that wraps.
    linewrap: true,
    // Time alone draws, so that many small files cost no more than one large one.
    synchronousUpdate: false,
  });
  bar.start(1, 0);
  return {
    phase: (phase) => {
      tally.phase = phase;
    },
    planned: (totals) => {
      tally.totals = totals;
    },
    progress: ({ path, bytesDone }) => {
      tally.inFlight.set(path, bytesDone);
    },
    outcome: (outcome) => {
      tally.finish(outcome);
    },
    clear: () => {
      stream.write("\r\u001b[2K");
    },
    stop: () => {
      bar.stop();
    },
  };
}

const SAVE_CURSOR = "\u001b7";
const RESTORE_CURSOR = "\u001b8";

/** At its end the bar would go back to the line it began on, over everything that was written below it meanwhile. */
function withoutJumps(stream: Writable): Writable {
  const filtered = new Writable({
    decodeStrings: false,
    write: (text: string, _encoding, done) => {
      if (text !== SAVE_CURSOR && text !== RESTORE_CURSOR) stream.write(text);
      done();
    },
  });
  const columns = (): number | undefined =>
    "columns" in stream && typeof stream.columns === "number" ? stream.columns : undefined;
  return Object.defineProperties(filtered, { isTTY: { value: true }, columns: { get: columns } });
}

const PHASES: Record<Phase, string> = {
  scan: "looking at the folder",
  list: "asking the other side",
  plan: "planning",
  transfer: "transferring",
  delete: "deleting",
};

/** What has been done so far, in one line. */
class Tally {
  phase: Phase = "scan";
  totals = { files: 0, bytes: 0 };
  readonly inFlight = new Map<string, number>();
  #files = 0;
  #bytes = 0;
  readonly #rate: Rate;

  constructor(now: () => number) {
    this.#rate = new Rate(now);
  }

  finish({ action, bytes }: Outcome): void {
    this.inFlight.delete(action.path);
    this.#bytes += bytes;
    if (action.kind === "upload" || action.kind === "download" || action.kind === "conflict") this.#files++;
  }

  line(): string {
    const bytes = [...this.inFlight.values()].reduce((sum, done) => sum + done, this.#bytes);
    const perSecond = this.#rate.at(bytes);
    if (this.totals.files === 0) return `${PHASES[this.phase]} …`;
    const total = Math.max(this.totals.bytes, bytes);
    const parts = [`${String(this.#files)}/${String(Math.max(this.totals.files, this.#files))} files`];
    parts.push(`${sizeText(bytes)} of ${sizeText(total)}`);
    if (perSecond > 0) parts.push(`${sizeText(Math.round(perSecond))}/s`);
    if (perSecond > 0 && total > bytes) parts.push(`${durationText((total - bytes) / perSecond)} left`);
    const [first] = this.inFlight.keys();
    const others = this.inFlight.size - 1;
    if (first === undefined) parts.push(PHASES[this.phase]);
    else parts.push(others > 0 ? `${escapeName(first)} and ${String(others)} more` : escapeName(first));
    return parts.join("  ");
  }
}

const WINDOW_MS = 10_000;

/** Bytes per second over the last ten seconds. */
class Rate {
  #samples: { ms: number; bytes: number }[] = [];

  constructor(private readonly now: () => number) {}

  at(bytes: number): number {
    const ms = this.now();
    this.#samples.push({ ms, bytes });
    while (this.#samples.length > 2 && ms - (this.#samples[0]?.ms ?? ms) > WINDOW_MS) this.#samples.shift();
    const oldest = this.#samples[0];
    const elapsed = oldest === undefined ? 0 : ms - oldest.ms;
    return oldest === undefined || elapsed <= 0 ? 0 : Math.max(0, ((bytes - oldest.bytes) * 1000) / elapsed);
  }
}

/** A line that is too long would wrap, and the next drawing would start on the wrong line. */
function clip(text: string, width: number): string {
  const characters = Array.from(text);
  return characters.length < width ? text : `${characters.slice(0, Math.max(0, width - 2)).join("")}…`;
}
