import { inspect } from "node:util";
import { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { describe, expect, it } from "vitest";
import * as z from "zod";
import { parseAnswer } from "../../../lib/http/answers.js";
import { networkError, toNetworkFailure } from "../../../lib/http/errors.js";
import { createFixedTokenSource } from "../../../lib/http/token-source.js";
import type { HttpClient, HttpRequest } from "../../../lib/http/types.js";
import { answer, type Reaction } from "../../support/http-server.js";
import { client, get, never, proxy, server } from "./support.js";

/** In the token, a header, the path, the query, the body and the answer of every request here. */
const SECRET = "s3cr3t-needle";

const tokens = createFixedTokenSource({ provider: "dropbox", token: SECRET, variable: "DROPBOX_ACCESS_TOKEN" });
const fixed = { ...tokens, renew: () => Promise.resolve(SECRET) };

function secretive(url: string, more: Partial<HttpRequest> = {}): HttpRequest {
  const headers = { "x-secret": SECRET, cookie: SECRET };
  const body = { kind: "json", value: { secret: SECRET } } as const;
  return get(`${url}/${SECRET}?sig=${SECRET}`, { method: "POST", headers, body, authorized: true, ...more });
}

function assertSecretive(error: unknown): void {
  expect(error).toBeInstanceOf(Error);
  const shown = [
    inspect(error, { depth: Infinity, showHidden: true, getters: true }),
    JSON.stringify(error),
    String(error),
  ];
  if (error instanceof Error)
    shown.push(error.stack ?? "", inspect(error.cause, { depth: Infinity, showHidden: true }));
  expect(shown.filter((one) => one.includes(SECRET))).toEqual([]);
}

async function errorOf(act: Promise<unknown>): Promise<unknown> {
  try {
    await act;
  } catch (error) {
    return error;
  }
  throw new Error("expected an error");
}

const reactions: readonly (readonly [string, Reaction])[] = [
  ["401", answer(401, SECRET, { "www-authenticate": SECRET })],
  ["403", answer(403, { secret: SECRET })],
  ["redirect", answer(302, SECRET, { location: `https://${SECRET}.test/?x=${SECRET}` })],
  ["429 for long", answer(429, SECRET, { "retry-after": "99999" })],
  ["500", answer(500, SECRET)],
  ["reset", { kind: "reset" }],
  ["truncated", { kind: "truncate", body: Buffer.from(`${SECRET} and more`), sentBytes: 15 }],
  ["silent", { kind: "stall", body: Buffer.from(`${SECRET} and more`), sentBytes: 15 }],
  ["no answer", { kind: "hang" }],
];

const limits = { retries: 1, responseTimeoutMs: 80, idleTimeoutMs: 80 };

describe("no error shows a secret", () => {
  it.each(reactions)("after %s", async (_title, reaction) => {
    const { url } = await server(() => reaction);
    const http = client({ tokens: fixed, limits });
    assertSecretive(await errorOf(http.send(secretive(url), never)));
    assertSecretive(await errorOf(read(http, secretive(url))));
  });

  it("when the server cannot be reached", async () => {
    const gone = await server(() => answer(200));
    await gone.close();
    assertSecretive(await errorOf(client({ tokens: fixed, limits }).send(secretive(gone.url), never)));
  });

  it("when the address is none", async () => {
    const http = client({ tokens: fixed });
    assertSecretive(await errorOf(http.send({ ...secretive(""), url: `http://${SECRET}:x/` }, never)));
  });

  it("when a header cannot be sent", async () => {
    const http = client({ tokens: fixed, limits });
    const headers = { "x-secret": `${SECRET}\n` };
    const error = await errorOf(http.send(secretive("http://127.0.0.1:1", { headers }), never));
    expect(String(error)).toContain("cannot be sent like this");
    assertSecretive(error);
  });

  it("when the proxy refuses", async () => {
    const { url } = await proxy({ port: 1, refuseWith: 403 });
    const settings = { HTTP_PROXY: url.replace("//", `//user:${SECRET}@`) };
    const error = await errorOf(
      client({ tokens: fixed, proxy: settings, limits }).send(secretive("http://127.0.0.1:2"), never),
    );
    expect(String(error)).toContain("refused the connection with 403 Forbidden");
    assertSecretive(error);
  });

  it("when the proxy's address is none", async () => {
    const http = client({ tokens: fixed, proxy: { HTTP_PROXY: `socks://u:${SECRET}@proxy` } });
    const error = await errorOf(http.send(secretive("http://127.0.0.1:2"), never));
    expect(String(error)).toContain("HTTP_PROXY is not the address of an HTTP proxy");
    assertSecretive(error);
  });

  it("when the content cannot be read", async () => {
    const { url } = await server(() => answer(200));
    const body = { kind: "stream", sizeBytes: 5, open: () => Readable.from([]), contentType: undefined } as const;
    assertSecretive(await errorOf(client({ tokens: fixed }).send(secretive(url, { body }), never)));
  });

  it("when the answer is not what was expected", () => {
    const schema = z.object({ size: z.number(), kind: z.enum(["file", "folder"]) });
    const texts = [
      `<html>${SECRET}`,
      `{"size":"${SECRET}`,
      SECRET,
      JSON.stringify({ size: SECRET, kind: SECRET, [SECRET]: 1 }),
    ];
    for (const body of texts) {
      const malformed = () => parseAnswer(schema, { status: 200, headers: {}, text: body }, "list");
      expect(malformed).toThrow(/^list: the answer /);
      try {
        malformed();
      } catch (error) {
        assertSecretive(error);
      }
    }
  });

  it("whatever an inner error says", () => {
    const inner = Object.assign(new Error(SECRET), { code: SECRET, options: { headers: { authorization: SECRET } } });
    const failure = toNetworkFailure(new Error(SECRET, { cause: inner }), undefined);
    assertSecretive(networkError({ operation: "list", subject: undefined }, "127.0.0.1", failure));
  });
});

async function read(http: HttpClient, request: HttpRequest): Promise<string> {
  return await text((await http.open(request, never)).body);
}
