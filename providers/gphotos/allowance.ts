import * as z from "zod";
import { ProviderError } from "../../lib/model/errors.js";
import { parseJson } from "../memory.js";
import { wordsFor, type Subject } from "../refusals.js";
import { DAY_SPENT } from "./errors.js";
import type { Notes } from "./notes.js";

/**
 * The requests that the project may make in one day, all jobs of it together. They are counted here because the service tells nobody
 * how many are left, and what was uploaded with the last one would wait in vain for the request that makes a photo of it.
 */
export interface Allowance {
  /** Throws "exhausted" when nothing is left. Uploads leave the last ones to what makes photos of them. */
  assertLeft(about: Subject, use: "upload" | "other"): void;
  /** The service says that nothing is left: nothing more is asked before the next day. */
  noteSpent(): void;
  /** Keeps the count for the next run. */
  save(): void;
}

export interface AllowanceOptions {
  readonly notes: Notes;
  readonly now: () => number;
  readonly perDay: number;
  /** Requests of this run so far. */
  readonly sent: () => number;
}

const day = z.object({ day: z.string(), requests: z.number(), isSpent: z.boolean() });
type Day = z.infer<typeof day>;

/** After so many requests of its own a run tells the others, and asks what they have made: more are lost when it is killed, too. */
const SHARED_EVERY = 25;

export function createAllowance({ notes, now, perDay, sent }: AllowanceOptions): Allowance {
  /** As it was written down last, by whichever job. */
  let known: Day | undefined;
  /** Requests of this run that `known` holds already. */
  let counted = sent();

  function share(isSpent = false): Day {
    const today = dayOf(now());
    // What was sent before midnight belongs to a day that nobody asks about any more.
    const news = known !== undefined && known.day !== today ? 0 : sent() - counted;
    counted = sent();
    const text = notes.update("day", (note) => {
      const before = note === undefined ? undefined : parseJson(note, day);
      const { requests, ...rest } = before?.day === today ? before : { requests: 0, isSpent: false };
      return JSON.stringify({ day: today, requests: requests + news, isSpent: rest.isSpent || isSpent });
    });
    known = parseJson(text, day) ?? { day: today, requests: news, isSpent };
    return known;
  }

  function current(): Day {
    const isOld = known === undefined || known.day !== dayOf(now()) || sent() - counted >= SHARED_EVERY;
    return isOld || known === undefined ? share() : known;
  }

  const reserve = Math.ceil(perDay / RESERVED_PART);

  return {
    assertLeft: (about, use) => {
      const { isSpent, requests } = current();
      const spent = requests + sent() - counted;
      if (!isSpent && spent < perDay - (use === "upload" ? reserve : 0)) return;
      throw new ProviderError("exhausted", `${wordsFor(about)}: ${DAY_SPENT}`);
    },
    noteSpent: () => {
      share(true);
    },
    save: () => {
      if (sent() > counted) share();
    },
  };
}

/** One request in fifty is kept for the batches that make photos of what was uploaded: each takes fifty uploads. */
const RESERVED_PART = 50;

let format: Intl.DateTimeFormat | undefined;

/** Google's days end at midnight Pacific time. */
function dayOf(ms: number): string {
  format ??= new Intl.DateTimeFormat("en-CA", { timeZone: "America/Los_Angeles", dateStyle: "short" });
  return format.format(ms);
}
