import { spawn } from "node:child_process";
import { once } from "node:events";
import { createRequire } from "node:module";
import process from "node:process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import * as z from "zod";

const Description = z.object({
  authUrl: z.string(),
  uploadUrl: z.string(),
  apiUrl: z.string(),
  controlUrl: z.string(),
  proxyUrl: z.string().optional(),
  caFile: z.string().optional(),
  app: z.object({ key: z.string(), secret: z.string() }),
  env: z.record(z.string(), z.string()),
  token: z.object({ token: z.string(), secret: z.string() }),
  nsid: z.string(),
});

/** An emulator in a process of its own: it survives a killed client and shares no memory with it. */
export interface EmulatorProcess extends z.output<typeof Description> {
  readonly pid: number;
  /** Calls a command of control.ts. */
  control(call: string, ...args: readonly unknown[]): Promise<unknown>;
  stop(): Promise<void>;
}

/** Starts it with options of main.ts, such as `["--latency-ms", "50"]`. */
export async function startEmulatorProcess(options: readonly string[] = []): Promise<EmulatorProcess> {
  const main = fileURLToPath(new URL("main.ts", import.meta.url));
  const tsx = createRequire(import.meta.url).resolve("tsx");
  const child = spawn(process.execPath, ["--import", tsx, main, ...options], { stdio: ["ignore", "pipe", "inherit"] });
  const exited = once(child, "exit");
  const lines = createInterface(child.stdout);
  const line = await Promise.race([
    once(lines, "line").then(([first]) => String(first)),
    exited.then(() => Promise.reject(new Error("the emulator ended before it was ready"))),
  ]);
  const description = Description.parse(JSON.parse(line));
  return {
    ...description,
    pid: child.pid ?? 0,
    control: (call, ...args) => callControl(description.controlUrl, call, args),
    stop: async () => {
      child.kill("SIGTERM");
      await exited;
    },
  };
}

async function callControl(url: string, call: string, args: readonly unknown[]): Promise<unknown> {
  const response = await fetch(url, { method: "POST", body: JSON.stringify({ call, args }) });
  const answer = z
    .object({ result: z.unknown().optional(), error: z.string().optional() })
    .parse(await response.json());
  if (answer.error !== undefined) throw new Error(`control ${call}: ${answer.error}`);
  return answer.result;
}
