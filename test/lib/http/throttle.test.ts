import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { finished } from "node:stream/promises";
import { describe, expect, it } from "vitest";
import { createThrottle } from "../../../lib/http/throttle.js";
import { fakeClock, never } from "./support.js";

describe("a throttle", () => {
  it("lets bytes through at its rate, whoever takes them", async () => {
    const clock = fakeClock(0);
    const throttle = createThrottle(1000, clock);
    for (let round = 0; round < 100; round += 1) await throttle.take(100, never);
    // 10,000 bytes, less what may be caught up on and the last piece, which is paid for by the next.
    expect(clock.now()).toBeGreaterThanOrEqual(9500);
    expect(clock.now()).toBeLessThanOrEqual(10_000);
  });

  it("makes one large taker wait for what it takes, but for the last tenth of a second", async () => {
    const clock = fakeClock(0);
    await createThrottle(100_000, clock).take(400_000, never);
    expect(clock.now()).toBeGreaterThanOrEqual(3600);
    expect(clock.now()).toBeLessThanOrEqual(4000);
  });

  it("shares its rate among all takers in turn", async () => {
    const throttle = createThrottle(1000, fakeClock(0));
    const order: string[] = [];
    await Promise.all(["a", "b", "a", "b"].map((name) => throttle.take(1000, never).then(() => order.push(name))));
    expect(order).toEqual(["a", "b", "a", "b"]);
  });

  it("does not save up what nobody used", async () => {
    const clock = fakeClock(0);
    const throttle = createThrottle(1000, clock);
    await throttle.take(1, never);
    clock.advance(3_600_000);
    const startMs = clock.now();
    for (let round = 0; round < 10; round += 1) await throttle.take(1000, never);
    expect(clock.now() - startMs).toBeGreaterThanOrEqual(8500);
  });

  it("passes a stream on whole, in pieces that leave room for others", async () => {
    const clock = fakeClock(0);
    const content = Buffer.from("0123456789".repeat(10_000));
    const stream = createThrottle(50_000, clock).stream(never);
    const pieces: Buffer[] = [];
    stream.on("data", (piece: Buffer) => pieces.push(piece));
    await finished(Readable.from([content]).pipe(stream));
    expect(Buffer.concat(pieces).equals(content)).toBe(true);
    expect(Math.max(...pieces.map((piece) => piece.length))).toBe(5000);
    expect(clock.now()).toBeGreaterThan(1500);
    expect(clock.now()).toBeLessThanOrEqual(2000);
  });

  it("ends a wait when aborted", async () => {
    const throttle = createThrottle(1);
    const own = new AbortController();
    const reason = new Error("interrupted");
    await throttle.take(1000, own.signal);
    setTimeout(() => own.abort(reason), 10);
    await expect(throttle.take(1, own.signal)).rejects.toBe(reason);
    const stream = createThrottle(1).stream(own.signal);
    await expect(buffer(Readable.from([Buffer.from("x")]).pipe(stream))).rejects.toBe(reason);
  });
});
