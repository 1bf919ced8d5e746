import * as z from "zod";
import { CommonDescription, type RunningProcess, startProcess } from "../shared/start-process.js";

/** `env` holds addresses, application and tenant, without any sign-in. */
const Description = CommonDescription.extend({
  graphUrl: z.string(),
  loginUrl: z.string(),
  filesUrl: z.string(),
  app: z.object({ clientId: z.string(), clientSecret: z.string() }),
  tenantId: z.string(),
  userId: z.string(),
  driveId: z.string(),
  /** What the application's own sign-in needs besides. */
  appEnv: z.record(z.string(), z.string()),
  accessToken: z.string(),
  refreshToken: z.string(),
});

export type EmulatorProcess = z.output<typeof Description> & RunningProcess;

/** Starts it with options of main.ts, such as `["--latency-ms", "20", "--kind", "personal"]`. */
export async function startEmulatorProcess(options: readonly string[] = []): Promise<EmulatorProcess> {
  return await startProcess(new URL("main.ts", import.meta.url), Description, options);
}
