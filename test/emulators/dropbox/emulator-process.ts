import * as z from "zod";
import { CommonDescription, type RunningProcess, startProcess } from "../shared/start-process.js";

const Description = CommonDescription.extend({
  apiUrl: z.string(),
  contentUrl: z.string(),
  authUrl: z.string(),
  app: z.object({ key: z.string(), secret: z.string() }),
  accessToken: z.string(),
  refreshToken: z.string(),
  accountId: z.string(),
});

export type EmulatorProcess = z.output<typeof Description> & RunningProcess;

/** Starts it with options of main.ts, such as `["--latency-ms", "50"]`. */
export async function startEmulatorProcess(options: readonly string[] = []): Promise<EmulatorProcess> {
  return await startProcess(new URL("main.ts", import.meta.url), Description, options);
}
