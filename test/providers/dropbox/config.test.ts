import { describe, expect, test } from "vitest";
import { ProviderError, UsageError } from "../../../lib/model/errors.js";
import {
  fingerprintOf,
  parseTarget,
  readAddresses,
  readSignIn,
  type Addresses,
} from "../../../providers/dropbox/config.js";
import { createSecrets } from "../support/secrets.js";

const settingsOf = (values: Record<string, string>) => ({ get: (name: string) => Promise.resolve(values[name]) });

describe("the target", () => {
  test.each([
    ["", "/"],
    ["/", "/"],
    ["//", "/"],
    ["/Documents", "/Documents"],
    ["/Documents/", "/Documents"],
    ["/a/b c/.d", "/a/b c/.d"],
    ["/cafe\u0301", "/caf\u00e9"],
  ])("%j is %j", (given, expected) => {
    expect(parseTarget(given)).toBe(expected);
    expect(parseTarget(expected)).toBe(expected);
  });

  test.each(["Documents", "./a", "/a/../b", "/a//b", "/.", "/a\\b", "/a\0b"])("%j is refused", (given) => {
    expect(() => parseTarget(given)).toThrow(UsageError);
  });
});

describe("the sign-in", () => {
  const nothing = createSecrets();
  const stored = createSecrets({ appKey: "key", signInId: "one" });

  test("a refresh token goes before an access token, and both before what login stored", async () => {
    const all = { DROPBOX_APP_KEY: "k", DROPBOX_REFRESH_TOKEN: "r", DROPBOX_ACCESS_TOKEN: "a" };
    expect(await readSignIn(settingsOf(all), stored)).toMatchObject({ kind: "refresh-token", refreshToken: "r" });
    expect(await readSignIn(settingsOf({ DROPBOX_ACCESS_TOKEN: "a" }), stored)).toMatchObject({ kind: "access-token" });
    expect(await readSignIn(settingsOf({}), stored)).toMatchObject({ kind: "login", appKey: "key" });
  });

  test("nothing at all names the command and the variables", async () => {
    const error = await readSignIn(settingsOf({}), nothing).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(ProviderError);
    expect(error).toMatchObject({ code: "unauthorized" });
    expect(String(error)).toMatch(/trisync login dropbox/);
    for (const name of ["DROPBOX_APP_KEY", "DROPBOX_REFRESH_TOKEN", "DROPBOX_ACCESS_TOKEN"]) {
      expect(String(error)).toContain(name);
    }
  });

  test("a refresh token without an app key is a mistake in the configuration", async () => {
    await expect(readSignIn(settingsOf({ DROPBOX_REFRESH_TOKEN: "r" }), nothing)).rejects.toThrow(UsageError);
  });

  test("the fingerprint changes with the token and shows nothing of it", () => {
    const addresses: Addresses = { api: "https://x", content: "https://y", auth: "https://z" };
    const a = fingerprintOf({ kind: "access-token", accessToken: "secret-a" }, addresses);
    const b = fingerprintOf({ kind: "access-token", accessToken: "secret-b" }, addresses);
    expect(a).not.toBe(b);
    expect(a).toMatch(/^[0-9a-f]{16}$/);
  });
});

describe("the addresses", () => {
  test("are Dropbox's own unless replaced", async () => {
    expect(await readAddresses(settingsOf({ DROPBOX_CONTENT_URL: "http://127.0.0.1:1/" }))).toEqual({
      api: "https://api.dropboxapi.com",
      content: "http://127.0.0.1:1",
      auth: "https://www.dropbox.com",
    });
  });

  test.each(["http://example.com", "nonsense", "ftp://x"])("%j is no place for a token", async (url) => {
    await expect(readAddresses(settingsOf({ DROPBOX_API_URL: url }))).rejects.toThrow(/DROPBOX_API_URL/);
  });
});
