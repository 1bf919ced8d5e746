import { describe, expect, test } from "vitest";
import type { Settings } from "../../../providers/context.js";
import {
  fingerprintOf,
  parseTarget,
  readAddresses,
  readAudience,
  readPermission,
  readSignIn,
} from "../../../providers/flickr/config.js";
import { createSecrets } from "./support.js";

const all = {
  FLICKR_API_KEY: "k",
  FLICKR_API_SECRET: "s",
  FLICKR_OAUTH_TOKEN: "t",
  FLICKR_OAUTH_TOKEN_SECRET: "ts",
};

describe("parseTarget", () => {
  test.each(["", "/"])("flickr:%s is the account", (target) => {
    expect(parseTarget(target)).toBe("");
  });

  test.each(["Album", "/Album", "..", " "])("flickr:%j is refused, with what to do instead", (target) => {
    expect(() => parseTarget(target)).toThrow(/--include/);
  });
});

describe("sign-in", () => {
  const stored = { apiKey: "k2", apiSecret: "s2", token: "t2", tokenSecret: "ts2" };

  test("what is configured goes before what login stored", async () => {
    expect(await readSignIn(settings(all), createSecrets(stored))).toEqual({
      app: { key: "k", secret: "s" },
      token: { id: "t", secret: "ts" },
    });
    expect(await readSignIn(settings({}), createSecrets(stored))).toEqual({
      app: { key: "k2", secret: "s2" },
      token: { id: "t2", secret: "ts2" },
    });
  });

  test("what is missing is named", async () => {
    await expect(readSignIn(settings({}), createSecrets())).rejects.toThrow("trisync login flickr");
    for (const name of Object.keys(all)) {
      const some = Object.fromEntries(Object.entries(all).filter(([one]) => one !== name));
      await expect(readSignIn(settings(some), createSecrets(stored))).rejects.toThrow(/FLICKR_/);
    }
  });

  test("the fingerprint tells sign-ins apart and shows nothing of them", async () => {
    const addresses = await readAddresses(settings({}));
    const signIn = { app: { key: "k", secret: "s" }, token: { id: "t", secret: "ts" } };
    const other = { ...signIn, token: { id: "u", secret: "ts" } };
    expect(fingerprintOf(signIn, addresses)).not.toBe(fingerprintOf(other, addresses));
    expect(fingerprintOf(signIn, addresses)).toMatch(/^[0-9a-f]{16}$/);
  });
});

describe("variables", () => {
  test("addresses take the service's place, encrypted or on this machine", async () => {
    expect(await readAddresses(settings({ FLICKR_API_URL: "https://api.example/" }))).toEqual({
      api: "https://api.example",
      upload: "https://up.flickr.com",
      auth: "https://www.flickr.com",
    });
    await expect(readAddresses(settings({ FLICKR_UPLOAD_URL: "http://up.example" }))).rejects.toThrow(
      "FLICKR_UPLOAD_URL",
    );
  });

  test("deletions are asked for only by name, and nobody sees uploads unless told so", async () => {
    expect(await readPermission(settings({}))).toBe("write");
    expect(await readPermission(settings({ FLICKR_PERMS: "Delete" }))).toBe("delete");
    await expect(readPermission(settings({ FLICKR_PERMS: "all" }))).rejects.toThrow("FLICKR_PERMS");
    expect(await readAudience(settings({}))).toBe("private");
    expect(await readAudience(settings({ FLICKR_PRIVACY: "Public" }))).toBe("public");
    await expect(readAudience(settings({ FLICKR_PRIVACY: "all" }))).rejects.toThrow("FLICKR_PRIVACY");
  });
});

function settings(values: Readonly<Record<string, string>>): Settings {
  return { get: (name) => Promise.resolve(values[name]) };
}
