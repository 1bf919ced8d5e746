import { parseArgs } from "node:util";
import { PROCESS_OPTIONS, serveProcess } from "../shared/serve-process.js";
import { openControl } from "./control.js";
import { startFlickrEmulator } from "./emulator.js";
import { openTlsProxy } from "./tls-proxy.js";

/**
 * The emulator as a process of its own, for benchmarks and for tests that kill the client:
 * `tsx main.ts [--port-file FILE] [--latency-ms N] [--requests-per-hour N] [--directory DIR] [--tls-proxy]`.
 */
const { values } = parseArgs({
  options: { ...PROCESS_OPTIONS, "requests-per-hour": { type: "string", default: "3600" } },
});

const emulator = await startFlickrEmulator({
  latencyMs: Number(values["latency-ms"]),
  requestsPerHour: Number(values["requests-per-hour"]),
  directory: values.directory,
});
const { apiUrl, app, authUrl, env, uploadUrl } = emulator;
const { nsid, secret, token } = emulator.token;

await serveProcess({
  emulator,
  control: await openControl(emulator),
  description: { authUrl, apiUrl, uploadUrl, app, env, nsid, token: { token, secret } },
  values,
  openProxy: (directory) => openTlsProxy(emulator, directory),
});
