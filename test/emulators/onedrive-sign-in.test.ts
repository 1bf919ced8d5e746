import { beforeEach, describe, expect, test } from "vitest";
import * as z from "zod";
import { startOneDriveEmulator, type OneDriveEmulator } from "./onedrive/emulator.js";
import { postForm, type RawAnswer, rawClient, type RawCall } from "./onedrive/raw-client.js";

const Tokens = z.object({
  access_token: z.string(),
  refresh_token: z.string().optional(),
  scope: z.string().optional(),
  expires_in: z.number(),
});

let emulator: OneDriveEmulator;

beforeEach(async () => {
  emulator = await startOneDriveEmulator();
  return () => emulator.close();
});

const tokenUrl = (tenant = emulator.tenantId): string => `${emulator.loginUrl}/${tenant}/oauth2/v2.0/token`;
const clientId = (): { client_id: string } => ({ client_id: emulator.app.clientId });
const ask = (form: Readonly<Record<string, string>>, tenant?: string): Promise<RawAnswer> =>
  postForm(tokenUrl(tenant), { ...clientId(), ...form });
const refresh = (token: string, more: Readonly<Record<string, string>> = {}, tenant?: string): Promise<RawAnswer> =>
  ask({ grant_type: "refresh_token", refresh_token: token, ...more }, tenant);
const forApp = (more: Readonly<Record<string, string>> = {}, tenant?: string): Promise<RawAnswer> => {
  const scope = "https://graph.microsoft.com/.default";
  return ask({ grant_type: "client_credentials", client_secret: emulator.app.clientSecret, scope, ...more }, tenant);
};
const errorOf = ({ status, json }: RawAnswer): readonly unknown[] => {
  const { error, error_codes = [] } = z
    .object({ error: z.string(), error_codes: z.array(z.number()).optional() })
    .parse(json);
  return [status, error, ...error_codes];
};

describe("the application signs in", () => {
  test("by secret in the form or in the header", async () => {
    const { access_token, refresh_token, expires_in } = Tokens.parse((await forApp()).json);
    expect([refresh_token, expires_in]).toEqual([undefined, 3599]);
    expect((await rawClient(emulator, access_token)("GET", "{D}/root")).status).toBe(200);
    const { clientId: id, clientSecret } = emulator.app;
    const basic = Buffer.from(`${encodeURIComponent(id)}:${encodeURIComponent(clientSecret)}`).toString("base64");
    const headers = { authorization: `Basic ${basic}`, "content-type": "application/x-www-form-urlencoded" };
    const body = "grant_type=client_credentials&scope=https%3A%2F%2Fgraph.microsoft.com%2F.default";
    expect((await rawClient(emulator)("POST", tokenUrl(), { headers, body })).status).toBe(200);
  });

  test("and is refused as the service refuses", async () => {
    expect(errorOf(await forApp({ client_secret: "no" }))).toEqual([401, "invalid_client", 7000215]);
    expect(errorOf(await forApp({ client_id: "00000000-0000-0000-0000-000000000000" }))).toEqual([
      ...[400, "unauthorized_client", 700016],
    ]);
    expect(errorOf(await forApp({}, "common"))).toEqual([400, "invalid_request", 9001023]);
    expect(errorOf(await forApp({}, "contoso.example"))).toEqual([400, "invalid_request", 90002]);
    expect((await forApp({}, "contoso.onmicrosoft.com")).status).toBe(200);
    expect(errorOf(await forApp({ scope: "Files.ReadWrite.All" }))).toEqual([400, "invalid_scope", 1002012]);
    const assertion = {
      client_assertion_type: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
      client_assertion: "a.b.c",
    };
    expect(errorOf(await forApp(assertion))).toEqual([401, "invalid_client", 700027]);
  });

  test("and finds drives by user, but no personal ones, and no 'me'", async () => {
    const { access_token } = Tokens.parse((await forApp()).json);
    const call = rawClient(emulator, access_token);
    const { userId, userPrincipalName } = emulator.person;
    for (const name of [userId, encodeURIComponent(userPrincipalName)]) {
      expect((await call("GET", `/users/${name}/drive`)).json).toMatchObject({ id: emulator.drive.id });
    }
    expect((await call("GET", "/me/drive")).json).toMatchObject({ error: { code: "BadRequest" } });
    expect(await codeOf(call("GET", "/users/nobody@contoso.com/drive"))).toEqual([404, "Request_ResourceNotFound"]);
    const empty = emulator.addAccount({ displayName: "Bob", hasDrive: false });
    const forms = [
      ["mysite", 404, "ResourceNotFound"],
      ["no-item", 404, "itemNotFound"],
      ["mysite-url", 404, "UnknownError"],
      ["no-licence", 400, "BadRequest"],
      ["file-not-found", 404, "itemNotFound"],
    ] as const;
    for (const [form, ...answer] of forms) {
      empty.noDrive = form;
      expect(await codeOf(call("GET", `/users/${empty.userId}/drive`))).toEqual(answer);
    }
    const personal = emulator.addAccount({ kind: "personal", displayName: "Cleo" });
    expect(await codeOf(call("GET", `/drives/${personal.drive?.id ?? ""}`))).toEqual([403, "accessDenied"]);
  });
});

describe("a person's tokens", () => {
  test("rotate, and the old refresh token stays good", async () => {
    const { refreshToken } = emulator.tokens.issue();
    const first = Tokens.parse((await refresh(refreshToken)).json);
    expect(first.refresh_token).not.toBe(refreshToken);
    expect(first.scope).toBe("Files.ReadWrite.All User.Read");
    expect((await refresh(refreshToken)).status).toBe(200);
    expect((await refresh(first.refresh_token ?? "")).status).toBe(200);
    emulator.settings.refreshTokens = "same";
    expect(Tokens.parse((await refresh(refreshToken)).json).refresh_token).toBeUndefined();
    emulator.settings.refreshTokens = "rotate-and-revoke";
    await refresh(refreshToken);
    expect(errorOf(await refresh(refreshToken))).toEqual([400, "invalid_grant", 700082]);
  });

  test("are refused when unknown, revoked, asked for more than granted, or from the wrong client", async () => {
    const { refreshToken } = emulator.tokens.issue({ scopes: ["Files.Read", "offline_access"] });
    expect(errorOf(await refresh("made-up"))).toEqual([400, "invalid_grant", 70000]);
    expect(errorOf(await refresh(refreshToken, { scope: "Files.ReadWrite.All" }))).toEqual([
      400,
      "invalid_grant",
      65001,
    ]);
    expect(errorOf(await refresh(refreshToken, { scope: "Mail.Read" }))).toEqual([400, "invalid_scope", 70011]);
    expect((await refresh(refreshToken, { scope: "Files.Read offline_access" })).status).toBe(200);
    expect(errorOf(await refresh(refreshToken, {}, "consumers"))).toEqual([400, "invalid_grant", 50034]);
    const { clientSecret: client_secret } = emulator.app;
    expect(errorOf(await refresh(refreshToken, { client_secret }))).toEqual([401, "invalid_client", 700025]);
    emulator.settings.app = "confidential";
    expect(errorOf(await refresh(refreshToken))).toEqual([401, "invalid_client", 7000218]);
    expect((await refresh(refreshToken, { client_secret })).status).toBe(200);
    emulator.settings.app = "public";
    emulator.tokens.revokeAll();
    expect((await refresh(refreshToken)).json).toMatchObject({ error: "invalid_grant", suberror: "bad_token" });
  });

  test("go through the tenant that the application's registration allows", async () => {
    const { refreshToken } = emulator.tokens.issue();
    const cases = [
      ["consumers", "common", 9002331],
      ["organizations", "consumers", 9002332],
      ["single-tenant", "common", 50194],
    ] as const;
    for (const [audience, tenant, number] of cases) {
      emulator.settings.audience = audience;
      expect(errorOf(await refresh(refreshToken, {}, tenant))).toEqual([400, "invalid_request", number]);
    }
  });

  test("expire by time, by use, by revocation and on demand", async () => {
    const me = (accessToken: string): Promise<readonly unknown[]> =>
      codeOf(rawClient(emulator, accessToken)("GET", "/me/drive"));
    const expired = [401, "InvalidAuthenticationToken"];
    const { accessToken } = emulator.tokens.issue({ expiresInSeconds: 60 });
    expect(await me(accessToken)).toEqual([200]);
    emulator.advanceClock(61_000);
    expect(await me(accessToken)).toEqual(expired);
    const short = emulator.tokens.issue({ uses: 2 });
    expect([await me(short.accessToken), await me(short.accessToken)]).toEqual([[200], [200]]);
    expect(await me(short.accessToken)).toEqual(expired);
    emulator.settings.accessTokenUses = 1;
    const next = Tokens.parse((await refresh(short.refreshToken)).json);
    expect([await me(next.access_token), await me(next.access_token)]).toEqual([[200], expired]);
    emulator.settings.accessTokenUses = undefined;
    emulator.fault({ route: "drive", kind: "expired-token" });
    const other = emulator.tokens.issue();
    expect([await me(other.accessToken), await me(other.accessToken)]).toEqual([expired, expired]);
    const answer = await rawClient(emulator, "made-up")("GET", "/me/drive");
    expect(answer.headers["www-authenticate"]).toContain("authorization_uri=");
    expect(answer.json).toMatchObject({ error: { message: "CompactToken parsing failed with error code: 80049217" } });
  });

  test("allow what their scopes say", async () => {
    emulator.remote.write("/a.txt", "a");
    const as = (...scopes: string[]): RawCall => rawClient(emulator, emulator.tokens.issue({ scopes }).accessToken);
    expect((await as("Files.Read")("GET", "{D}/root")).status).toBe(200);
    expect(await codeOf(as("Files.Read")("DELETE", "{D}/root:/a.txt"))).toEqual([403, "accessDenied"]);
    expect(await codeOf(as("User.Read")("GET", "{D}/root"))).toEqual([403, "accessDenied"]);
    expect(await codeOf(as("Files.ReadWrite.AppFolder")("GET", "{D}/root"))).toEqual([403, "accessDenied"]);
    expect((await as("Files.ReadWrite.AppFolder")("GET", "{D}/special/approot")).json).toMatchObject({
      name: "trisync",
    });
    const other = emulator.addAccount({ displayName: "Bob" });
    const own = emulator.tokens.issue({ scopes: ["Files.ReadWrite.All"] });
    expect(await codeOf(rawClient(emulator, own.accessToken)("GET", `/drives/${other.drive?.id ?? ""}`))).toEqual([
      ...[403, "accessDenied"],
    ]);
  });
});

describe("the sign-in pages", () => {
  const authorize = (query: Readonly<Record<string, string>>): Promise<RawAnswer> => {
    const base = {
      ...clientId(),
      response_type: "code",
      redirect_uri: "http://localhost:1234",
      scope: "Files.ReadWrite",
      state: "s",
    };
    const pkce = { code_challenge: "a".repeat(43), code_challenge_method: "S256" };
    const url = `${emulator.loginUrl}/common/oauth2/v2.0/authorize?${new URLSearchParams({ ...base, ...pkce, ...query }).toString()}`;
    return rawClient(emulator)("GET", url);
  };

  test("lead back with a code or a refusal", async () => {
    expect((await authorize({})).headers["location"]).toMatch(
      /^http:\/\/localhost:1234\/\?code=[^&]+&state=s&session_state=/,
    );
    emulator.settings.consent = "deny";
    expect((await authorize({})).headers["location"]).toMatch(/\?error=access_denied&error_description=[^&]+&state=s$/);
  });

  test.each([
    ["an address that is not registered", { redirect_uri: "http://localhost:1234/path" }],
    ["an address elsewhere", { redirect_uri: "https://evil.example/" }],
    ["a challenge in plain text", { code_challenge_method: "plain" }],
    ["another application", { client_id: "someone" }],
    ["an implicit flow", { response_type: "token" }],
  ])("show %s as a mistake", async (_title, query) => {
    expect((await authorize(query)).status).toBe(400);
    expect(emulator.misuse).toHaveLength(1);
  });

  test("of the administrator", async () => {
    const query = new URLSearchParams({ ...clientId(), redirect_uri: "http://localhost:1/x", state: "s" });
    const answer = await rawClient(emulator)(
      "GET",
      `${emulator.loginUrl}/${emulator.tenantId}/adminconsent?${query.toString()}`,
    );
    expect(answer.headers["location"]).toBe(
      `http://localhost:1/x?admin_consent=True&tenant=${emulator.tenantId}&state=s`,
    );
  });

  test("are described for those who ask", async () => {
    const call = rawClient(emulator);
    const base = `${emulator.loginUrl}/${emulator.tenantId}`;
    expect((await call("GET", `${base}/v2.0/.well-known/openid-configuration`)).json).toMatchObject({
      issuer: `${base}/v2.0`,
      token_endpoint: `${base}/oauth2/v2.0/token`,
      device_authorization_endpoint: `${base}/oauth2/v2.0/devicecode`,
    });
    const anyList: unknown = expect.any(Array);
    const instances = `${emulator.loginUrl}/common/discovery/instance?api-version=1.1&authorization_endpoint=x`;
    expect((await call("GET", instances)).json).toMatchObject({
      "api-version": "1.1",
      metadata: [{ aliases: anyList }],
    });
  });
});

describe("device codes", () => {
  const start = async (): Promise<{ device_code: string; user_code: string; interval: number }> =>
    z
      .object({
        device_code: z.string(),
        user_code: z.string(),
        interval: z.number(),
        verification_uri: z.url(),
        message: z.string(),
      })
      .parse(
        (
          await postForm(tokenUrl().replace("/token", "/devicecode"), {
            ...clientId(),
            scope: "Files.ReadWrite offline_access",
          })
        ).json,
      );
  const poll = (device_code: string): Promise<RawAnswer> =>
    ask({ grant_type: "urn:ietf:params:oauth:grant-type:device_code", device_code });

  test("wait for the person, and for their interval", async () => {
    const { device_code, user_code } = await start();
    emulator.settings.devicePolls = "never";
    expect(errorOf(await poll(device_code))).toEqual([400, "authorization_pending", 70016]);
    expect(errorOf(await poll(device_code))).toEqual([400, "slow_down"]);
    expect(emulator.misuse).toHaveLength(1);
    emulator.approveDevice(user_code);
    emulator.advanceClock(5000);
    expect(Tokens.parse((await poll(device_code)).json).refresh_token).toBeDefined();
  });

  test("are refused, run out, are unknown, or are not allowed at all", async () => {
    const first = await start();
    emulator.declineDevice();
    expect(errorOf(await poll(first.device_code))).toEqual([400, "authorization_declined"]);
    const second = await start();
    emulator.advanceClock(16 * 60_000);
    expect(errorOf(await poll(second.device_code))).toEqual([400, "expired_token", 70020]);
    expect(errorOf(await poll("made-up"))).toEqual([400, "bad_verification_code"]);
    emulator.settings.deviceFlow = "blocked";
    const third = await start();
    expect(errorOf(await poll(third.device_code))).toEqual([400, "interaction_required", 53003]);
  });
});

test("the token endpoint fails on demand", async () => {
  const { refreshToken } = emulator.tokens.issue();
  emulator.fault({ route: "token", kind: "throttle", retryAfter: 3 });
  const busy = await refresh(refreshToken);
  expect([...errorOf(busy), busy.headers["retry-after"]]).toEqual([429, "temporarily_unavailable", 90055, "3"]);
  emulator.fault({ route: "token", kind: "error", status: 400, code: "invalid_grant", inner: "user_password_expired" });
  expect((await refresh(refreshToken)).json).toMatchObject({
    error: "invalid_grant",
    suberror: "user_password_expired",
  });
  emulator.fault({ route: "login/*", kind: "html", status: 503 });
  expect(await refresh(refreshToken)).toMatchObject({ status: 503, json: undefined });
  emulator.fault({ route: "token", kind: "cut-after" });
  await expect(refresh(refreshToken)).rejects.toThrow();
  expect((await refresh(refreshToken)).status).toBe(200);
});

async function codeOf(call: Promise<RawAnswer>): Promise<readonly unknown[]> {
  const { status, json } = await call;
  const parsed = z.object({ error: z.object({ code: z.string() }) }).safeParse(json);
  return parsed.success ? [status, parsed.data.error.code] : [status];
}
