import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { createSettings } from "../../../lib/config/settings.js";
import { InterruptedError } from "../../../lib/model/errors.js";
import { createFakeWorld } from "../../support/fake-world.js";
import type { FakeWorld } from "../../support/fake-world.js";

interface Given {
  readonly env?: Record<string, string>;
  readonly file?: Record<string, string>;
}

function create({ env = {}, file = {} }: Given, world: FakeWorld = createFakeWorld({ env: withPath(env) })) {
  const remembered: string[] = [];
  const settings = createSettings({ world, file, remember: (secret) => remembered.push(secret) });
  return { settings, remembered, world };
}

function withPath(env: Record<string, string>): Record<string, string> {
  return { PATH: process.env["PATH"] ?? "/usr/bin:/bin", ...env };
}

describe("a setting", () => {
  test("is undefined when unset or empty", async () => {
    const { settings } = create({ env: { DROPBOX_APP_KEY: "" } });
    expect(await settings.get("DROPBOX_APP_KEY")).toBeUndefined();
    expect(await settings.get("DROPBOX_APP_SECRET")).toBeUndefined();
  });

  test("may be given plainly; the environment goes before the env file", async () => {
    const { settings } = create({
      env: { DROPBOX_APP_KEY: "env" },
      file: { DROPBOX_APP_KEY: "file", YANDEX_TOKEN: "t" },
    });
    expect(await settings.get("DROPBOX_APP_KEY")).toBe("env");
    expect(await settings.get("YANDEX_TOKEN")).toBe("t");
  });

  test("goes by the environment in whichever form it stands there", async () => {
    const { settings } = create({ env: { YANDEX_TOKEN: "env" }, file: { YANDEX_TOKEN_COMMAND: "echo file" } });
    expect(await settings.get("YANDEX_TOKEN")).toBe("env");
  });

  test("may be given as a file, whose last line end is no part of it", async () => {
    const world = createFakeWorld();
    writeFileSync(join(world.dir, "token"), "  secret value \r\n");
    const { settings, remembered } = create({ file: { YANDEX_TOKEN_FILE: "~/token" } }, world);
    expect(await settings.get("YANDEX_TOKEN")).toBe("  secret value ");
    expect(remembered).toEqual(["  secret value "]);
  });

  test("may be given as the output of a command", async () => {
    const { settings, remembered } = create({
      file: { YANDEX_TOKEN_COMMAND: "printf ' %s\\n' abc | tr a-z A-Z; echo noise >&2" },
    });
    expect(await settings.get("YANDEX_TOKEN")).toBe("ABC");
    expect(remembered).toEqual(["ABC"]);
  });

  test("is looked up once", async () => {
    const world = createFakeWorld({ env: withPath({}) });
    const { settings } = create({ file: { YANDEX_TOKEN_COMMAND: "echo x >> ran; echo token" } }, world);
    await Promise.all([settings.get("YANDEX_TOKEN"), settings.get("YANDEX_TOKEN")]);
    await settings.get("YANDEX_TOKEN");
    const { readFileSync } = await import("node:fs");
    expect(readFileSync(join(world.dir, "ran"), "utf8")).toBe("x\n");
  });

  test("comes from a command that sees no credential, neither of the environment nor of the env file", async () => {
    const env = withPath({ DROPBOX_REFRESH_TOKEN: "leaked-1", YANDEX_CLIENT_SECRET_FILE: "leaked-2", MINE: "kept" });
    const file = { DROPBOX_APP_SECRET: "leaked-3", OTHER: "leaked-4", YANDEX_TOKEN_COMMAND: "env" };
    const { settings } = create({ file }, createFakeWorld({ env }));
    const seen = await settings.get("YANDEX_TOKEN");
    expect(seen).toContain("MINE=kept");
    expect(seen).not.toContain("leaked");
  });

  const mistakes: readonly (readonly [title: string, file: Record<string, string>, expected: RegExp])[] = [
    ["two forms at once", { YANDEX_TOKEN: "a", YANDEX_TOKEN_FILE: "b" }, /only one of YANDEX_TOKEN, YANDEX_TOKEN_FILE/],
    ["a missing file", { YANDEX_TOKEN_FILE: "gone" }, /YANDEX_TOKEN_FILE: .*gone cannot be read \(ENOENT\)/],
    ["a folder for a file", { YANDEX_TOKEN_FILE: "." }, /YANDEX_TOKEN_FILE: .*\(EISDIR\)/],
    ["an empty file", { YANDEX_TOKEN_FILE: "/dev/null" }, /YANDEX_TOKEN_FILE: .* is empty/],
    ["a failing command", { YANDEX_TOKEN_COMMAND: "echo s3cret >&2; exit 7" }, /YANDEX_TOKEN_COMMAND: .*exit code 7$/],
    ["a silent command", { YANDEX_TOKEN_COMMAND: "true" }, /YANDEX_TOKEN_COMMAND: .*printed nothing/],
    ["an endless command", { YANDEX_TOKEN_COMMAND: "yes" }, /YANDEX_TOKEN_COMMAND: .*too much/],
    ["a killed command", { YANDEX_TOKEN_COMMAND: "kill -9 $$" }, /YANDEX_TOKEN_COMMAND: .*SIGKILL/],
  ];
  test.each(mistakes)("tells of %s by the variable's name", async (_title, file, expected) => {
    const { settings, world } = create({ file });
    mkdirSync(join(world.dir, "folder"));
    await expect(settings.get("YANDEX_TOKEN")).rejects.toThrow(expected);
    await expect(settings.get("YANDEX_TOKEN")).rejects.not.toThrow(/s3cret/);
  });

  test("stops waiting for its command when the run is interrupted", async () => {
    const { settings, world } = create({ file: { YANDEX_TOKEN_COMMAND: "exec sleep 60" } });
    const value = settings.get("YANDEX_TOKEN");
    setTimeout(() => world.interrupt(new InterruptedError("SIGTERM")), 50);
    await expect(value).rejects.toBeInstanceOf(InterruptedError);
  });
});
