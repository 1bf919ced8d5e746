import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { join } from "node:path";
import process from "node:process";
import { EXECUTABLE } from "./trisync.js";

/** Medians in milliseconds, each from the start of the process. */
export interface StartUp {
  /** `node -e 0`, to its end: what Node.js takes for itself. */
  readonly bareNodeMs: number;
  /** `trisync --version`, to its end. */
  readonly versionMs: number;
  /** A run of a job that has run before, until the service receives its first request. */
  readonly firstRequestMs: number;
}

const TIMES = 9;

/** Runs each so often in turn that a busy moment of the machine does not count. */
export async function measureStartUp(directory: string, signal: AbortSignal): Promise<StartUp> {
  const place = await mkdtemp(join(directory, "trisync-start-"));
  try {
    const samples = { bare: [] as number[], version: [] as number[], request: [] as number[] };
    for (let time = 0; time < TIMES; time++) {
      signal.throwIfAborted();
      samples.bare.push(await timeToEnd(["-e", "0"]));
      samples.version.push(await timeToEnd([EXECUTABLE, "--version"]));
      samples.request.push(await timeToFirstRequest(place));
    }
    const { bare, version, request } = samples;
    return { bareNodeMs: median(bare), versionMs: median(version), firstRequestMs: median(request) };
  } finally {
    await rm(place, { recursive: true, force: true });
  }
}

async function timeToEnd(args: readonly string[]): Promise<number> {
  const started = performance.now();
  await once(spawn(process.execPath, args, { stdio: "ignore" }), "exit");
  return performance.now() - started;
}

/** The service turns every request away, so that the run ends with the first. */
async function timeToFirstRequest(place: string): Promise<number> {
  let received: number | undefined;
  const service = createServer((_request, response) => {
    received ??= performance.now();
    response.writeHead(401).end("{}");
  }).listen(0, "127.0.0.1");
  await once(service, "listening");
  const address = service.address();
  if (address === null || typeof address === "string") throw new Error("the service has no port");
  const url = `http://127.0.0.1:${String(address.port)}`;
  try {
    const local = join(place, "local");
    await mkdir(local, { recursive: true });
    await writeFile(join(local, "a file.txt"), "some content");
    const args = [EXECUTABLE, "sync", local, "dropbox:/Folder", "--state", join(place, "state")];
    const urls = { DROPBOX_API_URL: url, DROPBOX_CONTENT_URL: url, DROPBOX_AUTH_URL: url };
    const env = { PATH: process.env["PATH"] ?? "", HOME: place, DROPBOX_ACCESS_TOKEN: "token", ...urls };
    const started = performance.now();
    await once(spawn(process.execPath, args, { stdio: "ignore", env }), "exit");
    if (received === undefined) throw new Error("the run ended without a request");
    return received - started;
  } finally {
    service.closeAllConnections();
    service.close();
  }
}

function median(samples: readonly number[]): number {
  const middle = samples.toSorted((a, b) => a - b)[Math.floor(samples.length / 2)];
  if (middle === undefined) throw new Error("nothing was measured");
  return middle;
}

/** Contract: `--version` within 2.5 times bare Node.js, the first request within 250 ms. */
const MOST_TIMES_BARE = 2.5;
const MOST_MS = 250;

/** A line for each figure, with its aim. */
export function describeStartUp({ bareNodeMs, versionMs, firstRequestMs }: StartUp): string {
  const ratio = versionMs / bareNodeMs;
  return [
    "Start-up, medians",
    `  node -e 0             ${bareNodeMs.toFixed(0)} ms`,
    `  trisync --version     ${versionMs.toFixed(0)} ms, ratio ${ratio.toFixed(2)}, aim ≤ ${String(MOST_TIMES_BARE)} ${verdict(ratio <= MOST_TIMES_BARE)}`,
    `  to the first request  ${firstRequestMs.toFixed(0)} ms, aim ≤ ${String(MOST_MS)} ms ${verdict(firstRequestMs <= MOST_MS)}`,
    "",
  ].join("\n");
}

function verdict(isMet: boolean): string {
  return isMet ? "met" : "MISSED";
}
