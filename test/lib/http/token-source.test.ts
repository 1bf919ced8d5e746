import { mkdtemp, readFile, rm } from "node:fs/promises";
import { spawn } from "node:child_process";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { describe, expect, it, vi } from "vitest";
import { createSecretStore } from "../../../lib/config/secrets.js";
import {
  createFixedTokenSource,
  createTokenSource,
  storeSignIn,
  type TokenSet,
  type TokenSourceOptions,
} from "../../../lib/http/token-source.js";
import { ProviderError, UsageError } from "../../../lib/model/errors.js";
import type { SecretStore } from "../../../providers/context.js";
import { rotatingEndpoint } from "./oauth-server.js";
import { afterTest, matching, never, server } from "./support.js";

/** Secrets in memory, with the promises of the real store within one process. */
function memorySecrets(): SecretStore {
  let stored: Readonly<Record<string, string>> = {};
  let last: Promise<unknown> = Promise.resolve();
  return {
    read: () => Promise.resolve(stored),
    update(change) {
      const next = last.then(async () => (stored = (await change(stored)) ?? {}));
      last = next.catch(() => undefined);
      return next;
    },
  };
}

const HOUR_MS = 3_600_000;

function setUp(more: Partial<TokenSourceOptions> = {}) {
  let nowMs = 1_000_000;
  let generation = 0;
  const refresh = vi.fn((refreshToken: string): Promise<TokenSet> => {
    generation += 1;
    return Promise.resolve({
      accessToken: `${refreshToken}-a${generation}`,
      refreshToken: undefined,
      expiresMs: nowMs + HOUR_MS,
    });
  });
  const options: TokenSourceOptions = {
    provider: "dropbox",
    secrets: memorySecrets(),
    clientId: "id",
    refreshToken: "r",
    rotates: false,
    refresh,
    now: () => nowMs,
    ...more,
  };
  return { options, refresh, advance: (ms: number) => (nowMs += ms) };
}

describe("a token source", () => {
  it("keeps the token for the run and for the next one", async () => {
    const { options, refresh } = setUp();
    const source = createTokenSource(options);
    expect(await source.token(never)).toBe("r-a1");
    expect(await source.token(never)).toBe("r-a1");
    expect(await createTokenSource(options).token(never)).toBe("r-a1");
    expect(refresh).toHaveBeenCalledTimes(1);
  });

  it("renews when less than five minutes are left", async () => {
    const { options, advance } = setUp();
    const source = createTokenSource(options);
    await source.token(never);
    advance(HOUR_MS - 300_001);
    expect(await source.token(never)).toBe("r-a1");
    advance(2);
    expect(await source.token(never)).toBe("r-a2");
  });

  it("does not renew at every request when tokens live shortly", async () => {
    const { options, advance } = setUp();
    const refresh = vi.fn(() =>
      Promise.resolve({ accessToken: "short", refreshToken: undefined, expiresMs: options.now() + 60_000 }),
    );
    const source = createTokenSource({ ...options, refresh });
    await source.token(never);
    advance(29_000);
    await source.token(never);
    expect(refresh).toHaveBeenCalledTimes(1);
    advance(2_000);
    await source.token(never);
    expect(refresh).toHaveBeenCalledTimes(2);
  });

  it("keeps a token without expiry until it is refused", async () => {
    const { options, advance } = setUp();
    const refresh = vi.fn(() => Promise.resolve({ accessToken: "a", refreshToken: undefined, expiresMs: undefined }));
    const source = createTokenSource({ ...options, refresh });
    await source.token(never);
    advance(1000 * HOUR_MS);
    await source.token(never);
    await createTokenSource({ ...options, refresh }).token(never);
    expect(refresh).toHaveBeenCalledTimes(1);
  });

  it("renews once for all that ask at the same time", async () => {
    const { options, refresh } = setUp();
    const source = createTokenSource(options);
    const tokens = await Promise.all(Array.from({ length: 10 }, () => source.token(never)));
    expect(new Set(tokens)).toEqual(new Set(["r-a1"]));
    const renewed = await Promise.all(Array.from({ length: 10 }, () => source.renew("r-a1", never)));
    expect(new Set(renewed)).toEqual(new Set(["r-a2"]));
    expect(await source.renew("r-a1", never)).toBe("r-a2");
    expect(refresh).toHaveBeenCalledTimes(2);
  });

  it("takes over what another process has renewed meanwhile", async () => {
    const { options, refresh } = setUp();
    const [one, other] = [createTokenSource(options), createTokenSource(options)];
    expect([await one.token(never), await other.token(never)]).toEqual(["r-a1", "r-a1"]);
    expect(await one.renew("r-a1", never)).toBe("r-a2");
    expect(await other.renew("r-a1", never)).toBe("r-a2");
    expect(refresh).toHaveBeenCalledTimes(2);
  });

  it("goes on with the newest refresh token, also in the next run", async () => {
    const { options } = setUp({ rotates: true });
    const used: string[] = [];
    const refresh = (refreshToken: string) => {
      used.push(refreshToken);
      const n = used.length;
      return Promise.resolve({ accessToken: `a${n}`, refreshToken: `r${n}`, expiresMs: options.now() + HOUR_MS });
    };
    const source = createTokenSource({ ...options, refresh });
    await source.token(never);
    await source.renew("a1", never);
    await createTokenSource({ ...options, refresh }).renew("a2", never);
    expect(used).toEqual(["r", "r1", "r2"]);
  });

  it("has the successor stored before it hands out the new token", async () => {
    const { options } = setUp({ rotates: true });
    const failing: SecretStore = {
      read: () => Promise.resolve({}),
      update: async (change) => {
        await change({});
        throw new UsageError("cannot store");
      },
    };
    const refresh = () => Promise.resolve({ accessToken: "a1", refreshToken: "r1", expiresMs: undefined });
    const source = createTokenSource({ ...options, secrets: failing, refresh });
    await expect(source.token(never)).rejects.toThrow("cannot store");
  });

  it("serves the run even if nothing can be stored, where nothing is lost by that", async () => {
    const { options, refresh } = setUp();
    const readOnly = { read: () => Promise.resolve({}), update: () => Promise.reject(new UsageError("read-only")) };
    const source = createTokenSource({ ...options, secrets: readOnly });
    expect(await source.token(never)).toBe("r-a1");
    expect(await source.token(never)).toBe("r-a1");
    expect(refresh).toHaveBeenCalledTimes(1);
  });

  it("never uses what belongs to other credentials", async () => {
    const { options, refresh } = setUp();
    await createTokenSource(options).token(never);
    expect(await createTokenSource({ ...options, refreshToken: "other" }).token(never)).toBe("other-a2");
    expect(await createTokenSource({ ...options, clientId: "other" }).token(never)).toBe("r-a3");
    const signedIn = createTokenSource({ ...options, refreshToken: undefined });
    await expect(signedIn.token(never)).rejects.toThrow(/not signed in to dropbox .* run `trisync login dropbox`/);
    await storeSignIn(options, { accessToken: "login", refreshToken: "lr", expiresMs: undefined });
    expect(await signedIn.token(never)).toBe("login");
    expect(await signedIn.renew("login", never)).toBe("lr-a4");
    expect(await createTokenSource(options).token(never)).toBe("r-a1");
    expect(refresh).toHaveBeenCalledTimes(4);
  });

  it("hands on why it could not renew, and tries again the next time", async () => {
    const { options } = setUp();
    const refresh = vi.fn(options.refresh).mockRejectedValueOnce(new ProviderError("unauthorized", "sign in"));
    const source = createTokenSource({ ...options, refresh });
    await expect(source.token(never)).rejects.toMatchObject({ code: "unauthorized", message: "sign in" });
    expect(await source.token(never)).toBe("r-a1");
  });

  it("lets go of whoever is aborted, and of nobody else", async () => {
    const { options } = setUp();
    let finish: (tokens: TokenSet) => void = () => undefined;
    const refresh = () => new Promise<TokenSet>((resolve) => (finish = resolve));
    const source = createTokenSource({ ...options, refresh });
    const own = new AbortController();
    const reason = new Error("interrupted");
    const [aborted, other] = [source.token(own.signal), source.token(never)];
    await new Promise((resolve) => setImmediate(resolve));
    own.abort(reason);
    await expect(aborted).rejects.toBe(reason);
    finish({ accessToken: "a", refreshToken: undefined, expiresMs: undefined });
    expect(await other).toBe("a");
  });
});

describe("a pasted token", () => {
  it("is used as it is, and cannot be renewed", async () => {
    const source = createFixedTokenSource({ provider: "dropbox", token: "abc", variable: "DROPBOX_ACCESS_TOKEN" });
    expect(await source.token(never)).toBe("abc");
    await expect(source.renew("abc", never)).rejects.toMatchObject({
      code: "unauthorized",
      message: matching(/DROPBOX_ACCESS_TOKEN .* `trisync login dropbox`/),
    });
  });
});

describe("several processes with one rotating token", () => {
  it("renew it once, and all get the same new one", async () => {
    const dir = await mkdtemp(join(tmpdir(), "trisync-tokens-"));
    afterTest(() => rm(dir, { recursive: true }));
    const endpoint = rotatingEndpoint();
    const { url, received } = await server(async (request) => {
      // Long enough for every process to have found the token too old.
      await new Promise((resolve) => setTimeout(resolve, 300));
      return endpoint.react(request);
    });
    const outputs = await Promise.all(Array.from({ length: 4 }, () => runChild(dir, url)));
    expect(outputs).toEqual(Array(4).fill("a1"));
    expect([endpoint.refreshes, received.length]).toEqual([1, 1]);
    expect(Object.values(await createSecretStore({ dir, provider: "dropbox" }).read())).toContain("r1");
    expect(await readFile(join(dir, "secrets", "dropbox.json"), "utf8")).not.toContain("r0");
  });
});

async function runChild(dir: string, url: string): Promise<string> {
  const file = fileURLToPath(new URL("./token-child.ts", import.meta.url));
  const child = spawn(process.execPath, ["--import", "tsx", file, dir, url], { stdio: ["ignore", "pipe", "inherit"] });
  return await text(child.stdout);
}
