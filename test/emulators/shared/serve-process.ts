import { mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import type { Control } from "./serve-commands.js";
import type { TlsProxy } from "./tls-proxy.js";

/** For `parseArgs`: the options that the process of every emulator takes. */
export const PROCESS_OPTIONS = {
  "port-file": { type: "string" },
  "latency-ms": { type: "string", default: "0" },
  directory: { type: "string" },
  "tls-proxy": { type: "boolean", default: false },
} as const;

interface Served {
  readonly emulator: { close(): Promise<void> };
  readonly control: Control;
  /** Its addresses and tokens. */
  readonly description: Readonly<Record<string, unknown>>;
  readonly values: { readonly "port-file"?: string | undefined; readonly "tls-proxy": boolean };
  openProxy(directory: string): Promise<TlsProxy>;
}

/** Prints one line of JSON with the description, and writes the same to the port file. Ends on SIGTERM. */
export async function serveProcess({ emulator, control, description, values, openProxy }: Served): Promise<void> {
  const certificates = values["tls-proxy"] ? await mkdtemp(join(tmpdir(), "emulator-tls-")) : undefined;
  const proxy = certificates === undefined ? undefined : await openProxy(certificates);
  const ways = proxy === undefined ? {} : { proxyUrl: proxy.url, caFile: proxy.caFile };
  await announce(JSON.stringify({ ...description, controlUrl: control.url, ...ways }), values["port-file"]);
  const stop = async (): Promise<void> => {
    await Promise.all([proxy?.close(), control.close(), emulator.close()]);
    if (certificates !== undefined) await rm(certificates, { recursive: true, force: true });
  };
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, () => void stop());
}

async function announce(line: string, portFile: string | undefined): Promise<void> {
  if (portFile !== undefined) {
    // Renamed into place, so that whoever waits for the file never reads half of it.
    await writeFile(`${portFile}.new`, line);
    await rename(`${portFile}.new`, portFile);
  }
  process.stdout.write(`${line}\n`);
}
