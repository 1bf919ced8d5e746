import { parseArgs } from "node:util";
import { PROCESS_OPTIONS, serveProcess } from "../shared/serve-process.js";
import { openControl } from "./control.js";
import { startGooglePhotosEmulator } from "./emulator.js";
import { openTlsProxy } from "./tls-proxy.js";

/**
 * The emulator as a process of its own, for benchmarks and for tests that kill the client:
 * `tsx main.ts [--port-file FILE] [--latency-ms N] [--directory DIR] [--tls-proxy]`.
 */
const { values } = parseArgs({ options: PROCESS_OPTIONS });

const emulator = await startGooglePhotosEmulator({
  latencyMs: Number(values["latency-ms"]),
  directory: values.directory,
});
const { accountsUrl, apiUrl, app, env, oauthUrl } = emulator;
const { accessToken, accountId, refreshToken } = emulator.tokens.issue();
const clientFile = emulator.clientFile();

await serveProcess({
  emulator,
  control: await openControl(emulator),
  description: { accountsUrl, oauthUrl, apiUrl, app, env, clientFile, accessToken, refreshToken, accountId },
  values,
  openProxy: (directory) => openTlsProxy(emulator, directory),
});
