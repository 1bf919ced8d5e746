#!/usr/bin/env node
import os from "node:os";
import process from "node:process";
import { createInterface } from "node:readline";
import type { Writable } from "node:stream";
import { isatty } from "node:tty";
import { main } from "../lib/cli.js";
import { withoutCredentials } from "../lib/config/credentials.js";
import type { Input, Output, World } from "../lib/config/world.js";
import { nodeFileSystem } from "../lib/local/file-system.js";
import { InterruptedError } from "../lib/model/errors.js";

process.exitCode = await main(process.argv.slice(2), createWorld());

function createWorld(): World {
  const env = takeEnvironment();
  return {
    env,
    cwd: process.cwd(),
    now: Date.now,
    hostname: os.hostname(),
    platform: process.platform,
    files: nodeFileSystem,
    homedir: findHome(env),
    pid: process.pid,
    stdin: createInput(),
    stdout: createOutput(process.stdout),
    stderr: createOutput(process.stderr),
    signal: listenForSignals(),
  };
}

/** From here on child processes find no credentials in the environment they inherit. */
function takeEnvironment(): Readonly<Record<string, string | undefined>> {
  const env = { ...process.env };
  const kept = withoutCredentials(env);
  for (const name of Object.keys(env)) if (!(name in kept)) Reflect.deleteProperty(process.env, name);
  return env;
}

/** HOME, or what the user database says; a container's user may be in neither. */
function findHome(env: World["env"]): string | undefined {
  if (env["HOME"] !== undefined && env["HOME"] !== "") return env["HOME"];
  try {
    const { homedir } = os.userInfo();
    return homedir === "" ? undefined : homedir;
  } catch {
    return undefined;
  }
}

/** A reader that goes away (`| head`, a closed log) ends the output, never the run. */
function createOutput(stream: Writable & { readonly isTTY?: boolean }): Output {
  let works = true;
  stream.on("error", () => {
    works = false;
  });
  return {
    write: (text) => {
      if (works) stream.write(text);
    },
    isTerminal: stream.isTTY === true,
    stream,
  };
}

/** The stream itself is opened only by who reads it. */
function createInput(): Input {
  return {
    isTerminal: isatty(0),
    readLine: async (signal) => {
      const stream = process.stdin;
      const lines = createInterface({ input: stream, signal });
      try {
        for await (const line of lines) return line;
        return undefined;
      } finally {
        lines.close();
        stream.destroy();
      }
    },
    get stream() {
      return process.stdin;
    },
  };
}

/** The first signal asks the run to end in good order; a second one ends the process at once. */
function listenForSignals(): AbortSignal {
  const controller = new AbortController();
  for (const name of ["SIGINT", "SIGTERM"] as const) {
    process.on(name, () => {
      if (controller.signal.aborted) {
        process.removeAllListeners(name);
        process.kill(process.pid, name);
      } else {
        controller.abort(new InterruptedError(name));
      }
    });
  }
  return controller.signal;
}
