import * as z from "zod";
import { ProviderError } from "../../lib/model/errors.js";
import { DAY_SPENT, wordsFor, type Subject } from "./errors.js";
import { recall, remember, type Memory } from "../memory.js";

/**
 * The requests that the project may make in one day. They are counted here because the service tells nobody how many are left, and
 * what was uploaded with the last one would wait in vain for the request that makes a photo of it.
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
  readonly memory: Memory;
  readonly now: () => number;
  readonly perDay: number;
  /** Requests of this run so far. */
  readonly sent: () => number;
}

const remembered = z.object({ day: z.string(), requests: z.number(), isSpent: z.boolean() });

const NAME = "day";

export function createAllowance({ memory, now, perDay, sent }: AllowanceOptions): Allowance {
  const today = (): string => dayOf(now());
  let day = recall(memory, NAME, remembered) ?? { day: today(), requests: 0, isSpent: false };
  let sentBefore = sent();

  /** Google's days end at midnight Pacific time. */
  function turn(): void {
    if (day.day === today()) return;
    day = { day: today(), requests: 0, isSpent: false };
    sentBefore = sent();
  }

  const spent = (): number => day.requests + sent() - sentBefore;
  const reserve = Math.ceil(perDay / RESERVED_PART);

  return {
    assertLeft: (about, use) => {
      turn();
      if (!day.isSpent && spent() < perDay - (use === "upload" ? reserve : 0)) return;
      throw new ProviderError("exhausted", `${wordsFor(about)}: ${DAY_SPENT}`);
    },
    noteSpent: () => {
      turn();
      day = { ...day, isSpent: true };
      remember(memory, NAME, { ...day, requests: spent() });
    },
    save: () => {
      turn();
      if (sent() > 0) remember(memory, NAME, { ...day, requests: spent() });
    },
  };
}

/** One request in fifty is kept for the batches that make photos of what was uploaded: each takes fifty uploads. */
const RESERVED_PART = 50;

let format: Intl.DateTimeFormat | undefined;

function dayOf(ms: number): string {
  format ??= new Intl.DateTimeFormat("en-CA", { timeZone: "America/Los_Angeles", dateStyle: "short" });
  return format.format(ms);
}
