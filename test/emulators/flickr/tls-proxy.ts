import { openTlsProxyFor, type TlsProxy } from "../shared/tls-proxy.js";
import type { FlickrEmulator } from "./emulator.js";

const SITE_HOST = "www.flickr.com";
const IMAGE_HOST = "live.staticflickr.com";

/**
 * For clients that know the service's own host names only: a CONNECT proxy that leads them to the emulator. Addresses
 * of pictures and videos carry the real names from then on. The certificate of the authority goes to `directory`.
 */
export async function openTlsProxy(emulator: FlickrEmulator, directory: string): Promise<TlsProxy> {
  const { api, image, up, www } = emulator.origins;
  const proxy = await openTlsProxyFor(
    {
      [SITE_HOST]: www.listener,
      "api.flickr.com": api.listener,
      "up.flickr.com": up.listener,
      [IMAGE_HOST]: image.listener,
    },
    directory,
  );
  emulator.useNames({ imageUrl: `https://${IMAGE_HOST}`, siteUrl: `https://${SITE_HOST}` });
  return proxy;
}
