import { openTlsProxyFor, type TlsProxy } from "../shared/tls-proxy.js";
import type { OneDriveEmulator } from "./emulator.js";
import { FILES_HOSTS } from "./links.js";

/**
 * Starts a CONNECT proxy that leads the service's host names to the emulator, by TLS with a certificate made on the
 * spot. The certificate of the authority goes to `directory`.
 */
export async function openTlsProxy(emulator: OneDriveEmulator, directory: string): Promise<TlsProxy> {
  const { graph, login, files } = emulator.origins;
  const filesHosts = Object.values(FILES_HOSTS).map((host) => [host, files.listener] as const);
  return await openTlsProxyFor(
    {
      "graph.microsoft.com": graph.listener,
      "login.microsoftonline.com": login.listener,
      ...Object.fromEntries(filesHosts),
    },
    directory,
  );
}
