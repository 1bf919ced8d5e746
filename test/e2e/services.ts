import type { CloudAccount } from "./cloud-account.js";
import { effort } from "./effort.js";
import { DropboxAccount } from "./dropbox-account.js";
import { OneDriveAccount } from "./onedrive-account.js";
import { YandexAccount } from "./yandex-account.js";

export interface Service {
  /** As people call it. */
  readonly title: string;
  /** Starts an emulator of its own, with options such as `["--latency-ms", "4"]`. */
  readonly open: (options?: readonly string[]) => Promise<CloudAccount>;
}

const ALL: readonly Service[] = [
  { title: "Dropbox", open: (options) => DropboxAccount.open(options) },
  { title: "OneDrive", open: (options) => OneDriveAccount.open(options) },
  { title: "Yandex Disk", open: (options) => YandexAccount.open(options) },
];

/** The services that keep files as they are in folders as they are: what holds of one holds of all. */
export const SERVICES = ALL.slice(0, effort.services);
