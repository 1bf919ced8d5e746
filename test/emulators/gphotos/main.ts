import { mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { parseArgs } from "node:util";
import { openControl } from "./control.js";
import { startGooglePhotosEmulator } from "./emulator.js";
import { openTlsProxy } from "./tls-proxy.js";

/**
 * The emulator as a process of its own, for benchmarks and for tests that kill the client:
 * `tsx main.ts [--port-file FILE] [--latency-ms N] [--directory DIR] [--tls-proxy]`.
 * Prints one line of JSON with its URLs and tokens, and writes the same to the port file. Ends on SIGTERM.
 */
const { values } = parseArgs({
  options: {
    "port-file": { type: "string" },
    "latency-ms": { type: "string", default: "0" },
    directory: { type: "string" },
    "tls-proxy": { type: "boolean", default: false },
  },
});

const emulator = await startGooglePhotosEmulator({
  latencyMs: Number(values["latency-ms"]),
  directory: values.directory,
});
const control = await openControl(emulator);
const certificates = values["tls-proxy"] ? await mkdtemp(join(tmpdir(), "gphotos-emulator-tls-")) : undefined;
const proxy = certificates === undefined ? undefined : await openTlsProxy(emulator, certificates);

const { accountsUrl, apiUrl, app, env, oauthUrl } = emulator;
const { accessToken, refreshToken, accountId } = emulator.tokens.issue();
const description = JSON.stringify({
  ...{ accountsUrl, oauthUrl, apiUrl, app, env, accessToken, refreshToken, accountId },
  clientFile: emulator.clientFile(),
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
