import type { Sleep } from "../../lib/http/sleep.js";
import { ProviderError } from "../../lib/model/errors.js";
import { wordsFor, type Subject } from "../refusals.js";
import type { FlickrApi } from "./api.js";
import { tickets as ticketsAnswer } from "./schemas.js";

/** Waits for uploads that the service works on after it has taken them. */
export interface Tickets {
  /** "working": not done after `patienceMs`. Rejects with "rejected" when the service could make nothing of the file. */
  wait(ticket: string, about: Subject, patienceMs: number, signal: AbortSignal): Promise<Waited>;
}

/** What came of a ticket. "unknown": the service does not know it (any more), so that there may be a photo or none. */
export type Waited = { readonly kind: "done"; readonly photoId: string } | { readonly kind: "unknown" | "working" };

const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 15_000;

/** Asked about in one call. */
const MOST = 50;

type State = Waited | { readonly kind: "failed" };

export function createTickets(api: FlickrApi, sleep: Sleep): Tickets {
  const open = new Set<string>();
  const answers = new Map<string, State>();
  let asking: Promise<void> | undefined;

  /** All that wait are asked about together. */
  async function ask(signal: AbortSignal): Promise<void> {
    const ids = [...open].slice(0, MOST);
    const about = { operation: "ask for uploads", subject: undefined };
    const call = { ...about, name: "flickr.photos.upload.checkTickets", args: { tickets: ids.join(",") } };
    const { ticket } = (await api.read(call, ticketsAnswer, signal)).uploader;
    for (const one of ticket) answers.set(one.id, stateOf(one));
  }

  return {
    wait: async (ticket, about, patienceMs, signal) => {
      open.add(ticket);
      try {
        for (
          let pauseMs = FIRST_PAUSE_MS, waitedMs = 0;
          waitedMs <= patienceMs;
          pauseMs = Math.min(LONGEST_PAUSE_MS, pauseMs * 2)
        ) {
          await sleep(pauseMs, signal);
          waitedMs += pauseMs;
          asking ??= ask(signal).finally(() => (asking = undefined));
          await asking;
          const state = answers.get(ticket);
          if (state?.kind === "failed") throw notConverted(about);
          if (state !== undefined && state.kind !== "working") return state;
        }
        return { kind: "working" };
      } finally {
        open.delete(ticket);
        answers.delete(ticket);
      }
    },
  };
}

function stateOf({
  complete,
  status,
  invalid,
  photoid,
}: {
  complete?: number | undefined;
  status?: number | undefined;
  invalid?: number | undefined;
  photoid?: string | undefined;
}): State {
  if (invalid === 1) return { kind: "unknown" };
  const code = complete ?? status ?? 0;
  if (code === 1 && photoid !== undefined) return { kind: "done", photoId: photoid };
  return { kind: code === 2 ? "failed" : "working" };
}

function notConverted(about: Subject): ProviderError {
  return new ProviderError("rejected", `${wordsFor(about)}: Flickr could make nothing of the file; it may be damaged`);
}
