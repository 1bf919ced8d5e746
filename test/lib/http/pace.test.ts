import { describe, expect, test } from "vitest";
import { createPace } from "../../../lib/http/pace.js";

/** Time goes on only where somebody waits for it. */
function createClock() {
  let nowMs = 1_000_000;
  return {
    now: () => nowMs,
    advance: (ms: number) => (nowMs += ms),
    sleep: async (ms: number, signal: AbortSignal) => {
      signal.throwIfAborted();
      nowMs += ms;
      await Promise.resolve();
    },
  };
}

const calm = new AbortController().signal;

describe("a pace", () => {
  test("lets a short burst pass at once, and never more in a second", async () => {
    const clock = createClock();
    const pace = createPace(40, clock);
    const times: number[] = [];
    for (let i = 0; i < 200; i += 1) {
      const leave = await pace.enter(calm);
      times.push(clock.now());
      clock.advance(3);
      leave();
    }
    expect(times[39]! - times[0]!).toBeLessThan(200);
    times.slice(40).forEach((time, i) => expect(time - times[i]!).toBeGreaterThanOrEqual(1000));
    expect(times.at(-1)! - times[0]!).toBeLessThan(4_500);
  });

  test("counts a request from its start until a second after its answer", async () => {
    const clock = createClock();
    const pace = createPace(2, clock);
    const [first, second] = [await pace.enter(calm), await pace.enter(calm)];
    let isIn = false;
    const third = pace.enter(calm).then((leave) => {
      isIn = true;
      return leave;
    });
    clock.advance(60_000);
    await Promise.resolve();
    expect(isIn).toBe(false);
    const answeredMs = clock.now();
    first();
    (await third)();
    expect(clock.now() - answeredMs).toBeGreaterThanOrEqual(1000);
    second();
  });

  test("lets in those who wait in their order, without those who gave up", async () => {
    const clock = createClock();
    const pace = createPace(1, clock);
    const leave = await pace.enter(calm);
    const order: number[] = [];
    const impatient = new AbortController();
    const waiting = [1, 2, 3].map(async (i) => {
      const out = await pace.enter(i === 2 ? impatient.signal : calm);
      order.push(i);
      out();
    });
    impatient.abort(new Error("enough"));
    leave();
    const results = await Promise.allSettled(waiting);
    expect(results.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
    expect(order).toEqual([1, 3]);
  });

  test("is not stopped by a clock that is set back", async () => {
    const clock = createClock();
    const pace = createPace(1, clock);
    (await pace.enter(calm))();
    clock.advance(-3_600_000);
    const before = clock.now();
    (await pace.enter(calm))();
    expect(clock.now() - before).toBeLessThan(2_000);
  });
});
