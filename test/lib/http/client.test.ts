import { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { describe, expect, it, vi } from "vitest";
import { createHttpClient } from "../../../lib/http/client.js";
import { LocalError, ProviderError } from "../../../lib/model/errors.js";
import { answer, script } from "../../support/http-server.js";
import { afterTest, client, containing, countingTokens, fakeClock, get, matching, never, server } from "./support.js";

describe("an answer", () => {
  it("comes with status, lower-case headers and text", async () => {
    const { url } = await server(() => answer(200, { a: "ä" }, { "X-Rev": "7" }));
    const reply = await client().send(get(url), never);
    expect(reply.status).toBe(200);
    expect(reply.headers["x-rev"]).toBe("7");
    expect(reply.text).toBe('{"a":"ä"}');
  });

  it("with an accepted status is no error and is not asked for again", async () => {
    const { url, received } = await server(() => answer(409, "conflict"));
    const reply = await client().send(get(url, { accept: [409] }), never);
    expect([reply.status, reply.text, received.length]).toEqual([409, "conflict", 1]);
  });

  it("is counted for every request on the wire, retries included", async () => {
    const { url } = await server(script(answer(500), answer(502), answer(200)));
    const http = client();
    await http.send(get(url), never);
    expect(http.requests).toBe(3);
  });

  it("uses one connection for one request after the other, streamed ones included", async () => {
    const started = await server(() => answer(200, "x".repeat(100_000)));
    const http = client();
    for (let round = 0; round < 3; round += 1) {
      await http.send(get(started.url), never);
      await text((await http.open(get(started.url), never)).body);
    }
    expect(started.connections).toBe(1);
  });

  it("may take longer to begin than a connection may be silent", async () => {
    const { url } = await server(async () => {
      await new Promise((resolve) => setTimeout(resolve, 500));
      return answer(200, "late");
    });
    const http = client({ limits: { idleTimeoutMs: 100, responseTimeoutMs: 5000, retries: 0 } });
    const body = { kind: "json", value: 1 } as const;
    expect((await http.send(get(url, { method: "POST", body }), never)).text).toBe("late");
    expect(await text((await http.open(get(url), never)).body)).toBe("late");
  });

  it("that would not fit into memory is refused", async () => {
    const { url, received } = await server(() => answer(200, "x".repeat(300_000)));
    const http = client({ limits: { maxAnswerBytes: 100_000 } });
    await expect(http.send(get(url), never)).rejects.toMatchObject({ code: "malformed" });
    expect(received.length).toBe(1);
  });
});

describe("statuses become errors", () => {
  const cases = [
    { status: 400, code: "rejected", tries: 1 },
    { status: 401, code: "unauthorized", tries: 1 },
    { status: 403, code: "rejected", tries: 1 },
    { status: 404, code: "rejected", tries: 1 },
    { status: 302, code: "rejected", tries: 1 },
    { status: 408, code: "unavailable", tries: 6 },
    { status: 429, code: "unavailable", tries: 6 },
    { status: 500, code: "unavailable", tries: 6 },
    { status: 501, code: "unavailable", tries: 1 },
    { status: 503, code: "unavailable", tries: 6 },
    { status: 507, code: "quota", tries: 1 },
  ];
  it.each(cases)("$status: $code after $tries tries", async ({ status, code, tries }) => {
    const { url, received } = await server(() => answer(status));
    await expect(client().send(get(url, { subject: "a/b.txt" }), never)).rejects.toMatchObject({
      code,
      message: matching(new RegExp(`^list a/b.txt: ${status} .* from 127.0.0.1:\\d+; .*`)),
    });
    expect(received.length).toBe(tries);
  });
});

describe("a request that may not be carried out twice", () => {
  const upload = (url: string) => get(url, { method: "POST", body: { kind: "json", value: 1 }, repeatable: false });

  it.each([answer(500), answer(503), answer(408), { kind: "reset" } as const])(
    "is not sent again after %o",
    async (r) => {
      const { url, received } = await server(script(r, answer(200)));
      await expect(client().send(upload(url), never)).rejects.toMatchObject({ code: "unavailable" });
      expect(received.length).toBe(1);
    },
  );

  it("is not sent again when no answer came in time", async () => {
    const { url, received } = await server(script({ kind: "hang" }, answer(200)));
    const http = client({ limits: { responseTimeoutMs: 100 } });
    await expect(http.send(upload(url), never)).rejects.toThrow(/no answer in time \(ETIMEDOUT\)/);
    expect(received.length).toBe(1);
  });

  it("is sent again after 429, which promises that nothing was done", async () => {
    const { url, received } = await server(script(answer(429), answer(200)));
    await client().send(upload(url), never);
    expect(received.length).toBe(2);
  });

  it("is tried again when the connection was refused", async () => {
    const gone = await server(() => answer(200));
    await gone.close();
    const http = client();
    await expect(http.send(upload(gone.url), never)).rejects.toThrow(
      /connection refused \(ECONNREFUSED\), tried 6 times/,
    );
    expect(http.requests).toBe(6);
  });

  it("is tried again when the name is not known", async () => {
    const http = client({ limits: { retries: 1 } });
    await expect(http.send(upload("http://no-such-host.invalid/"), never)).rejects.toMatchObject({
      code: "unavailable",
      message: containing("tried 2 times"),
    });
  });
});

describe("a request that may be repeated", () => {
  it.each([
    ["a reset after the body", { kind: "reset" } as const],
    ["a truncated answer", { kind: "truncate", body: Buffer.from('{"a":1}'), sentBytes: 3 } as const],
    ["silence in the middle of an answer", { kind: "stall", body: Buffer.from("abcdef"), sentBytes: 3 } as const],
    ["no answer at all", { kind: "hang" } as const],
  ])("survives %s", async (_title, fault) => {
    const { url, received } = await server(script(fault, answer(200, '{"a":1}')));
    const http = client({ limits: { responseTimeoutMs: 150, idleTimeoutMs: 150 } });
    expect((await http.send(get(url), never)).text).toBe('{"a":1}');
    expect(received.length).toBe(2);
  });

  it("waits longer from try to try, at random, up to half a minute", async () => {
    const clock = fakeClock();
    const { url } = await server(() => answer(500));
    const http = client({ ...clock, limits: { retries: 7 }, random: () => 1 });
    await expect(http.send(get(url), never)).rejects.toThrow(/tried 8 times/);
    expect(clock.slept).toEqual([1000, 2000, 4000, 8000, 16000, 30000, 30000]);
  });

  it("never waits longer than allowed in all", async () => {
    const clock = fakeClock();
    const { url } = await server(() => answer(500));
    const http = client({ ...clock, limits: { retries: 100, maxWaitMs: 10_000 }, random: () => 1 });
    await expect(http.send(get(url), never)).rejects.toMatchObject({ code: "unavailable" });
    expect(clock.slept).toEqual([1000, 2000, 4000]);
  });
});

describe("Retry-After", () => {
  it("that a provider read inside of an answer holds back its other requests", async () => {
    const clock = fakeClock();
    const { url } = await server(() => answer(200));
    const http = client({ ...clock, random: () => 0 });
    http.pause(7_000);
    await http.send(get(url), never);
    expect(clock.slept).toEqual([7_000]);
  });

  it("in seconds is honoured, and told to the engine", async () => {
    const clock = fakeClock();
    const onThrottle = vi.fn();
    const { url } = await server(script(answer(429, "", { "retry-after": "5" }), answer(200)));
    await client({ ...clock, onThrottle }).send(get(url), never);
    expect(clock.slept).toEqual([5500]);
    expect(onThrottle).toHaveBeenCalledTimes(1);
  });

  it("as a date is honoured against the service's own clock", async () => {
    const clock = fakeClock(0);
    const headers = { date: "Sat, 21 Nov 2026 12:00:00 GMT", "retry-after": "Sat, 21 Nov 2026 12:00:07 GMT" };
    const { url } = await server(script(answer(503, "", headers), answer(200)));
    await client({ ...clock, random: () => 0 }).send(get(url), never);
    expect(clock.slept).toEqual([7000]);
  });

  it("pauses all requests of the client, also the next ones", async () => {
    const clock = fakeClock();
    const { url } = await server(script(answer(429, "", { "retry-after": "10" }), answer(200)));
    const http = client({ ...clock, random: () => 0 });
    await http.send(get(url, { accept: [429] }), never);
    expect(clock.slept).toEqual([]);
    await http.send(get(url), never);
    expect(clock.slept).toEqual([10_000]);
  });

  it("pauses those at work at the same time together, not one after the other", async () => {
    const startedMs = performance.now();
    let refusals = 0;
    const { url } = await server(() => {
      refusals += 1;
      return refusals <= 10 ? answer(429, "", { "retry-after": "0.6" }) : answer(200);
    });
    const http = client({ sleep: undefined, now: undefined, random: () => 0 });
    await Promise.all(Array.from({ length: 10 }, () => http.send(get(url), never)));
    const tookMs = performance.now() - startedMs;
    expect(tookMs).toBeGreaterThan(590);
    expect(tookMs).toBeLessThan(3000);
    expect(refusals).toBe(20);
  });

  it("longer than allowed ends the request at once and says when to come back; no other is sent before", async () => {
    const clock = fakeClock(Date.parse("2026-11-21T12:00:00Z"));
    const { url, received } = await server(() => answer(429, "", { "retry-after": "3600" }));
    const http = client({ ...clock });
    const inAnHour = /asks not to be called before 2026-11-21T13:00:00Z/;
    await expect(http.send(get(url), never)).rejects.toThrow(inAnHour);
    await expect(http.send(get(url), never)).rejects.toThrow(inAnHour);
    expect([received.length, clock.slept.length]).toEqual([1, 0]);
    clock.advance(3_600_000);
    await expect(http.send(get(url), never)).rejects.toThrow(/14:00:00Z/);
    expect(received.length).toBe(2);
  });
});

describe("bodies", () => {
  const content = Buffer.from("0123456789".repeat(50_000));
  const stream = (open: () => Readable, sizeBytes = content.length) =>
    ({ kind: "stream", sizeBytes, open, contentType: "application/octet-stream" }) as const;
  const put = { operation: "upload", subject: "a.bin", method: "PUT" } as const;

  it("go out whole and with their length on every attempt", async () => {
    const open = vi.fn(() => Readable.from([content.subarray(0, 7), content.subarray(7)]));
    const { url, received } = await server(script(answer(500), { kind: "reset" }, answer(429), answer(200)));
    await client().send(get(url, { ...put, body: stream(open) }), never);
    expect(open).toHaveBeenCalledTimes(4);
    expect(received.map(({ body }) => body.equals(content))).toEqual([true, true, true, true]);
    expect(received.map(({ headers }) => headers["content-length"])).toEqual(Array(4).fill("500000"));
    expect(received.map(({ headers }) => headers["transfer-encoding"])).toEqual(Array(4).fill(undefined));
  });

  it("may be empty", async () => {
    const { url, received } = await server(() => answer(200));
    await client().send(get(url, { ...put, body: stream(() => Readable.from([]), 0) }), never);
    await client().send(get(url, { ...put, method: "POST" }), never);
    await client().send(
      get(url, { ...put, body: { kind: "bytes", bytes: Buffer.alloc(0), contentType: undefined } }),
      never,
    );
    expect(received.map(({ headers }) => headers["content-length"])).toEqual(["0", "0", "0"]);
  });

  it("of JSON, forms and bytes keep their form", async () => {
    const { url, received } = await server(() => answer(200));
    const http = client();
    await http.send(get(url, { ...put, body: { kind: "json", value: { name: "Käse" } } }), never);
    await http.send(get(url, { ...put, body: { kind: "form", fields: { a: "1 &", b: "ä" } } }), never);
    await http.send(get(url, { ...put, body: { kind: "bytes", bytes: content, contentType: "image/png" } }), never);
    const seen = received.map(({ headers, body }) => [headers["content-type"], body.toString().slice(0, 20)]);
    expect(seen).toEqual([
      ["application/json", '{"name":"Käse"}'],
      ["application/x-www-form-urlencoded", "a=1+%26&b=%C3%A4"],
      ["image/png", "01234567890123456789"],
    ]);
  });

  it.each([-1, 1])(
    "of another size than announced (by %i) are an error of the file, and are not repeated",
    async (by) => {
      const { url } = await server(() => answer(200));
      const open = vi.fn(() => Readable.from([content]));
      const sent = client().send(get(url, { ...put, body: stream(open, content.length + by) }), never);
      await expect(sent).rejects.toThrow(LocalError);
      await expect(sent).rejects.toMatchObject({ code: "changed", message: containing("a.bin") });
      expect(open).toHaveBeenCalledTimes(1);
    },
  );

  it("that cannot be read reject with their own error", async () => {
    const { url } = await server(() => answer(200));
    const failure = new LocalError("failed", "a.bin: disk trouble");
    const open = () =>
      new Readable({
        read() {
          this.destroy(failure);
        },
      });
    await expect(client().send(get(url, { ...put, body: stream(open) }), never)).rejects.toBe(failure);
  });

  it("that the service does not even read leave its answer intact", async () => {
    const { url } = await server(
      () => answer(200),
      () => ({ kind: "hang-up", status: 413 }),
    );
    const large = Buffer.alloc(20_000_000);
    const body = stream(() => Readable.from([large]), large.length);
    await expect(client().send(get(url, { ...put, body, repeatable: false }), never)).rejects.toThrow(
      /413 Payload Too Large/,
    );
  });

  it("that the service stops reading end in a timeout", async () => {
    const { url } = await server(
      () => answer(200),
      () => ({ kind: "hang" }),
    );
    const large = Buffer.alloc(50_000_000);
    const http = client({ limits: { idleTimeoutMs: 200, retries: 0 } });
    const body = stream(() => Readable.from([large]), large.length);
    await expect(http.send(get(url, { ...put, body }), never)).rejects.toThrow(/the connection went silent/);
  });
});

describe("a streamed answer", () => {
  const content = Buffer.from("0123456789".repeat(30_000));

  it("comes whole, as it is stored", async () => {
    const { url, received } = await server(() => answer(200, content, { "content-encoding": "gzip" }));
    const { status, body } = await client().open(get(url), never);
    expect([status, await text(body)]).toEqual([200, content.toString()]);
    expect(received[0]?.headers["accept-encoding"]).toBe("identity");
  });

  it("can be asked for by POST without a body", async () => {
    const { url, received } = await server(() => answer(200, content));
    const { body } = await client().open(get(url, { method: "POST" }), never);
    expect(await text(body)).toHaveLength(content.length);
    expect(received[0]?.headers["content-length"]).toBe("0");
  });

  it("is retried until the headers have come", async () => {
    const { url, received } = await server(script({ kind: "reset" }, answer(503), answer(200, content)));
    const { body } = await client().open(get(url), never);
    expect(await text(body)).toHaveLength(content.length);
    expect(received.length).toBe(3);
  });

  it("fails when it ends before its announced length", async () => {
    const { url } = await server(() => ({ kind: "truncate", body: content, sentBytes: 100_000 }));
    const { body } = await client().open(get(url, { operation: "download", subject: "a.bin" }), never);
    await expect(text(body)).rejects.toMatchObject({
      code: "unavailable",
      message: matching(/^download a.bin: 127.0.0.1:\d+: the (connection broke|answer ended)/),
    });
  });

  it("fails when nothing comes any more", async () => {
    const { url } = await server(() => ({ kind: "stall", body: content, sentBytes: 1000 }));
    const { body } = await client({ limits: { idleTimeoutMs: 150 } }).open(get(url), never);
    await expect(text(body)).rejects.toThrow(/the connection went silent/);
  });

  it("does not fail when it is slow, or when its reader is", async () => {
    const pieces = [content, content, content].map((piece) => piece.subarray(0, 1000));
    const { url } = await server((received) =>
      received.path === "/slow" ? { kind: "trickle", pieces, pauseMs: 100 } : answer(200, Buffer.alloc(20_000_000)),
    );
    const http = client({ limits: { idleTimeoutMs: 600 } });
    expect(await text((await http.open(get(`${url}/slow`), never)).body)).toHaveLength(3000);
    const { body } = await http.open(get(url), never);
    body.read(1);
    await new Promise((resolve) => setTimeout(resolve, 1300));
    let sizeBytes = 0;
    for await (const chunk of body as AsyncIterable<Buffer>) sizeBytes += chunk.length;
    expect(sizeBytes).toBeGreaterThan(19_999_000);
  });

  it("with an error status is an error, and the next request gets through", async () => {
    const { url } = await server(script(answer(404, content), answer(200, content)));
    const http = client();
    await expect(http.open(get(url), never)).rejects.toMatchObject({ code: "rejected" });
    expect(await text((await http.open(get(url), never)).body)).toHaveLength(content.length);
  });

  it("can be left half read", async () => {
    const { url } = await server(() => answer(200, Buffer.alloc(20_000_000)));
    const http = client();
    const { body } = await http.open(get(url), never);
    body.destroy();
    await new Promise((resolve) => body.once("close", resolve));
    expect((await http.send(get(url, { method: "HEAD" }), never)).status).toBe(200);
  });
});

describe("401", () => {
  const opened = (tokens: ReturnType<typeof countingTokens>, good: string) =>
    server((received) => (received.headers["authorization"] === `Bearer ${good}` ? answer(200) : answer(401, tokens)));

  it("renews the token once and repeats the request, streams opened anew", async () => {
    const tokens = countingTokens();
    const { url, received } = await opened(tokens, "t1");
    const open = vi.fn(() => Readable.from([Buffer.from("abc")]));
    const body = { kind: "stream", sizeBytes: 3, open, contentType: undefined } as const;
    await client({ tokens }).send(get(url, { method: "PUT", body, repeatable: false, authorized: true }), never);
    expect([tokens.renewals, open.mock.calls.length]).toEqual([1, 2]);
    expect(received.map((one) => one.body.toString())).toEqual(["abc", "abc"]);
  });

  it("again after that is an error", async () => {
    const tokens = countingTokens();
    const { url, received } = await opened(tokens, "t9");
    await expect(client({ tokens }).send(get(url, { authorized: true }), never)).rejects.toMatchObject({
      code: "unauthorized",
    });
    expect([tokens.renewals, received.length]).toEqual([1, 2]);
  });

  it("on ten requests at once renews once", async () => {
    const tokens = countingTokens();
    const { url } = await opened(tokens, "t1");
    const http = client({ tokens });
    await Promise.all(Array.from({ length: 10 }, () => http.send(get(url, { authorized: true }), never)));
    expect(tokens.renewals).toBe(1);
  });

  it("without a token of ours is handed on at once", async () => {
    const tokens = countingTokens();
    const { url } = await opened(tokens, "t0");
    await expect(client({ tokens }).send(get(url), never)).rejects.toMatchObject({ code: "unauthorized" });
    expect(tokens.renewals).toBe(0);
  });

  it("never reaches a service that is not signed in to", async () => {
    const { url, received } = await server(() => answer(200));
    await expect(client().send(get(url, { authorized: true }), never)).rejects.toThrow(/not signed in/);
    expect(received.length).toBe(0);
  });
});

describe("the token", () => {
  it("goes out in the scheme of the service", async () => {
    const { url, received } = await server(() => answer(200));
    await client({ tokens: countingTokens(), scheme: "OAuth" }).send(get(url, { authorized: true }), never);
    expect(received[0]?.headers["authorization"]).toBe("OAuth t0");
  });

  it("is never sent unencrypted to another machine", async () => {
    const http = client({ tokens: countingTokens() });
    await expect(http.send(get("http://service.test/", { authorized: true }), never)).rejects.toThrow(/plain http/);
    expect(http.requests).toBe(0);
  });

  it("never follows a redirect", async () => {
    const target = await server(() => answer(200));
    const { url } = await server(() => answer(302, "", { location: target.url }));
    const http = client({ tokens: countingTokens() });
    await expect(http.send(get(url, { authorized: true }), never)).rejects.toThrow(/302 Found/);
    const headers = { Authorization: "Basic x" };
    await expect(http.send(get(url, { headers }), never)).rejects.toThrow(/302 Found/);
    await expect(http.send(get(url, { method: "POST" }), never)).rejects.toThrow(/302 Found/);
    expect(target.received.length).toBe(0);
  });

  it("with a line break in it is refused before it is sent", async () => {
    const tokens = { ...countingTokens(), token: () => Promise.resolve("secret\nsecret") };
    await expect(client({ tokens }).send(get("http://127.0.0.1:1/", { authorized: true }), never)).rejects.toThrow(
      /characters that no token has/,
    );
  });
});

describe("a redirect", () => {
  it("of plain reading is followed, streamed or not", async () => {
    const target = await server(() => answer(200, "there"));
    const { url } = await server(() => answer(302, "", { location: `${target.url}/x?y=1` }));
    const http = client();
    expect((await http.send(get(url), never)).text).toBe("there");
    expect(await text((await http.open(get(url, { headers: { Range: "bytes=0-" } }), never)).body)).toBe("there");
    expect(target.received.map(({ path, headers }) => [path, headers["range"]])).toEqual([
      ["/x?y=1", undefined],
      ["/x?y=1", "bytes=0-"],
    ]);
    expect(http.requests).toBe(4);
  });

  it("in a circle ends", async () => {
    const { url, received } = await server(() => answer(307, "", { location: "/again" }));
    await expect(client().send(get(url), never)).rejects.toThrow(/307/);
    expect(received.length).toBe(6);
  });

  it("that the caller wants to see itself is handed over", async () => {
    const { url } = await server(() => answer(302, "", { location: "/there" }));
    expect((await client().send(get(url, { accept: [302] }), never)).headers["location"]).toBe("/there");
  });
});

describe("an aborted signal", () => {
  const reason = new Error("interrupted");

  it("rejects with its reason before anything is sent", async () => {
    const http = client();
    await expect(http.send(get("http://127.0.0.1:1/"), AbortSignal.abort(reason))).rejects.toBe(reason);
    expect(http.requests).toBe(0);
  });

  it.each(["send", "open"] as const)("ends a request under way (%s)", async (method) => {
    const own = new AbortController();
    const { url } = await server(() => {
      setTimeout(() => own.abort(reason), 20);
      return { kind: "hang" };
    });
    await expect(client()[method](get(url), own.signal)).rejects.toBe(reason);
  });

  it("ends a body half-way", async () => {
    const own = new AbortController();
    const { url } = await server(() => ({ kind: "stall", body: Buffer.alloc(1000), sentBytes: 10 }));
    const { body } = await client().open(get(url), own.signal);
    setTimeout(() => own.abort(reason), 20);
    await expect(text(body)).rejects.toBe(reason);
  });

  it.each([answer(429, "", { "retry-after": "60" }), answer(500)])("ends a wait between tries", async (reaction) => {
    const own = new AbortController();
    const { url } = await server(() => {
      setTimeout(() => own.abort(reason), 50);
      return reaction;
    });
    const http = client({ sleep: undefined, now: undefined, limits: { backoffMs: 60_000 } });
    const startedMs = performance.now();
    await expect(http.send(get(url), own.signal)).rejects.toBe(reason);
    expect(performance.now() - startedMs).toBeLessThan(2000);
  });

  it("serves many requests at once without a warning", async () => {
    const warnings: Error[] = [];
    const onWarning = (warning: Error) => warnings.push(warning);
    process.on("warning", onWarning);
    afterTest(() => void process.off("warning", onWarning));
    const { url } = await server(() => answer(200));
    const http = client();
    const { signal } = new AbortController();
    await Promise.all(Array.from({ length: 40 }, () => http.send(get(url), signal)));
    await new Promise((resolve) => setImmediate(resolve));
    expect(warnings).toEqual([]);
  });
});

describe("a wrong address", () => {
  it("is an error that does not show it", async () => {
    const sent = client().send(get("ht!tp//secret"), never);
    await expect(sent).rejects.toThrow(ProviderError);
    await expect(sent).rejects.toThrow(/^list: not an address; check the base URLs/);
  });

  it("works without any option but the necessary ones", async () => {
    const { url, received } = await server(() => answer(200));
    const http = createHttpClient({ scheme: "Bearer", userAgent: "trisync/1.2.3" });
    await http.send(get(url), never);
    http.close();
    expect(received[0]?.headers["user-agent"]).toBe("trisync/1.2.3");
  });
});
