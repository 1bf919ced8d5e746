import { parseArgs } from "node:util";
import { PROCESS_OPTIONS, serveProcess } from "../shared/serve-process.js";
import { openControl } from "./control.js";
import { startDropboxEmulator } from "./emulator.js";
import { openTlsProxy } from "./tls-proxy.js";

/**
 * The emulator as a process of its own, for benchmarks and for tests that kill the client:
 * `tsx main.ts [--port-file FILE] [--latency-ms N] [--directory DIR] [--team NAME] [--tls-proxy]`.
 */
const { values } = parseArgs({ options: { ...PROCESS_OPTIONS, team: { type: "string" } } });

const emulator = await startDropboxEmulator({
  latencyMs: Number(values["latency-ms"]),
  directory: values.directory,
  teamName: values.team,
});
const { apiUrl, app, authUrl, contentUrl, env } = emulator;
const { accessToken, accountId, refreshToken } = emulator.tokens.issue();

await serveProcess({
  emulator,
  control: await openControl(emulator),
  description: { apiUrl, contentUrl, authUrl, app, env, accessToken, refreshToken, accountId },
  values,
  openProxy: (directory) => openTlsProxy(emulator, directory),
});
