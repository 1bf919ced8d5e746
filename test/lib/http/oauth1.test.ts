import { readFileSync } from "node:fs";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import path from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import * as z from "zod";
import { createHttpClient } from "../../../lib/http/client.js";
import { baseStringOf, encodeStrictly, signatureOf } from "../../../lib/http/oauth1-signature.js";
import { createOAuth1Signer } from "../../../lib/http/oauth1.js";

const vectorsFile = z.object({
  vectors: z.array(
    z.object({
      name: z.string(),
      method: z.string(),
      url: z.string(),
      params: z.array(z.tuple([z.string(), z.string()])),
      consumer_secret: z.string(),
      token_secret: z.string(),
      base_string: z.string(),
      signature: z.string(),
    }),
  ),
});

const file = path.resolve(import.meta.dirname, "../../fixtures/oauth1-vectors.json");
const { vectors } = vectorsFile.parse(JSON.parse(readFileSync(file, "utf8")));

const signal = new AbortController().signal;

describe("signatures", () => {
  test("there are vectors", () => {
    expect(vectors.length).toBeGreaterThanOrEqual(10);
  });

  test.each(vectors)("$name", ({ method, url, params, consumer_secret, token_secret, base_string, signature }) => {
    const signed = { method, address: url, parameters: params };
    expect(baseStringOf(signed)).toBe(base_string);
    const secrets = { consumerSecret: consumer_secret, tokenSecret: token_secret };
    expect(signatureOf(signed, secrets)).toBe(signature);
  });

  test("what other encoders leave alone is escaped, and half a character does no harm", () => {
    expect(encodeStrictly("!'()* ~-._é")).toBe("%21%27%28%29%2A%20~-._%C3%A9");
    expect(encodeStrictly("\ud800")).toBe("%EF%BF%BD");
  });
});

describe("signed requests", () => {
  const closing: (() => void)[] = [];
  afterEach(() => closing.splice(0).forEach((close) => close()));

  /** Answers with the statuses, one after the other, and then 200. */
  async function serve(...statuses: readonly number[]) {
    const seen: IncomingMessage[] = [];
    const server = createServer((request, response) => {
      seen.push(request);
      request.resume();
      response.writeHead(statuses[seen.length - 1] ?? 200, { "content-type": "text/plain" }).end("ok");
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    closing.push(() => server.close());
    return { seen, url: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}` };
  }

  const keys = { consumerKey: "ck", consumerSecret: "hidden-1", token: { id: "at", secret: "hidden-2" } };

  function client(more: Partial<Parameters<typeof createOAuth1Signer>[1]> = {}) {
    const sign = createOAuth1Signer(keys, { now: () => 1_700_000_000_000, ...more });
    const http = createHttpClient({ sign, userAgent: "test", sleep: () => Promise.resolve() });
    closing.push(() => http.close());
    return http;
  }

  const request = { operation: "look", subject: undefined, method: "GET", repeatable: true } as const;

  test("every attempt has a signature of its own", async () => {
    const { seen, url } = await serve(503, 503);
    let admitted = 0;
    const admit = async () => void (admitted += 1);
    await client({ admit }).send({ ...request, url: `${url}/rest?x=1` }, signal);
    const headers = seen.map(({ headers }) => headers.authorization ?? "");
    expect(headers).toHaveLength(3);
    expect(admitted).toBe(3);
    expect(new Set(headers.map((header) => /oauth_nonce="([^"]+)"/.exec(header)?.[1])).size).toBe(3);
    expect(headers[0]).toMatch(/^OAuth .*oauth_timestamp="1700000000".*oauth_signature="[\w%]+"$/);
    expect(headers.join()).not.toContain("hidden");
  });

  test("the signature covers the query, the form and the text parts of a multipart body", async () => {
    const { seen, url } = await serve();
    const body = { kind: "form", fields: { "a b": "ü+" } } as const;
    const signedFields = { title: "x & y" };
    await client().send({ ...request, method: "POST", url: `${url}/rest/?q=1%202&q=0`, body, signedFields }, signal);
    const header = seen[0]?.headers.authorization ?? "";
    const own = [...header.matchAll(/(oauth_\w+)="([^"]*)"/g)].map(
      ([, name = "", value = ""]) => [name, decodeURIComponent(value)] as const,
    );
    const oauth = own.filter(([name]) => name !== "oauth_signature");
    const covered = [...oauth, ["q", "1 2"], ["q", "0"], ["a b", "ü+"], ["title", "x & y"]] as const;
    const secrets = { consumerSecret: keys.consumerSecret, tokenSecret: keys.token.secret };
    const signed = { method: "POST", address: `${url}/rest/`, parameters: covered };
    expect(Object.fromEntries(own)["oauth_signature"]).toBe(signatureOf(signed, secrets));
  });

  test("nothing is signed for a plain connection to another machine, nor with a key that is none", async () => {
    await expect(client().send({ ...request, url: "http://api.example/" }, signal)).rejects.toThrow("plain http");
    const sign = createOAuth1Signer({ ...keys, consumerSecret: "a\nb" }, { now: Date.now });
    await expect(sign({ ...request, url: "https://api.example/" }, signal)).rejects.toThrow("copy it again");
  });

  test("a request that proves nothing is not signed", async () => {
    const { seen, url } = await serve();
    await client().send({ ...request, url, authorized: false }, signal);
    expect(seen[0]?.headers.authorization).toBeUndefined();
  });

  test("no message shows a query, a secret or a token", async () => {
    const { url } = await serve(404);
    const error: unknown = await client()
      .send({ ...request, url: `${url}/rest?private=words` }, signal)
      .catch((reason: unknown) => reason);
    expect(String(error)).toContain("404");
    expect(String(error)).not.toMatch(/private|hidden|oauth/);
  });
});
