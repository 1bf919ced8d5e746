import { spawn } from "node:child_process";
import type { ChildProcessByStdio } from "node:child_process";
import { fileURLToPath } from "node:url";
import { dirname, join, resolve } from "node:path";
import type { Readable, Writable } from "node:stream";
import { build } from "esbuild";

const HERE = dirname(fileURLToPath(import.meta.url));
const PROJECT = resolve(HERE, "../../../..");

export interface Built {
  readonly file: string;
  /** Every file that went into it, relative to the project. */
  readonly inputs: readonly string[];
}

/** Makes one file of a program in this directory, so that starting it costs what starting the real one costs. */
export async function buildChild(name: string, outDir: string): Promise<Built> {
  const file = join(outDir, `${name}.mjs`);
  const { metafile } = await build({
    entryPoints: [join(HERE, `${name}.ts`)],
    outfile: file,
    bundle: true,
    platform: "node",
    format: "esm",
    metafile: true,
    absWorkingDir: PROJECT,
    logLevel: "error",
  });
  return { file, inputs: Object.keys(metafile.inputs) };
}

export type Child = ChildProcessByStdio<Writable, Readable, Readable>;

export function startChild(built: Built, ...args: readonly string[]): Child {
  const env = { ...process.env, NODE_PATH: join(PROJECT, "node_modules") };
  return spawn(process.execPath, [built.file, ...args], { env, stdio: ["pipe", "pipe", "pipe"] });
}

/** Everything it printed, once it has ended. */
export async function outputOf(
  child: Child,
): Promise<{ readonly out: string; readonly err: string; readonly code: number | null }> {
  let out = "";
  let err = "";
  child.stdout.on("data", (chunk) => (out += String(chunk)));
  child.stderr.on("data", (chunk) => (err += String(chunk)));
  const code = await new Promise<number | null>((done) => child.once("close", done));
  return { out, err, code };
}

/** Waits until the child has printed this line. */
export async function waitForLine(child: Child, line: string): Promise<void> {
  let seen = "";
  await new Promise<void>((done, fail) => {
    child.stdout.on("data", (chunk) => {
      seen += String(chunk);
      if (seen.split("\n").includes(line)) done();
    });
    child.once("close", (code) => fail(new Error(`ended with ${code} before it said ${line}: ${seen}`)));
  });
}

export async function kill(child: Child): Promise<void> {
  const ended = new Promise((done) => child.once("close", done));
  child.kill("SIGKILL");
  await ended;
}
