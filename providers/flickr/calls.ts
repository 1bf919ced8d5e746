import * as z from "zod";
import type { Sleep } from "../../lib/http/sleep.js";
import { parseJson } from "../memory.js";

/** Keeps to what the service allows one key in an hour, over all runs that keep their counts in the same place. */
export interface Calls {
  /** Resolves when one more call may go out, in the order of asking. */
  admit(signal: AbortSignal): Promise<void>;
  /** The service says that it is called too often: nothing goes out for so many milliseconds. */
  rest(ms: number): void;
  /** Gives back what was set aside and not used. */
  save(): void;
}

/** Replaces the counts by what `change` makes of them, while no other run can, and returns the new ones. */
export type UpdateCounts = (change: (note: string | undefined) => string) => string;

/** The service allows 3,600 and locks out keys that make more; some are left for other programs, and for what was counted wrongly. */
const CALLS_PER_HOUR = 3_500;

/**
 * So many calls are set aside at once, because writing them down takes longer than some calls. They are counted before they are made: a
 * run that is killed has made fewer than it counted, never more.
 */
const SET_ASIDE = 10;

const MINUTE_MS = 60_000;
/** An hour, and the minute that has only begun. */
const MINUTES = 61;

const remembered = z.array(z.tuple([z.number().int(), z.number().int().nonnegative()]));
type Counts = Map<number, number>;

/**
 * Counts calls by the minute. Within the hour they may come as fast as they like: that is what most runs need, and only long ones have
 * to wait until the minutes with the most calls are an hour old.
 */
export function createCalls(update: UpdateCounts, clock: { readonly now: () => number; readonly sleep: Sleep }): Calls {
  let aside = { minute: 0, calls: 0 };
  let restsUntilMs = 0;
  let turn: Promise<unknown> = Promise.resolve();

  const minute = (): number => Math.floor(clock.now() / MINUTE_MS);

  /** Gives back what is left, and sets aside up to `wanted`, as of this minute. Returns the counts. */
  function setAside(wanted: number): Counts {
    const latest = minute();
    let granted = 0;
    const note = update((before) => {
      const counts = readCounts(before, latest);
      const left = counts.get(aside.minute) ?? 0;
      if (aside.calls > 0) counts.set(aside.minute, Math.max(0, left - aside.calls));
      granted = Math.max(0, Math.min(wanted, CALLS_PER_HOUR - sumOf(counts)));
      counts.set(latest, (counts.get(latest) ?? 0) + granted);
      return JSON.stringify([...counts].filter(([, calls]) => calls > 0));
    });
    aside = { minute: latest, calls: granted };
    return readCounts(note, latest);
  }

  async function acquire(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    while (restsUntilMs > clock.now()) await clock.sleep(restsUntilMs - clock.now(), signal);
    while (aside.calls === 0 || aside.minute !== minute()) {
      const counts = setAside(SET_ASIDE);
      if (aside.calls > 0) break;
      const oldest = Math.min(...counts.keys());
      await clock.sleep(Math.max(1, (oldest + MINUTES) * MINUTE_MS - clock.now()), signal);
    }
    aside = { ...aside, calls: aside.calls - 1 };
  }

  return {
    admit: (signal) => {
      const mine = turn.then(() => acquire(signal));
      turn = mine.catch(() => undefined);
      return mine;
    },
    rest: (ms) => {
      restsUntilMs = Math.max(restsUntilMs, clock.now() + ms);
    },
    save: () => {
      if (aside.calls > 0) setAside(0);
    },
  };
}

/** Those of the last hour. A clock that was set back must not close the way: minutes to come do not count. */
function readCounts(note: string | undefined, latest: number): Counts {
  const found = note === undefined ? undefined : parseJson(note, remembered);
  return new Map((found ?? []).filter(([at]) => at > latest - MINUTES && at <= latest));
}

function sumOf(counts: Counts): number {
  return [...counts.values()].reduce((sum, one) => sum + one, 0);
}
