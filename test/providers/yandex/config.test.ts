import { describe, expect, test } from "vitest";
import type { Settings } from "../../../providers/context.js";
import {
  fingerprintOf,
  parseTarget,
  readAddresses,
  readLoginWay,
  readNeutralNames,
  readSignIn,
} from "../../../providers/yandex/config.js";
import { createSecrets } from "../support/secrets.js";

describe("parseTarget", () => {
  const good: readonly (readonly [target: string, expected: string])[] = [
    ["", "/"],
    ["/", "/"],
    ["/Documents/Work/", "/Documents/Work"],
    ["/Gru\u0308ße", "/Grüße"],
    ["/a:b", "/a:b"],
    ["app:", "app:/"],
    ["app:/", "app:/"],
    ["app:/Work/", "app:/Work"],
  ];
  test.each(good)("yandex:%s", (target, expected) => {
    expect(parseTarget(target)).toBe(expected);
  });

  test.each(["Documents", "app:Work", "/a//b", "/a/../b", "app:/./a", "/a\u0000b", "/a\nb", "trash:/a"])(
    "yandex:%j is refused",
    (target) => {
      expect(() => parseTarget(target)).toThrow(/yandex:/);
    },
  );
});

describe("sign-in", () => {
  const stored = { clientId: "id", clientSecret: "secret", signInId: "1" };

  test("a refresh token goes before a pasted token, and both before what login stored", async () => {
    const all = { YANDEX_REFRESH_TOKEN: "r", YANDEX_CLIENT_ID: "i", YANDEX_CLIENT_SECRET: "s", YANDEX_TOKEN: "t" };
    const app = { id: "i", secret: "s" };
    expect(await readSignIn(settings(all), createSecrets(stored))).toEqual({
      kind: "refresh-token",
      app,
      refreshToken: "r",
    });
    expect(await readSignIn(settings({ YANDEX_TOKEN: "t" }), createSecrets(stored))).toEqual({
      kind: "token",
      token: "t",
    });
    const login = { kind: "login", app: { id: "id", secret: "secret" }, signInId: "1" };
    expect(await readSignIn(settings({}), createSecrets(stored))).toEqual(login);
  });

  test("what is missing is named", async () => {
    await expect(readSignIn(settings({ YANDEX_REFRESH_TOKEN: "r" }), createSecrets())).rejects.toThrow(
      "YANDEX_CLIENT_ID",
    );
    await expect(readSignIn(settings({}), createSecrets())).rejects.toThrow("trisync login yandex");
  });

  test("an application without a secret has none", async () => {
    const secrets = createSecrets({ ...stored, clientSecret: "" });
    expect(await readSignIn(settings({}), secrets)).toMatchObject({ app: { id: "id", secret: undefined } });
  });

  test("the fingerprint tells sign-ins apart and shows nothing of them", async () => {
    const addresses = await readAddresses(settings({}));
    const one = fingerprintOf({ kind: "token", token: "abc" }, addresses);
    expect(one).not.toBe(fingerprintOf({ kind: "token", token: "abd" }, addresses));
    expect(one).toMatch(/^[0-9a-f]{16}$/);
  });
});

describe("variables", () => {
  test("addresses take the service's place, encrypted or on this machine", async () => {
    expect(await readAddresses(settings({ YANDEX_API_URL: "https://api.example/" }))).toEqual({
      api: "https://api.example",
      auth: "https://oauth.yandex.ru",
    });
    await expect(readAddresses(settings({ YANDEX_AUTH_URL: "http://api.example" }))).rejects.toThrow("YANDEX_AUTH_URL");
  });

  test("neutral names are used unless switched off", async () => {
    expect(await readNeutralNames(settings({}))).toBe(true);
    expect(await readNeutralNames(settings({ YANDEX_NEUTRAL_NAMES: "False" }))).toBe(false);
    await expect(readNeutralNames(settings({ YANDEX_NEUTRAL_NAMES: "maybe" }))).rejects.toThrow("YANDEX_NEUTRAL_NAMES");
  });

  test("the way to sign in is a word of two", async () => {
    expect(await readLoginWay(settings({}))).toBe("device");
    expect(await readLoginWay(settings({ YANDEX_LOGIN: "browser" }))).toBe("browser");
    await expect(readLoginWay(settings({ YANDEX_LOGIN: "phone" }))).rejects.toThrow("YANDEX_LOGIN");
  });
});

function settings(values: Readonly<Record<string, string>>): Settings {
  return { get: (name) => Promise.resolve(values[name]) };
}
