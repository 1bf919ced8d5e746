import * as z from "zod";
import { CommonDescription, type RunningProcess, startProcess } from "../shared/start-process.js";

const Description = CommonDescription.extend({
  apiUrl: z.string(),
  authUrl: z.string(),
  uploaderUrl: z.string(),
  downloaderUrl: z.string(),
  app: z.object({ id: z.string(), secret: z.string() }),
  accessToken: z.string(),
  refreshToken: z.string(),
  uid: z.string(),
});

export type YandexProcess = z.output<typeof Description> & RunningProcess;

/** Starts it with options of main.ts, such as `["--latency-ms", "20", "--rate-limit", "40"]`. */
export async function startYandexProcess(options: readonly string[] = []): Promise<YandexProcess> {
  return await startProcess(new URL("main.ts", import.meta.url), Description, options);
}
