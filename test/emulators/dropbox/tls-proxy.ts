import { openTlsProxyFor, type TlsProxy } from "../shared/tls-proxy.js";
import type { DropboxEmulator } from "./emulator.js";

/** For clients whose hosts are constants: a CONNECT proxy that leads the service's host names to the emulator. */
export async function openTlsProxy({ origins }: DropboxEmulator, directory: string): Promise<TlsProxy> {
  const hosts = {
    "api.dropboxapi.com": origins.api.listener,
    "content.dropboxapi.com": origins.content.listener,
    "www.dropbox.com": origins.auth.listener,
  };
  return await openTlsProxyFor(hosts, directory);
}
