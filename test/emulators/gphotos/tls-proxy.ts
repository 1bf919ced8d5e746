import { openTlsProxyFor, type TlsProxy } from "../shared/tls-proxy.js";
import type { GooglePhotosEmulator } from "./emulator.js";

const IMAGE_HOST = "lh3.googleusercontent.com";

/**
 * For clients that know the service's own host names only: a CONNECT proxy that leads them to the emulator. Addresses
 * of pictures carry the real image host from then on. The certificate of the authority goes to `directory`.
 */
export async function openTlsProxy(emulator: GooglePhotosEmulator, directory: string): Promise<TlsProxy> {
  const { accounts, api, image, oauth } = emulator.origins;
  const proxy = await openTlsProxyFor(
    {
      "accounts.google.com": accounts.listener,
      "oauth2.googleapis.com": oauth.listener,
      "photoslibrary.googleapis.com": api.listener,
      [IMAGE_HOST]: image.listener,
    },
    directory,
  );
  emulator.imageUrl = `https://${IMAGE_HOST}`;
  return proxy;
}
