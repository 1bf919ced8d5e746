import { spawn } from "node:child_process";
import type { ChildProcessByStdio } from "node:child_process";
import { once } from "node:events";
import { mkdir, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import type { Readable, Writable } from "node:stream";
import { describe, expect, test } from "vitest";
import { withRedirectPort } from "../support/redirect-port.js";
import { useDropbox } from "./dropbox-account.js";
import { EXECUTABLE, inTemporaryDirectory, trisync } from "./executable.js";
import type { Ran } from "./executable.js";

const account = useDropbox();

interface Home {
  readonly directory: string;
  readonly env: Readonly<Record<string, string>>;
  run(...args: readonly string[]): Promise<Ran>;
  login(...args: readonly string[]): Conversation;
}

/** A machine of a user who has the addresses and the app key, but no tokens. */
async function atHome(act: (home: Home) => Promise<void>): Promise<void> {
  await inTemporaryDirectory(async (directory) => {
    const env = { ...account().emulator.env, TRISYNC_STATE: join(directory, "state") };
    await mkdir(join(directory, "docs"));
    await writeFile(join(directory, "docs/letter.txt"), "dear Ann");
    await act({
      directory,
      env,
      run: (...args) => trisync(args, { env, cwd: directory }),
      login: (...args) => new Conversation(["login", "dropbox", ...args], { env, cwd: directory }),
    });
  });
}

/** A sign-in under way: what it says can be waited for, and answered. */
class Conversation {
  readonly #child: ChildProcessByStdio<Writable, Readable, Readable>;
  #said = "";

  constructor(
    args: readonly string[],
    { env, cwd }: { readonly env: Readonly<Record<string, string>>; readonly cwd: string },
  ) {
    const path = { PATH: process.env["PATH"] ?? "" };
    this.#child = spawn(process.execPath, [EXECUTABLE, ...args], { cwd, env: { ...path, ...env }, stdio: "pipe" });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream.setEncoding("utf8").on("data", (text: string) => (this.#said += text));
    }
  }

  get said(): string {
    return this.#said;
  }

  async address(): Promise<string> {
    for (;;) {
      const url = /^.*?(http:\/\/\S+\/oauth2\/authorize\S+)$/m.exec(this.#said)?.[1];
      if (url !== undefined && this.#said.includes(`${url}\n`)) return url;
      if (this.#child.exitCode !== null) throw new Error(`ended before it gave an address: ${this.#said}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  answer(line: string): void {
    this.#child.stdin.end(`${line}\n`);
  }

  async ended(): Promise<number | null> {
    if (this.#child.exitCode === null) await once(this.#child, "close");
    return this.#child.exitCode;
  }
}

/** Allows the access on the page of the service, and reads the code that it shows. */
async function codeFrom(url: string): Promise<string> {
  const page = await (await fetch(url)).text();
  const code = /id="auth-code" readonly value="([^"]+)"/.exec(page)?.[1];
  if (code === undefined) throw new Error(`no code on the page: ${page}`);
  return code;
}

describe("login dropbox", () => {
  test("--paste: the code from the page signs in, runs work, and no token is shown or readable by others", async () => {
    await atHome(async (home) => {
      const before = await home.run("docs", "dropbox:/Signed in");
      expect(before.code).toBe(12);
      expect(before.stderr).toContain("trisync login dropbox");

      const conversation = home.login("--paste");
      const code = await codeFrom(await conversation.address());
      conversation.answer(code);
      expect(await conversation.ended(), conversation.said).toBe(0);
      expect(conversation.said).toContain("Ann Example");

      const ran = await home.run("docs", "dropbox:/Signed in", "-vv");
      expect(ran.code, ran.stderr).toBe(0);
      expect(await account().texts("/Signed in")).toEqual({ "letter.txt": "dear Ann" });

      const secrets = join(home.directory, "state/secrets");
      const stored = await Promise.all((await readdir(secrets)).map((name) => readFile(join(secrets, name), "latin1")));
      const tokens = stored.join("").match(/[A-Za-z0-9_.-]{60,}/g) ?? [];
      expect(tokens.length).toBeGreaterThan(0);
      for (const token of tokens) expect(conversation.said + ran.stdout + ran.stderr).not.toContain(token);
      expect((await stat(secrets)).mode & 0o777).toBe(0o700);
      expect((await stat(join(secrets, "dropbox.json"))).mode & 0o777).toBe(0o600);
    });
  });

  test("through the browser: the visit that Dropbox sends back signs in", async () => {
    await atHome(async (home) => {
      await account().set({ redirectUris: ["http://localhost:53682/"] });
      await withRedirectPort(async () => {
        const conversation = home.login();
        const page = await fetch(await conversation.address());
        expect(await page.text()).toContain("Signed in");
        expect(await conversation.ended(), conversation.said).toBe(0);
      });
      expect((await home.run("docs", "dropbox:/Through the browser")).code).toBe(0);
    });
  });

  test("a refusal and a wrong code sign nobody in", async () => {
    await atHome(async (home) => {
      const wrong = home.login("--paste");
      await wrong.address();
      wrong.answer("not-the-code");
      expect(await wrong.ended(), wrong.said).toBe(12);
      await account().set({ consent: "deny" });
      await withRedirectPort(async () => {
        const declined = home.login();
        await fetch(await declined.address());
        expect(await declined.ended(), declined.said).toBe(12);
      });
      expect((await home.run("docs", "dropbox:/Nobody")).code).toBe(12);
    });
  });
});

describe("logout dropbox", () => {
  test("makes the tokens void there and forgets them here", async () => {
    await atHome(async (home) => {
      const conversation = home.login("--paste");
      conversation.answer(await codeFrom(await conversation.address()));
      expect(await conversation.ended()).toBe(0);
      await account().forgetRequests();
      expect((await home.run("logout", "dropbox")).code).toBe(0);
      expect((await account().requestCounts())["auth/token/revoke"]).toBe(1);
      expect((await home.run("docs", "dropbox:/Out")).code).toBe(12);
      expect((await home.run("logout", "dropbox")).code, "again").toBe(0);
    });
  });
});
