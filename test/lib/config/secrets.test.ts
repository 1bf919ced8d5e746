import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createSecretStore } from "../../../lib/config/secrets.js";
import { LockedError, UsageError } from "../../../lib/model/errors.js";

let dir: string;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "trisync-secrets-"));
});

afterEach(async () => {
  await chmod(dir, 0o700);
  await rm(dir, { recursive: true });
});

const store = (provider = "dropbox", lockTimeoutMs = 5000) => createSecretStore({ dir, provider, lockTimeoutMs });
const path = (name = "dropbox.json") => join(dir, "secrets", name);
const add = (name: string) => (stored: Readonly<Record<string, string>>) => Promise.resolve({ ...stored, [name]: "x" });

describe("the secret store", () => {
  it("is empty at first, and reading makes nothing", async () => {
    expect(await store().read()).toEqual({});
    expect(await readdir(dir)).toEqual([]);
  });

  it("keeps what was stored, per provider, for this user alone", async () => {
    expect(await store().update(add("a"))).toEqual({ a: "x" });
    await store().update(add("b"));
    expect(await store().read()).toEqual({ a: "x", b: "x" });
    expect(await store("yandex").read()).toEqual({});
    expect((await stat(path())).mode & 0o777).toBe(0o600);
    expect((await stat(join(dir, "secrets"))).mode & 0o777).toBe(0o700);
  });

  it("narrows permissions that are too wide", async () => {
    await mkdir(join(dir, "secrets"), { mode: 0o755 });
    await writeFile(path(), "{}", { mode: 0o644 });
    await store().update(add("a"));
    expect((await stat(path())).mode & 0o777).toBe(0o600);
    expect((await stat(join(dir, "secrets"))).mode & 0o777).toBe(0o700);
  });

  it("removes everything on undefined", async () => {
    await store().update(add("a"));
    expect(await store().update(() => Promise.resolve(undefined))).toEqual({});
    expect(await store().read()).toEqual({});
    expect(await readdir(join(dir, "secrets"))).toEqual(["dropbox.lock"]);
  });

  it("writes nothing when nothing changes", async () => {
    await store().update(add("a"));
    const before = await stat(path(), { bigint: true });
    await store().update((stored) => Promise.resolve(stored));
    expect((await stat(path(), { bigint: true })).ino).toBe(before.ino);
  });

  it("keeps the old values, and lets the next one in, when a change fails", async () => {
    await store().update(add("a"));
    await expect(store().update(() => Promise.reject(new Error("no")))).rejects.toThrow("no");
    expect(await store().update(add("b"))).toEqual({ a: "x", b: "x" });
  });

  it("loses no change of many at once", async () => {
    const names = Array.from({ length: 8 }, (_, n) => `n${n}`);
    await Promise.all(names.map((name) => store().update(add(name))));
    expect(Object.keys(await store().read()).sort()).toEqual(names);
  });

  it("clears away what a killed process left half written", async () => {
    await store().update(add("a"));
    await writeFile(path("dropbox.json.123456"), "token");
    await writeFile(path("yandex.json.123456"), "token");
    await store().update(add("b"));
    expect((await readdir(join(dir, "secrets"))).sort()).toEqual([
      "dropbox.json",
      "dropbox.lock",
      "yandex.json.123456",
    ]);
  });

  it.each(["", "{", "[]", '{"a":1}', "null", "\0\0\0"])(
    "names the damaged file, not its content (%j)",
    async (content) => {
      await mkdir(join(dir, "secrets"));
      await writeFile(path(), content);
      const message = `${path()} is damaged: delete this file, then run \`trisync login dropbox\``;
      await expect(store().read()).rejects.toThrow(UsageError);
      await expect(store().read()).rejects.toThrow(message);
      await expect(store().update(add("a"))).rejects.toThrow(message);
      expect(await readFile(path(), "utf8")).toBe(content);
    },
  );

  it("says so when it cannot be read", async () => {
    await mkdir(path(), { recursive: true });
    await expect(store().read()).rejects.toThrow(`cannot read the stored sign-in ${path()}: illegal operation`);
  });

  it("says so when it cannot be stored", async () => {
    await writeFile(join(dir, "secrets"), "in the way");
    await expect(store().update(add("a"))).rejects.toThrow(UsageError);
    await expect(store().update(add("a"))).rejects.toThrow(/^cannot store the sign-in in .*secrets: .*--state$/);
    expect(await store().read()).toEqual({});
  });

  it("says so when the lock cannot be made, and still reads", async () => {
    await store().update(add("a"));
    await rm(path("dropbox.lock"));
    await symlink(join(dir, "no", "such", "folder"), path("dropbox.lock"));
    await expect(store().update(add("b"))).rejects.toThrow(/^cannot store the sign-in in /);
    expect(await store().read()).toEqual({ a: "x" });
  });
});

describe("the lock of the secret store", () => {
  const holder = async () => {
    const file = fileURLToPath(new URL("./secrets-child.ts", import.meta.url));
    const child = spawn(process.execPath, ["--import", "tsx", file, dir], { stdio: ["pipe", "pipe", "inherit"] });
    await once(child.stdout, "data");
    return child;
  };

  it("is held by one process, waited for, and given up after a while", async () => {
    const child = await holder();
    await expect(store("dropbox", 200).update(add("a"))).rejects.toThrow(LockedError);
    const waiting = store().update(add("a"));
    child.stdin.end();
    expect(await waiting).toEqual({ a: "x", child: "x" });
    if (child.exitCode === null) await once(child, "exit");
  });

  it("is free as soon as its holder was killed", async () => {
    const child = await holder();
    const waiting = store().update(add("a"));
    child.kill("SIGKILL");
    expect(await waiting).toEqual({ a: "x" });
  });
});
