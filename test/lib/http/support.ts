import { afterEach, expect } from "vitest";
import { createHttpClient, type HttpClientOptions } from "../../../lib/http/client.js";
import type { HttpClient, HttpRequest, TokenSource } from "../../../lib/http/types.js";
import { startProxy, type TestProxyOptions } from "../../support/proxy-server.js";
import { startServer, type EarlyReactor, type Reactor } from "../../support/http-server.js";

const closers: (() => Promise<void> | void)[] = [];

/** Closed after the test. */
export function afterTest(close: () => Promise<void> | void): void {
  closers.push(close);
}

afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

export async function server(react: Reactor, early?: EarlyReactor) {
  const started = await startServer(react, early);
  afterTest(() => started.close());
  return started;
}

export async function proxy(options: TestProxyOptions) {
  const started = await startProxy(options);
  afterTest(() => started.close());
  return started;
}

/** A clock that moves only when somebody sleeps. */
export function fakeClock(startMs = Date.parse("2026-11-21T12:00:00Z")) {
  let nowMs = startMs;
  const slept: number[] = [];
  return {
    slept,
    now: () => nowMs,
    advance: (ms: number) => {
      nowMs += ms;
    },
    sleep: async (ms: number, signal: AbortSignal) => {
      signal.throwIfAborted();
      slept.push(ms);
      nowMs += ms;
      await Promise.resolve();
    },
  };
}

export const never = new AbortController().signal;

/** A client without real waits, closed after the test. */
export function client(options: Partial<HttpClientOptions> = {}): HttpClient {
  const clock = fakeClock();
  const created = createHttpClient({
    scheme: "Bearer",
    userAgent: "trisync-test",
    now: clock.now,
    sleep: clock.sleep,
    random: () => 0.5,
    ...options,
  });
  afterTest(() => created.close());
  return created;
}

export function get(url: string, more: Partial<HttpRequest> = {}): HttpRequest {
  return { operation: "list", subject: undefined, method: "GET", url, repeatable: true, authorized: false, ...more };
}

/** Tokens t0, t1, …: every renewal moves on by one, once for all that were refused the same token. */
export function countingTokens(): TokenSource & { readonly renewals: number } {
  let renewals = 0;
  return {
    get renewals() {
      return renewals;
    },
    token: () => Promise.resolve(`t${renewals}`),
    renew: (rejected) => {
      if (rejected === `t${renewals}`) renewals += 1;
      return Promise.resolve(`t${renewals}`);
    },
  };
}

/** A text that holds `part`, for comparisons. */
export function containing(part: string): unknown {
  return expect.stringContaining(part);
}

/** A text of this form, for comparisons. */
export function matching(form: RegExp): unknown {
  return expect.stringMatching(form);
}
