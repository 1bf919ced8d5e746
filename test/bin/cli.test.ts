import { spawn } from "node:child_process";
import type { ChildProcessWithoutNullStreams } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";

const CLI = join(import.meta.dirname, "../../bin/cli.ts");
const TSX = import.meta.resolve("tsx");

interface Started {
  readonly child: ChildProcessWithoutNullStreams;
  /** Everything it printed, and how it ended. */
  readonly ended: Promise<{ out: string; err: string; code: number | null; signal: NodeJS.Signals | null }>;
  /** Resolves once stderr holds the text. */
  readonly says: (text: string) => Promise<void>;
}

/** The executable as a process of its own, in an empty directory, with nothing but PATH and `env` in its environment. */
function start(args: readonly string[], env: Readonly<Record<string, string>> = {}): Started {
  const cwd = mkdtempSync(join(tmpdir(), "trisync-bin-"));
  onTestFinished(() => rmSync(cwd, { recursive: true, force: true }));
  writeFileSync(join(cwd, ".env"), "");
  const child = spawn(process.execPath, ["--import", TSX, CLI, ...args], {
    cwd,
    env: { PATH: process.env["PATH"], HOME: cwd, ...env },
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  let [out, err] = ["", ""];
  child.stdout.on("data", (chunk: Buffer) => (out += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (err += chunk.toString()));
  const ended = once(child, "close").then(() => ({ out, err, code: child.exitCode, signal: child.signalCode }));
  const says = async (text: string): Promise<void> => {
    while (!err.includes(text)) await once(child.stderr, "data");
  };
  return { child, ended, says };
}

const ASKING = ["login", "dropbox", "--paste"];
const ASKED = "allow the access";
const KEY = { DROPBOX_APP_KEY: "app-key" };

test("prints its version", async () => {
  expect(await start(["--version"]).ended).toMatchObject({ out: "0.1.0\n", err: "", code: 0 });
});

test("ends with the exit code of main", async () => {
  const { code, err } = await start(["--nope"]).ended;
  expect(code).toBe(2);
  expect(err).toContain("unknown option or argument: nope");
});

test.each([
  ["SIGINT", 130],
  ["SIGTERM", 143],
] as const)("%s ends it in good order", async (signal, expected) => {
  const { child, ended, says } = start(ASKING, KEY);
  await says(ASKED);
  child.kill(signal);
  const { code, err } = await ended;
  expect(code).toBe(expected);
  expect(err).toContain(`interrupted by ${signal}`);
});

test("a second signal ends it at once", async () => {
  // Something that still goes on after the first signal: here a timer that outlasts every test.
  const NODE_OPTIONS = "--import=data:text/javascript,setInterval(Date.now,1e8)";
  const { child, ended, says } = start(ASKING, { ...KEY, NODE_OPTIONS });
  await says(ASKED);
  child.kill("SIGINT");
  await says("interrupted by SIGINT");
  child.kill("SIGTERM");
  expect(await ended).toMatchObject({ code: null, signal: "SIGTERM" });
});

test("a reader that went away is no error", async () => {
  const { child, ended } = start(["--help"]);
  child.stdout.destroy();
  expect(await ended).toMatchObject({ code: 0, err: "" });
});

test("no input is no person to ask", async () => {
  const { child, ended } = start(ASKING, KEY);
  child.stdin.end();
  const { code, err } = await ended;
  expect(code).toBe(2);
  expect(err).toContain("there is nobody to ask");
});
