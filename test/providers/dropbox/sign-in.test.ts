import { describe, expect, test } from "vitest";
import type { SecretStore } from "../../../providers/context.js";
import { dropboxModule } from "../../../providers/dropbox/dropbox.js";
import { toStorePath } from "../../emulators/dropbox/paths.js";
import { withRedirectPort } from "../../support/redirect-port.js";
import { listAll } from "../support/listings.js";
import { createMemory } from "../support/memory.js";
import { errorOf } from "../support/outcomes.js";
import { createPersonWith, textAt, type Person } from "../support/person.js";
import { createSecrets } from "../support/secrets.js";
import { signal } from "../support/signal.js";
import { contextFor, openProvider, uploadOf, useEmulator } from "./support.js";

const emulator = useEmulator();

/** A person at the terminal: follows the address, and copies the code. */
function createPerson(paste: boolean): Person {
  return createPersonWith({
    paste,
    answers: { "App key": emulator().app.key },
    copyFrom: async (url) => /[A-Za-z0-9_-]{43}/.exec((await textAt(url)).replace(url, ""))?.[0] ?? "no code",
  });
}

const store = (): { secrets: SecretStore; settings: Record<string, string> } => ({
  secrets: createSecrets(),
  settings: { DROPBOX_APP_KEY: emulator().app.key },
});

describe("login", () => {
  test("by pasting the code, without a redirect", async () => {
    const { secrets, settings } = store();
    const person = createPerson(true);
    const said = await dropboxModule.login?.(contextFor(emulator(), { secrets, settings }), person, signal);
    expect(said).toContain("Ann Example");
    expect(person.heard.join()).not.toContain("redirect_uri");
    expect(person.heard.join()).toContain("code_challenge_method=S256");
    expect(person.heard.join()).toContain("token_access_type=offline");

    emulator().remote.write("/Docs/a", "1");
    const provider = await openProvider(emulator(), { secrets, settings: {} });
    expect((await listAll(provider)).entries).toHaveLength(1);
    expect(emulator().misuse).toEqual([]);
  });

  test("through the browser, back to a fixed address of this machine", async () => {
    const { secrets, settings } = store();
    emulator().settings.redirectUris = ["http://localhost:53682/"];
    const context = contextFor(emulator(), { secrets, settings });
    const signedIn = withRedirectPort(async () => dropboxModule.login?.(context, createPerson(false), signal));
    expect(await signedIn).toContain("Ann Example");
    expect(Object.keys(await secrets.read())).toContain("appKey");
  });

  test("asks for the app key where it is not configured", async () => {
    const secrets = createSecrets();
    const person = createPerson(true);
    await dropboxModule.login?.(contextFor(emulator(), { secrets, settings: {} }), person, signal);
    expect(person.asked[0]).toMatch(/^App key/);
    const provider = await openProvider(emulator(), { secrets, settings: {} });
    expect((await provider.identify(signal)).account).toBe(emulator().account.accountId);
  });

  test("stores nothing when the user declines or the code is wrong", async () => {
    const { secrets, settings } = store();
    const context = contextFor(emulator(), { secrets, settings });
    const wrong = { ...createPerson(true), ask: () => Promise.resolve("wrong") };
    await expect(dropboxModule.login?.(context, wrong, signal)).rejects.toMatchObject({ code: "unauthorized" });
    emulator().settings.consent = "deny";
    const declined = withRedirectPort(async () => dropboxModule.login?.(context, createPerson(false), signal));
    await expect(declined).rejects.toMatchObject({ code: "unauthorized" });
    expect(await secrets.read()).toEqual({});
  });

  test("another one asks again who it is", async () => {
    const { secrets, settings } = store();
    const memory = createMemory();
    await dropboxModule.login?.(contextFor(emulator(), { secrets, settings }), createPerson(true), signal);
    const first = await openProvider(emulator(), { secrets, settings: {}, memory });
    await first.identify(signal);
    const other = emulator().addAccount();
    emulator().signInAs(other);
    await dropboxModule.login?.(contextFor(emulator(), { secrets, settings }), createPerson(true), signal);
    const second = await openProvider(emulator(), { secrets, settings: {}, memory });
    expect((await second.identify(signal)).account).toBe(other.accountId);
  });
});

describe("logout", () => {
  test("makes the tokens void and forgets them", async () => {
    const { secrets, settings } = store();
    const context = contextFor(emulator(), { secrets, settings });
    await dropboxModule.login?.(context, createPerson(true), signal);
    await dropboxModule.logout?.(context, signal);
    expect(await secrets.read()).toEqual({});
    expect(emulator().tokens.validCount).toBe(0);
    await dropboxModule.logout?.(context, signal);
  });

  test("forgets them also when the service has done so already, or cannot be reached", async () => {
    for (const trouble of ["revoked", "down"]) {
      const { secrets, settings } = store();
      const context = contextFor(emulator(), { secrets, settings });
      await dropboxModule.login?.(context, createPerson(true), signal);
      if (trouble === "revoked") emulator().tokens.revokeAll();
      else emulator().fault({ route: "auth/token/revoke", kind: "cut-before", times: 20 });
      const work = dropboxModule.logout?.(context, signal);
      if (trouble === "revoked") await work;
      else await expect(work).rejects.toMatchObject({ code: "unavailable" });
      expect(await secrets.read()).toEqual({});
    }
  });
});

describe("tokens", () => {
  test("a refresh token from the environment costs one request more, and only once", async () => {
    emulator().remote.write("/Docs/a", "1");
    const { refreshToken } = emulator().tokens.issue();
    const settings = { DROPBOX_APP_KEY: emulator().app.key, DROPBOX_REFRESH_TOKEN: refreshToken };
    const secrets = createSecrets();
    const memory = createMemory();
    const first = await openProvider(emulator(), { settings, secrets, memory });
    await first.identify(signal);
    const { cursor } = await listAll(first);

    emulator().resetCounters();
    const second = await openProvider(emulator(), { settings, secrets, memory });
    await second.identify(signal);
    await listAll(second, cursor);
    expect(emulator().requestCount()).toBe(1);

    emulator().advanceClock(5 * 3600 * 1000);
    emulator().resetCounters();
    const third = await openProvider(emulator(), { settings, secrets, memory });
    await third.identify(signal);
    await listAll(third, cursor);
    // The client's own clock has not moved, so it has to learn of the expiry from the service.
    expect(emulator().requestCount()).toBe(3);
    expect(third.requests()).toBe(3);
  });

  test("an app with a secret works as well", async () => {
    const { refreshToken } = emulator().tokens.issue({ isPublic: false });
    const { key, secret } = emulator().app;
    const settings = { DROPBOX_APP_KEY: key, DROPBOX_APP_SECRET: secret, DROPBOX_REFRESH_TOKEN: refreshToken };
    const provider = await openProvider(emulator(), { settings });
    expect((await provider.identify(signal)).account).toBe(emulator().account.accountId);
  });

  test("one that expires in the middle of the work is renewed, once for all", async () => {
    const { refreshToken } = emulator().tokens.issue();
    const settings = { DROPBOX_APP_KEY: emulator().app.key, DROPBOX_REFRESH_TOKEN: refreshToken };
    const provider = await openProvider(emulator(), { settings });
    await provider.identify(signal);
    emulator().tokens.expireAll();
    emulator().resetCounters();
    const names = Array.from({ length: 10 }, (_, n) => `f${n}`);
    await Promise.all(names.map((name) => provider.upload(uploadOf(name, name), signal)));
    expect(emulator().requestCount("oauth2/token")).toBe(1);
    expect(Object.keys(await emulator().remote.tree())).toHaveLength(11);
  });

  test.each(["revoked", "malformed", "expired"])("one that is %s ends with the command that mends it", async (how) => {
    const token = emulator().tokens.issue({ expiresInSeconds: how === "expired" ? -1 : 3600 }).accessToken;
    if (how === "revoked") emulator().tokens.revokeAll();
    const settings = { DROPBOX_ACCESS_TOKEN: how === "malformed" ? "x" : token };
    const error = await errorOf((await openProvider(emulator(), { settings })).identify(signal));
    expect(error).toMatchObject({ code: "unauthorized" });
    expect(error.message).toContain("trisync login dropbox");
    expect(error.message).not.toContain(token);
    const misuse = ["users/get_current_account: The given OAuth 2 access token is malformed."];
    expect(emulator().misuse.splice(0)).toEqual(how === "malformed" ? misuse : []);
  });

  test("a refresh token that was revoked ends with the command that mends it", async () => {
    const { refreshToken } = emulator().tokens.issue();
    emulator().tokens.revokeAll();
    const settings = { DROPBOX_APP_KEY: emulator().app.key, DROPBOX_REFRESH_TOKEN: refreshToken };
    const error = await errorOf((await openProvider(emulator(), { settings })).identify(signal));
    expect(error).toMatchObject({ code: "unauthorized" });
    expect(error.message).toContain("trisync login dropbox");
    expect(error.message).not.toContain(refreshToken);
  });

  test("a permission that is missing is named, whether the token or the app lacks it", async () => {
    const scopes = ["account_info.read", "files.metadata.read"];
    const settings = { DROPBOX_ACCESS_TOKEN: emulator().tokens.issue({ scopes }).accessToken };
    const provider = await openProvider(emulator(), { settings });
    const error = await errorOf(provider.upload(uploadOf("a", "1"), signal));
    expect(error).toMatchObject({ code: "unauthorized" });
    expect(error.message).toContain("files.content.write");

    emulator().settings.appScopes = ["account_info.read"];
    const other = await errorOf(listAll(await openProvider(emulator())));
    expect(other).toMatchObject({ code: "unauthorized" });
    expect(other.message).toContain("files.metadata.read");
    expect(emulator().misuse.splice(0)).toEqual([
      expect.stringContaining("does not have the required scope 'files.metadata.read'"),
    ]);
  });
});

describe("a team with a space of its own", () => {
  const team = useEmulator({ teamName: "Example Team" });

  test("shows the whole space, as official programs do", async () => {
    team().remote.write("/mine", "1");
    team().account.tree.makeFolder(toStorePath(["Shared", "Plans"]));
    const provider = await openProvider(team(), { target: "/" });
    const paths = (await listAll(provider)).entries.map(({ path }) => path);
    expect(paths.sort()).toEqual(["Ann", "Ann/mine", "Shared", "Shared/Plans"]);
    expect(team().misuse).toEqual([]);
  });

  test("asks anew when the root has changed, once", async () => {
    team().remote.write("/Docs/a", "1");
    const memory = createMemory();
    const target = "/Ann/Docs";
    const settings = { DROPBOX_ACCESS_TOKEN: team().tokens.issue().accessToken };
    await (await openProvider(team(), { target, memory, settings })).identify(signal);
    memory.set("account", memory.get("account")?.replace(/"team":"\d+"/, '"team":"99"'));
    const provider = await openProvider(team(), { target, memory, settings });
    team().resetCounters();
    expect((await listAll(provider)).entries).toHaveLength(1);
    expect(team().requestCount("users/get_current_account")).toBe(1);
  });

  test("an app that sees only its own folder is not told of the space", async () => {
    team().settings.access = "app-folder";
    const memory = createMemory();
    const provider = await openProvider(team(), { target: "/", memory });
    await provider.upload(uploadOf("a", "1"), signal);
    expect((await listAll(provider)).entries.map(({ path }) => path)).toEqual(["a"]);
    team().resetCounters();
    await listAll(provider);
    expect(team().requestCount()).toBe(1);
  });
});

test("an app folder is the root", async () => {
  emulator().settings.access = "app-folder";
  const provider = await openProvider(emulator(), { target: "/" });
  await provider.upload(uploadOf("x/a", "1"), signal);
  expect((await listAll(provider)).entries.map(({ path }) => path).sort()).toEqual(["x", "x/a"]);
  expect(emulator().misuse).toEqual([]);
});
