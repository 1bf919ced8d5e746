import { LocalError } from "../../lib/model/errors.js";
import type { JobState } from "../../lib/state/types.js";
import type { ListingPage } from "../../providers/provider.js";
import { ProcessKilled } from "../support/simulated-disk.js";

/** One run of the program, as seen from outside: what it does to the world is counted, and may be its last. */
export class SimulatedProcess {
  /** What it did, in order, in words. */
  readonly trace: string[] = [];
  isAlive = true;
  effects = 0;

  constructor(
    /** It dies just before its so-many-th side effect (counted from 1); undefined: it lives. */
    private readonly dieAt: number | undefined,
    /** Called at the moment of death. */
    private readonly onDeath: () => void,
  ) {}

  /** Something is about to be changed. Throws when the process is dead by then. */
  effect(what: string): void {
    this.assertAlive();
    this.effects += 1;
    if (this.effects === this.dieAt) this.die();
    this.assertAlive();
    this.trace.push(what);
  }

  assertAlive(): void {
    if (!this.isAlive) throw new ProcessKilled("the process is dead");
  }

  die(): void {
    this.isAlive = false;
    this.onDeath();
  }
}

/** The state as `process` uses it: every durable change is a side effect. From settlement number `fullFrom` on its disk is full. */
export function watchState(state: JobState, process: SimulatedProcess, fullFrom = Infinity): JobState {
  let settled = 0;
  async function* watchPages(pages: AsyncIterable<ListingPage>): AsyncGenerator<ListingPage> {
    for await (const page of pages) {
      process.effect(`state page ${page.scope}`);
      yield page;
    }
    process.effect("state listed");
  }
  return {
    ...state,
    facts: {
      get: (name) => state.facts.get(name),
      set: (name, value) => {
        if (state.facts.get(name) !== value) process.effect(`state fact ${name}`);
        process.assertAlive();
        state.facts.set(name, value);
      },
    },
    mirror: { ...state.mirror, take: (pages, foldCase) => state.mirror.take(watchPages(pages), foldCase) },
    settle: (settlements) => {
      if (settlements.length > 0) process.effect(`state settle ${settlements.map(({ kind }) => kind).join(" ")}`);
      if (settlements.length > 0 && ++settled >= fullFrom)
        throw new LocalError("full", "the disk with the state is full");
      state.settle(settlements);
    },
    forgetEverything: () => {
      process.effect("state forget");
      state.forgetEverything();
    },
    runs: {
      ...state.runs,
      begin: (run) => {
        process.effect("state begin");
        state.runs.begin(run);
      },
      finish: (run) => {
        process.effect("state finish");
        state.runs.finish(run);
      },
    },
  };
}
