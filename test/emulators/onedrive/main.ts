import { mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { parseArgs } from "node:util";
import * as z from "zod";
import { openControl } from "./control.js";
import { type OneDriveEmulator, startOneDriveEmulator } from "./emulator.js";
import { openTlsProxy } from "./tls-proxy.js";

/**
 * The emulator as a process of its own, for benchmarks and for tests that kill the client:
 * `tsx main.ts [--kind KIND] [--port-file FILE] [--latency-ms N] [--directory DIR] [--tls-proxy]`.
 * Prints one line of JSON with its URLs and tokens, and writes the same to the port file. Ends on SIGTERM.
 */
const { values } = parseArgs({
  options: {
    kind: { type: "string", default: "business" },
    "port-file": { type: "string" },
    "latency-ms": { type: "string", default: "0" },
    directory: { type: "string" },
    "tls-proxy": { type: "boolean", default: false },
  },
});

const emulator = await startOneDriveEmulator({
  kind: z.enum(["personal", "personal-migrated", "business", "documentLibrary"]).parse(values.kind),
  latencyMs: Number(values["latency-ms"]),
  directory: values.directory,
});
const control = await openControl(emulator);
const certificates = values["tls-proxy"] ? await mkdtemp(join(tmpdir(), "onedrive-emulator-tls-")) : undefined;
const proxy = certificates === undefined ? undefined : await openTlsProxy(emulator, certificates);

const description = JSON.stringify({
  ...describe(emulator),
  controlUrl: control.url,
  ...(proxy === undefined ? {} : { proxyUrl: proxy.url, caFile: proxy.caFile }),
});
const portFile = values["port-file"];
if (portFile !== undefined) {
  // Renamed into place, so that whoever waits for the file never reads half of it.
  await writeFile(`${portFile}.new`, description);
  await rename(`${portFile}.new`, portFile);
}
process.stdout.write(`${description}\n`);

for (const signal of ["SIGTERM", "SIGINT"] as const) {
  process.once(signal, () => {
    void stop();
  });
}

async function stop(): Promise<void> {
  await Promise.all([proxy?.close(), control.close(), emulator.close()]);
  if (certificates !== undefined) await rm(certificates, { recursive: true, force: true });
}

function describe(running: OneDriveEmulator): Readonly<Record<string, unknown>> {
  const { graphUrl, loginUrl, filesUrl, env, appEnv, tokens, person, drive } = running;
  const { clientId, clientSecret } = running.app;
  const { accessToken, refreshToken } = tokens.issue();
  const { userId, tenantId } = person;
  const app = { clientId, clientSecret };
  return {
    graphUrl,
    loginUrl,
    filesUrl,
    app,
    tenantId,
    userId,
    driveId: drive.id,
    env,
    appEnv,
    accessToken,
    refreshToken,
  };
}
