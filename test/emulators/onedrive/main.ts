import { parseArgs } from "node:util";
import * as z from "zod";
import { PROCESS_OPTIONS, serveProcess } from "../shared/serve-process.js";
import { openControl } from "./control.js";
import { type OneDriveEmulator, startOneDriveEmulator } from "./emulator.js";
import { openTlsProxy } from "./tls-proxy.js";

/**
 * The emulator as a process of its own, for benchmarks and for tests that kill the client:
 * `tsx main.ts [--kind KIND] [--port-file FILE] [--latency-ms N] [--directory DIR] [--tls-proxy]`.
 */
const { values } = parseArgs({ options: { ...PROCESS_OPTIONS, kind: { type: "string", default: "business" } } });

const emulator = await startOneDriveEmulator({
  kind: z.enum(["personal", "personal-migrated", "business", "documentLibrary"]).parse(values.kind),
  latencyMs: Number(values["latency-ms"]),
  directory: values.directory,
});

await serveProcess({
  emulator,
  control: await openControl(emulator),
  description: describe(emulator),
  values,
  openProxy: (directory) => openTlsProxy(emulator, directory),
});

function describe(running: OneDriveEmulator): Readonly<Record<string, unknown>> {
  const { graphUrl, loginUrl, filesUrl, env, appEnv, tokens, person, drive } = running;
  const { clientId, clientSecret } = running.app;
  const { accessToken, refreshToken } = tokens.issue();
  const { userId, tenantId } = person;
  return {
    ...{ graphUrl, loginUrl, filesUrl, env, appEnv },
    app: { clientId, clientSecret },
    ...{ tenantId, userId, driveId: drive.id },
    ...{ accessToken, refreshToken },
  };
}
