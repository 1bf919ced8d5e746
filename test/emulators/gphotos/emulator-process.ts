import * as z from "zod";
import { CommonDescription, type RunningProcess, startProcess } from "../shared/start-process.js";

const Description = CommonDescription.extend({
  accountsUrl: z.string(),
  oauthUrl: z.string(),
  apiUrl: z.string(),
  app: z.object({ clientId: z.string(), clientSecret: z.string(), projectId: z.string(), projectNumber: z.string() }),
  clientFile: z.record(z.string(), z.unknown()),
  accessToken: z.string(),
  refreshToken: z.string(),
  accountId: z.string(),
});

export type EmulatorProcess = z.output<typeof Description> & RunningProcess;

/** Starts it with options of main.ts, such as `["--latency-ms", "50"]`. */
export async function startEmulatorProcess(options: readonly string[] = []): Promise<EmulatorProcess> {
  return await startProcess(new URL("main.ts", import.meta.url), Description, options);
}
