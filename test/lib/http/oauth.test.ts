import { createHash } from "node:crypto";
import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import { signInByDevice } from "../../../lib/http/device-code.js";
import {
  authorizationUrl,
  exchangeCode,
  refreshTokens,
  revokeToken,
  type OAuthServer,
} from "../../../lib/http/oauth.js";
import { answer, script, type Reaction } from "../../support/http-server.js";
import { formOf } from "./oauth-server.js";
import { client, fakeClock, matching, never, server } from "./support.js";

const GRANTED = { access_token: "a1", refresh_token: "r1", expires_in: 14400, token_type: "bearer", scope: "files" };

function serverAt(url: string, more: Partial<OAuthServer> = {}): OAuthServer {
  return {
    provider: "dropbox",
    authorizeUrl: `${url}/authorize`,
    tokenUrl: `${url}/token`,
    deviceUrl: `${url}/device`,
    clientId: "the-id",
    clientSecret: undefined,
    secretIn: "body",
    rotates: false,
    ...more,
  };
}

const tools = (http = client()) => ({ http, now: () => 1_000_000 });

describe("authorizationUrl", () => {
  it("carries PKCE, state and what the service wants besides", async () => {
    const options = {
      redirectUri: "http://127.0.0.1:1/",
      scopes: ["a", "b"],
      parameters: { token_access_type: "offline" },
    };
    const { url, state, codeVerifier } = await authorizationUrl(serverAt("https://service.test"), options);
    const challenge = createHash("sha256").update(codeVerifier).digest("base64url");
    expect(Object.fromEntries(new URL(url).searchParams)).toEqual({
      response_type: "code",
      client_id: "the-id",
      redirect_uri: "http://127.0.0.1:1/",
      scope: "a b",
      state,
      code_challenge: challenge,
      code_challenge_method: "S256",
      token_access_type: "offline",
    });
    expect(state.length).toBeGreaterThan(20);
  });

  it("leaves out the redirect where the code is copied by hand", async () => {
    const { url } = await authorizationUrl(serverAt("https://service.test"), { redirectUri: undefined, scopes: [] });
    expect([...new URL(url).searchParams.keys()]).not.toContain("redirect_uri");
  });

  it("is refused over plain http elsewhere", async () => {
    const options = { redirectUri: undefined, scopes: [] };
    await expect(authorizationUrl(serverAt("http://service.test"), options)).rejects.toThrow(/must be https/);
  });
});

describe("token requests", () => {
  it("exchange a code, with the verifier and without a secret", async () => {
    const { url, received } = await server(() => answer(200, GRANTED));
    const grant = { code: "c1", codeVerifier: "v1", redirectUri: undefined };
    const http = client();
    expect(await exchangeCode(serverAt(url), grant, tools(http), never)).toEqual({
      accessToken: "a1",
      refreshToken: "r1",
      expiresMs: 1_000_000 + 14_400_000,
    });
    expect(received.map(formOf)).toEqual([
      { grant_type: "authorization_code", code: "c1", code_verifier: "v1", client_id: "the-id" },
    ]);
    expect(received[0]?.headers["user-agent"]).toBe("trisync-test");
    expect(http.requests).toBe(1);
  });

  it("exchange a code with the redirect it was given for", async () => {
    const { url, received } = await server(() => answer(200, GRANTED));
    const grant = { code: "c1", codeVerifier: "v1", redirectUri: "http://127.0.0.1:5/" };
    await exchangeCode(serverAt(url, { clientSecret: "shh" }), grant, tools(), never);
    expect(received.map(formOf)[0]).toMatchObject({ redirect_uri: "http://127.0.0.1:5/", client_secret: "shh" });
  });

  it("show the secret in a header where the service wants it there", async () => {
    const { url, received } = await server(() => answer(200, GRANTED));
    await refreshTokens(serverAt(url, { clientSecret: "shh", secretIn: "header" }), "r0", tools(), never);
    expect(received[0]?.headers["authorization"]).toBe(`Basic ${Buffer.from("the%2Did:shh").toString("base64")}`);
    expect(received.map(formOf)[0]).toEqual({ grant_type: "refresh_token", refresh_token: "r0" });
  });

  it("keep what the answer leaves out apart", async () => {
    const { url } = await server(() => answer(200, { access_token: "a1", token_type: "Bearer" }));
    expect(await refreshTokens(serverAt(url), "r0", tools(), never)).toEqual({
      accessToken: "a1",
      refreshToken: undefined,
      expiresMs: undefined,
    });
  });

  it("are repeated only where a refresh token survives it", async () => {
    const { url, received } = await server(() => answer(503));
    const http = client({ limits: { retries: 2 } });
    await expect(refreshTokens(serverAt(url), "r0", tools(http), never)).rejects.toMatchObject({ code: "unavailable" });
    expect(received.length).toBe(3);
    const rotating = serverAt(url, { rotates: true });
    await expect(refreshTokens(rotating, "r0", tools(http), never)).rejects.toMatchObject({ code: "unavailable" });
    expect(received.length).toBe(4);
  });

  const refusals: readonly (readonly [string, Reaction, string, RegExp])[] = [
    [
      "a dead token",
      answer(400, { error: "invalid_grant" }),
      "unauthorized",
      /invalid_grant: .*run `trisync login dropbox`$/,
    ],
    [
      "a wrong application",
      answer(401, { error: "invalid_client" }),
      "unauthorized",
      /check both, then run `trisync login/,
    ],
    [
      "a wrong application, by header",
      answer(401, "", { "www-authenticate": 'Basic realm="x"' }),
      "unauthorized",
      /invalid_client/,
    ],
    ["an odd word", answer(400, { error: "<b>x</b>" }), "unauthorized", /an unknown error/],
    ["trouble there", answer(400, { error: "temporarily_unavailable" }), "unavailable", /run again later/],
    ["a web page", answer(200, "<html>hotel"), "malformed", /dropbox did not answer as documented/],
    ["half an answer", answer(200, '{"access_token":"a'), "malformed", /did not answer/],
    ["no token", answer(200, { token_type: "bearer", secret: "x-needle-x" }), "malformed", /did not answer/],
  ];
  it.each(refusals)("reject for %s", async (_title, reaction, code, message) => {
    const { url } = await server(() => reaction);
    const sent = refreshTokens(serverAt(url, { clientSecret: "x-needle-x" }), "x-needle-x", tools(), never);
    const error: unknown = await sent.catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code, message: matching(message) });
    expect(inspect(error, { depth: Infinity, showHidden: true }) + JSON.stringify(error)).not.toContain("x-needle-x");
  });

  it("are not sent over plain http elsewhere", async () => {
    const http = client();
    await expect(refreshTokens(serverAt("http://service.test"), "r0", tools(http), never)).rejects.toThrow(
      /must be https/,
    );
    expect(http.requests).toBe(0);
  });
});

describe("revokeToken", () => {
  it("sends the token in the field that the service reads, and takes a dead one for done", async () => {
    const { url, received } = await server(script(answer(200), answer(400, { error: "invalid_token" })));
    const revoke = { url: `${url}/revoke`, field: "access_token" } as const;
    const options = serverAt(url, { revoke, clientSecret: "shh" });
    await revokeToken(options, "a1", tools(), never);
    await revokeToken(options, "a1", tools(), never);
    expect(received.map(formOf)[0]).toEqual({ access_token: "a1", client_id: "the-id", client_secret: "shh" });
  });

  it("says when it did not work", async () => {
    const { url } = await server(() => answer(400, { error: "unsupported_token_type" }));
    const options = serverAt(url, { revoke: { url, field: "token" } });
    await expect(revokeToken(options, "a1", tools(), never)).rejects.toThrow(/unsupported_token_type/);
  });
});

describe("sign-in by device", () => {
  const CODE = { device_code: "d1", user_code: "ABCD", expires_in: 300, interval: 5 };

  it.each(["verification_uri", "verification_url"])("asks until the code was entered (%s)", async (spelling) => {
    const clock = fakeClock(0);
    const { url, received } = await server(
      script(
        answer(200, { ...CODE, [spelling]: "https://service.test/device" }),
        answer(400, { error: "authorization_pending" }),
        answer(400, { error: "slow_down" }),
        answer(200, GRANTED),
      ),
    );
    const prompts: unknown[] = [];
    const signIn = { scopes: ["files"], prompt: (prompt: unknown) => prompts.push(prompt), sleep: clock.sleep };
    const tokens = await signInByDevice(serverAt(url), signIn, { http: client(), now: clock.now }, never);
    expect(tokens.accessToken).toBe("a1");
    expect(prompts).toEqual([
      { userCode: "ABCD", verificationUri: "https://service.test/device", completeUri: undefined },
    ]);
    expect(clock.slept).toEqual([5000, 5000, 10_000]);
    expect(received.map(formOf).slice(0, 2)).toEqual([
      { client_id: "the-id", scope: "files" },
      { grant_type: "urn:ietf:params:oauth:grant-type:device_code", device_code: "d1", client_id: "the-id" },
    ]);
  });

  it("speaks the dialect of the service, and lives through trouble on the way", async () => {
    const clock = fakeClock(0);
    const { url, received } = await server(
      script(answer(200, { ...CODE, verification_url: "https://s.test/" }), answer(500), answer(200, GRANTED)),
    );
    const grant = { type: "device_code", parameter: "code" };
    const signIn = { scopes: [], grant, prompt: () => undefined, sleep: clock.sleep };
    await signInByDevice(serverAt(url), signIn, { http: client(), now: clock.now }, never);
    expect(received.map(formOf).at(-1)).toEqual({ grant_type: "device_code", code: "d1", client_id: "the-id" });
  });

  it.each([
    [answer(400, { error: "access_denied" }), /declined/],
    [answer(400, { error: "expired_token" }), /not entered in time/],
    [answer(400, { error: "authorization_pending" }), /not entered in time; run `trisync login dropbox` again/],
  ])("ends when there is nothing to wait for", async (reaction, message) => {
    const clock = fakeClock(0);
    const { url } = await server(script(answer(200, { ...CODE, verification_uri: "https://s.test/" }), reaction));
    const signIn = { scopes: [], prompt: () => undefined, sleep: clock.sleep };
    const sent = signInByDevice(serverAt(url), signIn, { http: client(), now: clock.now }, never);
    await expect(sent).rejects.toMatchObject({ code: "unauthorized", message: matching(message) });
    expect(clock.now()).toBeLessThanOrEqual(300_000);
  });
});
