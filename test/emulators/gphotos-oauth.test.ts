import * as oauth from "oauth4webapi";
import { beforeEach, describe, expect, test } from "vitest";
import * as z from "zod";
import { Caller, failureOf } from "./gphotos/caller.js";
import { type GooglePhotosEmulator, startGooglePhotosEmulator } from "./gphotos/emulator.js";
import { sampleJpeg } from "./gphotos/samples.js";
import { APPEND_SCOPE, EDIT_SCOPE, LIVING_SCOPES, READ_SCOPE, REMOVED_SCOPES } from "./gphotos/scopes.js";

const REDIRECT = "http://127.0.0.1:53123/done";
const DAY_MS = 24 * 3600 * 1000;

let emulator: GooglePhotosEmulator;

beforeEach(async () => {
  emulator = await startGooglePhotosEmulator();
  return () => emulator.close();
});

describe("oauth4webapi signs in", () => {
  test("with PKCE, refreshes without a new refresh token, and revokes", async () => {
    const tokens = await signIn();
    expect(tokens).toMatchObject({ token_type: "bearer", expires_in: 3599, scope: LIVING_SCOPES.join(" ") });
    expect(tokens.refresh_token).toMatch(/^1\/\/0/);
    expect(tokens).not.toHaveProperty("refresh_token_expires_in");
    expect((await new Caller(emulator, tokens.access_token).get("albums")).status).toBe(200);
    const refreshed = await refresh(tokens.refresh_token ?? "");
    expect(refreshed.refresh_token).toBeUndefined();
    expect(refreshed.access_token).not.toBe(tokens.access_token);
    const response = await oauth.revocationRequest(
      server(),
      client(),
      auth(),
      tokens.refresh_token ?? "",
      redirected(),
    );
    await oauth.processRevocationResponse(response);
    expect((await new Caller(emulator, refreshed.access_token).get("albums")).status).toBe(401);
    await expect(refresh(tokens.refresh_token ?? "")).rejects.toMatchObject({ error: "invalid_grant" });
    expect(emulator.tokenAnswers).toBe(2);
    expect(emulator.misuse).toEqual([]);
  });

  test("a second time, when a refresh token comes only for a consent asked for anew", async () => {
    await signIn({ prompt: "" });
    expect((await signIn({ prompt: "" })).refresh_token).toBeUndefined();
    expect((await signIn({ prompt: "consent" })).refresh_token).toBeDefined();
    expect((await signIn({ access_type: "online" })).refresh_token).toBeUndefined();
    expect(emulator.misuse).toHaveLength(1);
  });

  test("when the person unticks a scope, or refuses", async () => {
    emulator.settings.tickedScopes = [APPEND_SCOPE];
    const tokens = await signIn();
    expect(tokens.scope).toBe(APPEND_SCOPE);
    const caller = new Caller(emulator, tokens.access_token);
    expect(failureOf(await caller.get("albums"))).toBe(
      "403 PERMISSION_DENIED: Request had insufficient authentication scopes.",
    );
    expect((await caller.post("albums", { album: { title: "A" } })).status).toBe(200);
    emulator.settings.consent = "deny";
    await expect(signIn()).rejects.toMatchObject({ error: "access_denied" });
    expect(emulator.misuse).toEqual([]);
  });

  test("in a project that is being tested: the refresh token dies after seven days", async () => {
    emulator.settings.publishing = "testing";
    const tokens = await signIn();
    expect(tokens["refresh_token_expires_in"]).toBe(604_799);
    emulator.advanceClock(7 * DAY_MS - 60_000);
    await refresh(tokens.refresh_token ?? "");
    emulator.advanceClock(60_000);
    await expect(refresh(tokens.refresh_token ?? "")).rejects.toMatchObject({
      error: "invalid_grant",
      error_description: "Token has been expired or revoked.",
    });
  });

  test("and refresh tokens die: unused for half a year, too many, on demand; or a new one comes", async () => {
    const idle = emulator.tokens.issue().refreshToken;
    emulator.advanceClock(184 * DAY_MS);
    await expect(refresh(idle)).rejects.toMatchObject({ error: "invalid_grant" });
    const oldest = emulator.tokens.issue().refreshToken;
    for (let index = 0; index < 100; index += 1) emulator.tokens.issue();
    await expect(refresh(oldest)).rejects.toMatchObject({ error: "invalid_grant" });
    const living = emulator.tokens.issue().refreshToken;
    emulator.tokens.refusesRefresh = true;
    await expect(refresh(living)).rejects.toMatchObject({ error: "invalid_grant" });
    emulator.tokens.refusesRefresh = false;
    emulator.settings.rotateRefreshTokens = true;
    const rotated = await refresh(living);
    expect(rotated.refresh_token).not.toBe(living);
    await refresh(rotated.refresh_token ?? "");
    emulator.tokens.revokeAll();
    await expect(refresh(living)).rejects.toMatchObject({ error: "invalid_grant" });
    expect(emulator.misuse).toEqual([]);
  });

  test("faults of the token endpoint", async () => {
    const { refreshToken } = emulator.tokens.issue();
    emulator.fault({ route: "oauth.token", kind: "oauth-error", error: "invalid_client", status: 401 });
    await expect(refresh(refreshToken)).rejects.toMatchObject({ error: "invalid_client" });
    emulator.fault({ route: "oauth.token", kind: "status", status: 503 });
    await expect(refresh(refreshToken)).rejects.toThrow();
    emulator.fault({ route: "oauth.token", kind: "cut-after" });
    await expect(refresh(refreshToken)).rejects.toThrow("fetch failed");
    await refresh(refreshToken);
    expect(emulator.misuse).toEqual([]);
  });
});

describe("the consent page refuses", () => {
  const cases: readonly (readonly [string, Readonly<Record<string, string>>, string])[] = [
    ["a removed scope", { scope: REMOVED_SCOPES[0] ?? "" }, "invalid_scope"],
    ["an unknown scope", { scope: "https://www.googleapis.com/auth/photos" }, "invalid_scope"],
    ["no scope", { scope: "" }, "invalid_request"],
    ["copying a code", { redirect_uri: "urn:ietf:wg:oauth:2.0:oob" }, "invalid_request"],
    ["a redirect to elsewhere", { redirect_uri: "https://example.com/" }, "redirect_uri_mismatch"],
    ["another client", { client_id: "else" }, "invalid_client"],
    ["another response type", { response_type: "token" }, "invalid_request"],
  ];
  test.each(cases)("%s", async (_title, change, error) => {
    const { url } = await authorizeUrl(change);
    const response = await fetch(url, { redirect: "manual" });
    expect(response.status).toBe(400);
    expect(await response.text()).toContain(`Error 400: ${error}`);
    expect(emulator.misuse).toHaveLength(1);
  });

  test("a redirect that a web client has not registered to the character", async () => {
    emulator.settings.clientKind = "web";
    emulator.settings.redirectUris = ["http://localhost:8080/done"];
    const statusFor = async (redirectUri: string): Promise<number> =>
      (await fetch((await authorizeUrl({ redirect_uri: redirectUri })).url, { redirect: "manual" })).status;
    expect(await statusFor("http://localhost:8080/done")).toBe(302);
    expect(await statusFor("http://localhost:8081/done")).toBe(400);
  });

  test("nothing, but records a sign-in without state, PKCE or offline access", async () => {
    const { url } = await authorizeUrl({ state: "", code_challenge_method: "plain", access_type: "" });
    expect((await fetch(url, { redirect: "manual" })).status).toBe(302);
    expect(emulator.misuse).toHaveLength(3);
  });
});

describe("the token endpoint refuses", () => {
  test("a used, late or foreign code, a wrong verifier, another redirect", async () => {
    const { code, verifier } = await codeFor();
    const form = { grant_type: "authorization_code", code, redirect_uri: REDIRECT, code_verifier: verifier };
    expect(await errorOf({ ...form, code_verifier: "x".repeat(43) })).toBe("400 invalid_grant");
    expect(await errorOf({ ...form, code_verifier: undefined })).toBe("400 invalid_grant");
    expect(await errorOf({ ...form, redirect_uri: "http://127.0.0.1:1/" })).toBe("400 redirect_uri_mismatch");
    expect(await errorOf(form)).toBe("200 ");
    expect(await errorOf(form)).toBe("400 invalid_grant");
    const late = await codeFor();
    emulator.advanceClock(11 * 60 * 1000);
    expect(await errorOf({ ...form, code: late.code, code_verifier: late.verifier })).toBe("400 invalid_grant");
    expect(await errorOf({ ...form, code: "4/0made-up" })).toBe("400 invalid_grant");
  });

  test("a wrong client, a missing secret, an unknown grant, a body that is no form", async () => {
    const grant = { grant_type: "refresh_token", refresh_token: emulator.tokens.issue().refreshToken };
    expect(await errorOf({ ...grant, client_id: "else" })).toBe("401 invalid_client");
    expect(await errorOf({ ...grant, client_secret: "else" })).toBe("401 invalid_client");
    expect(await errorOf({ ...grant, client_secret: undefined })).toBe("400 invalid_request");
    expect(await errorOf({ grant_type: "password" })).toBe("400 unsupported_grant_type");
    const json = await fetch(`${emulator.oauthUrl}/token`, { method: "POST", body: "{}" });
    expect(json.status).toBe(400);
    expect(emulator.misuse).toHaveLength(5);
  });

  test("the device flow, as photos are not among its scopes", async () => {
    const response = await fetch(`${emulator.oauthUrl}/device/code`, { method: "POST", body: new URLSearchParams() });
    expect(response.status).toBe(400);
    expect(await response.text()).toContain("invalid_scope");
  });

  test("nothing of the published PKCE example", async () => {
    // RFC 7636, appendix B.
    const verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    const { url } = await authorizeUrl({ code_challenge: "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM" });
    const code = await codeFrom(url);
    const form = { grant_type: "authorization_code", code, redirect_uri: REDIRECT };
    expect(await errorOf({ ...form, code_verifier: verifier })).toBe("200 ");
  });
});

describe("scopes", () => {
  const methods: readonly (readonly [method: string, path: string, scopes: readonly string[]])[] = [
    ["GET", "mediaItems", [READ_SCOPE]],
    ["POST", "mediaItems:search", [READ_SCOPE]],
    ["GET", "mediaItems/ITEM", [READ_SCOPE]],
    ["GET", "mediaItems:batchGet?mediaItemIds=ITEM", [READ_SCOPE]],
    ["GET", "albums", [READ_SCOPE]],
    ["GET", "albums/ALBUM", [READ_SCOPE]],
    ["POST", "albums", [APPEND_SCOPE]],
    ["PATCH", "albums/ALBUM?updateMask=title", [EDIT_SCOPE]],
    ["PATCH", "mediaItems/ITEM?updateMask=description", [EDIT_SCOPE]],
    ["POST", "albums/ALBUM:batchAddMediaItems", [APPEND_SCOPE, EDIT_SCOPE]],
    ["POST", "albums/ALBUM:batchRemoveMediaItems", [EDIT_SCOPE]],
    ["POST", "albums/ALBUM:addEnrichment", [APPEND_SCOPE, EDIT_SCOPE]],
    ["POST", "albums/ALBUM:share", []],
    ["POST", "albums/ALBUM:unshare", []],
    ["GET", "sharedAlbums", []],
    ["GET", "sharedAlbums/ALBUM", []],
    ["POST", "sharedAlbums:join", []],
    ["POST", "sharedAlbums:leave", []],
  ];
  test.each(methods)("%s %s", async (method, path, scopes) => {
    const album = emulator.remote.addAlbum("A").id;
    const item = (await emulator.remote.addItem({ filename: "a", content: sampleJpeg(1), albumIds: [album] })).id;
    const body = bodyFor(path, item);
    for (const scope of [...LIVING_SCOPES, ...REMOVED_SCOPES]) {
      const caller = new Caller(emulator, emulator.tokens.issue({ scopes: [scope] }).accessToken);
      const real = path.replace("ALBUM", album).replace("ITEM", item);
      const reply = method === "GET" ? await caller.get(real) : await caller.post(real, body, toMethod(method));
      expect([scope, reply.status]).toEqual([scope, scopes.includes(scope) ? 200 : 403]);
    }
    expect(emulator.misuse).toEqual([]);
  });

  test("uploads and batchCreate need appendonly", async () => {
    for (const scope of LIVING_SCOPES) {
      const caller = new Caller(emulator, emulator.tokens.issue({ scopes: [scope] }).accessToken);
      expect((await caller.raw(sampleJpeg(1))).status).toBe(scope === APPEND_SCOPE ? 200 : 403);
      expect((await caller.start(5)).status).toBe(scope === APPEND_SCOPE ? 200 : 403);
      const token = await new Caller(emulator).token(sampleJpeg(1));
      expect((await caller.batchCreate([{ token }])).status).toBe(scope === APPEND_SCOPE ? 200 : 403);
    }
  });
});

test("the console's file, for both kinds of client", () => {
  expect(emulator.clientFile()).toMatchObject({
    installed: {
      client_id: emulator.app.clientId,
      auth_uri: `${emulator.accountsUrl}/o/oauth2/auth`,
      token_uri: `${emulator.oauthUrl}/token`,
      redirect_uris: ["http://localhost"],
    },
  });
  expect(emulator.clientFile("web")).toHaveProperty("web.javascript_origins");
});

/** As the real service describes itself. */
function server(): oauth.AuthorizationServer {
  return {
    issuer: "https://accounts.google.com",
    authorization_endpoint: "https://accounts.google.com/o/oauth2/v2/auth",
    token_endpoint: "https://oauth2.googleapis.com/token",
    revocation_endpoint: "https://oauth2.googleapis.com/revoke",
  };
}

/** Only the network function is replaced: the service's host becomes the emulator's port. */
function redirected(): oauth.TokenEndpointRequestOptions {
  return {
    [oauth.customFetch]: (url, { method, headers, body }) =>
      fetch(url.replace("https://oauth2.googleapis.com", emulator.oauthUrl), { method, headers, body }),
  };
}

function client(): oauth.Client {
  return { client_id: emulator.app.clientId };
}

function auth(): oauth.ClientAuth {
  return oauth.ClientSecretPost(emulator.app.clientSecret);
}

async function authorizeUrl(
  change: Readonly<Record<string, string>> = {},
): Promise<{ readonly url: URL; readonly verifier: string; readonly state: string }> {
  const verifier = oauth.generateRandomCodeVerifier();
  const state = oauth.generateRandomState();
  const url = new URL(`${emulator.accountsUrl}/o/oauth2/v2/auth`);
  url.search = new URLSearchParams({
    client_id: emulator.app.clientId,
    redirect_uri: REDIRECT,
    response_type: "code",
    scope: LIVING_SCOPES.join(" "),
    state,
    code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
    code_challenge_method: "S256",
    access_type: "offline",
    prompt: "consent",
    ...change,
  }).toString();
  return { url, verifier, state };
}

async function codeFrom(url: URL): Promise<string> {
  const response = await fetch(url, { redirect: "manual" });
  return new URL(response.headers.get("location") ?? "").searchParams.get("code") ?? "";
}

async function codeFor(): Promise<{ readonly code: string; readonly verifier: string }> {
  const { url, verifier } = await authorizeUrl();
  return { code: await codeFrom(url), verifier };
}

async function signIn(change: Readonly<Record<string, string>> = {}): Promise<oauth.TokenEndpointResponse> {
  const { url, verifier, state } = await authorizeUrl(change);
  const page = await fetch(url, { redirect: "manual" });
  const params = oauth.validateAuthResponse(server(), client(), new URL(page.headers.get("location") ?? ""), state);
  const response = await oauth.authorizationCodeGrantRequest(
    server(),
    client(),
    auth(),
    params,
    REDIRECT,
    verifier,
    redirected(),
  );
  return await oauth.processAuthorizationCodeResponse(server(), client(), response);
}

async function refresh(refreshToken: string): Promise<oauth.TokenEndpointResponse> {
  const response = await oauth.refreshTokenGrantRequest(server(), client(), auth(), refreshToken, redirected());
  return await oauth.processRefreshTokenResponse(server(), client(), response);
}

/** "400 invalid_grant"; undefined leaves a field out. */
async function errorOf(form: Readonly<Record<string, string | undefined>>): Promise<string> {
  const { clientId, clientSecret } = emulator.app;
  const body = new URLSearchParams();
  const fields: typeof form = { client_id: clientId, client_secret: clientSecret, ...form };
  for (const [name, value] of Object.entries(fields)) {
    if (value !== undefined) body.set(name, value);
  }
  const response = await fetch(`${emulator.oauthUrl}/token`, { method: "POST", body });
  const { error = "" } = z.object({ error: z.string().optional() }).parse(await response.json());
  return `${String(response.status)} ${error}`;
}

function bodyFor(path: string, item: string): unknown {
  if (path === "albums") return { album: { title: "B" } };
  if (path.endsWith("MediaItems")) return { mediaItemIds: [item] };
  if (path.endsWith(":addEnrichment")) return { newEnrichmentItem: { textEnrichment: { text: "x" } } };
  return {};
}

function toMethod(method: string): "POST" | "PATCH" {
  return method === "PATCH" ? "PATCH" : "POST";
}
