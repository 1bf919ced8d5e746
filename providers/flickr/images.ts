import type { Sleep } from "../../lib/http/sleep.js";
import type { HttpClient, HttpStream } from "../../lib/http/types.js";
import { ProviderError } from "../../lib/model/errors.js";
import { wordsFor, type Subject } from "../refusals.js";

export interface Fetching extends Subject {
  readonly url: string;
  readonly start: number;
  /** Videos lead on to another host; a photo that leads anywhere is a notice that it is gone. */
  readonly followsRedirects: boolean;
}

/**
 * The host of the pictures: it allows far less than the service itself, per address and not per key, and answers 429 for minutes when
 * it is asked for more. So one file is fetched after the other, and pauses are long.
 */
export interface Images {
  /** Statuses that say that the address has ended come back as an answer. The next file is fetched when the body has been closed. */
  open(fetching: Fetching, signal: AbortSignal): Promise<HttpStream>;
  readonly requests: number;
  close(): void;
}

const REDIRECTS = [301, 302, 303, 307, 308];
const ENDED = [403, 404, 410, 416];

/** About a quarter of an hour in all; then the rest is left to the next run. */
const PAUSES_MS = [10_000, 30_000, 60_000, 120_000, 240_000, 480_000];

export function createImages(http: HttpClient, sleep: Sleep): Images {
  let tail: Promise<unknown> = Promise.resolve();

  /** Resolves to what lets the next one in. */
  async function enter(): Promise<() => void> {
    const before = tail;
    let leave = (): void => undefined;
    tail = new Promise<void>((resolve) => (leave = resolve));
    await before;
    return leave;
  }

  async function patiently(fetching: Fetching, signal: AbortSignal): Promise<HttpStream> {
    for (const pauseMs of [...PAUSES_MS, undefined]) {
      const answer = await http.open(toRequest(fetching), signal);
      if (answer.status !== 429) return answer;
      discard(answer);
      if (pauseMs !== undefined) await sleep(pauseMs, signal);
    }
    throw new ProviderError(
      "unavailable",
      `${wordsFor(fetching)}: Flickr's pictures cannot be fetched any faster; run again later, what is here by then stays`,
    );
  }

  return {
    open: async (fetching, signal) => {
      const leave = await enter();
      try {
        signal.throwIfAborted();
        const answer = await patiently(fetching, signal);
        answer.body.once("close", leave);
        if (answer.status >= 300) discard(answer);
        return answer;
      } catch (error) {
        leave();
        throw error;
      }
    },
    get requests() {
      return http.requests;
    },
    close: () => http.close(),
  };
}

function toRequest({ operation, subject, url, start, followsRedirects }: Fetching) {
  return {
    operation,
    subject,
    method: "GET",
    url,
    ...(start > 0 ? { headers: { range: `bytes=${start}-` } } : {}),
    repeatable: true,
    authorized: false,
    accept: [429, ...ENDED, ...(followsRedirects ? [] : REDIRECTS)],
  } as const;
}

function discard({ body }: HttpStream): void {
  body.on("error", () => undefined);
  body.destroy();
}
