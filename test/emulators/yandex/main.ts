import { parseArgs } from "node:util";
import { PROCESS_OPTIONS, serveProcess } from "../shared/serve-process.js";
import { openControl } from "./control.js";
import { startYandexEmulator } from "./emulator.js";
import { openTlsProxy } from "./tls-proxy.js";

/**
 * The emulator as a process of its own, for benchmarks and for tests that kill the client:
 * `tsx main.ts [--port-file FILE] [--latency-ms N] [--rate-limit N] [--directory DIR] [--tls-proxy]`.
 */
const { values } = parseArgs({
  // The rate limit is in API requests a second; the service allows 40.
  options: { ...PROCESS_OPTIONS, "rate-limit": { type: "string", default: "0" } },
});

const emulator = await startYandexEmulator({
  latencyMs: Number(values["latency-ms"]),
  requestsPerSecond: Number(values["rate-limit"]),
  directory: values.directory,
});
const { apiUrl, app, authUrl, downloaderUrl, env, uploaderUrl } = emulator;

await serveProcess({
  emulator,
  control: await openControl(emulator),
  description: { apiUrl, authUrl, uploaderUrl, downloaderUrl, app, env, ...emulator.tokens.issue() },
  values,
  openProxy: (directory) => openTlsProxy(emulator, directory),
});
