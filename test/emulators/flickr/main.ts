import { mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { parseArgs } from "node:util";
import { openControl } from "./control.js";
import { startFlickrEmulator } from "./emulator.js";
import { openTlsProxy } from "./tls-proxy.js";

/**
 * The emulator as a process of its own, for benchmarks and for tests that kill the client:
 * `tsx main.ts [--port-file FILE] [--latency-ms N] [--requests-per-hour N] [--directory DIR] [--tls-proxy]`.
 * Prints one line of JSON with its URLs and a token, and writes the same to the port file. Ends on SIGTERM.
 */
const { values } = parseArgs({
  options: {
    "port-file": { type: "string" },
    "latency-ms": { type: "string", default: "0" },
    "requests-per-hour": { type: "string", default: "3600" },
    directory: { type: "string" },
    "tls-proxy": { type: "boolean", default: false },
  },
});

const emulator = await startFlickrEmulator({
  latencyMs: Number(values["latency-ms"]),
  requestsPerHour: Number(values["requests-per-hour"]),
  directory: values.directory,
});
const control = await openControl(emulator);
const certificates = values["tls-proxy"] ? await mkdtemp(join(tmpdir(), "flickr-emulator-tls-")) : undefined;
const proxy = certificates === undefined ? undefined : await openTlsProxy(emulator, certificates);

const { apiUrl, app, authUrl, env, token, uploadUrl } = emulator;
const description = JSON.stringify({
  ...{ authUrl, apiUrl, uploadUrl, app, env, nsid: token.nsid },
  token: { token: token.token, secret: token.secret },
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
