import { openTlsProxyFor, type TlsProxy } from "../shared/tls-proxy.js";
import type { YandexEmulator } from "./emulator.js";
import type { Host } from "./request-log.js";

/** Where links lead for clients that come by TLS, under the service's own host names. */
export const SERVICE_URLS: Readonly<Record<Host, string>> = {
  api: "https://cloud-api.yandex.net",
  oauth: "https://oauth.yandex.ru",
  uploader: "https://uploader1a.disk.yandex.net:443",
  downloader: "https://downloader.disk.yandex.ru",
};

/** For clients whose hosts are constants: a CONNECT proxy that leads the service's host names to the emulator. */
export async function openTlsProxy({ origins }: YandexEmulator, directory: string): Promise<TlsProxy> {
  const hosts = {
    "cloud-api.yandex.net": origins.api.listener,
    "cloud-api.yandex.com": origins.api.listener,
    "oauth.yandex.ru": origins.oauth.listener,
    "oauth.yandex.com": origins.oauth.listener,
    "uploader1a.disk.yandex.net": origins.uploader.listener,
    "downloader.disk.yandex.ru": origins.downloader.listener,
  };
  return await openTlsProxyFor(hosts, directory);
}
