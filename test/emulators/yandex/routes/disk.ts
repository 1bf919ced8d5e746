import { shownPath } from "../paths.js";
import type { Route } from "../route.js";
import { toTimestamp } from "../resource.js";

const REGISTERED_MS = Date.UTC(2015, 4, 1);
const GIB = 1024 ** 3;

export const disk: Route = {
  name: "GET disk",
  scope: "info",
  params: [],
  run: ({ account, world }) => {
    const { settings } = world;
    const { disk: files, login, uid } = account;
    const value = {
      total_space: settings.quotaBytes,
      used_space: files.usedBytes,
      trash_size: files.trash.usedBytes,
      max_file_size: settings.fileBytes,
      paid_max_file_size: Math.max(settings.fileBytes, 50 * GIB),
      is_paid: settings.fileBytes > GIB,
      revision: files.revision,
      reg_time: toTimestamp(REGISTERED_MS),
      unlimited_autoupload_enabled: false,
      is_idm_managed_folder_address_access: false,
      user: { uid, login, display_name: login, country: "ru", reg_time: toTimestamp(REGISTERED_MS), is_child: false },
      system_folders: {
        applications: shownPath([settings.applicationsFolder]),
        downloads: "disk:/Загрузки/",
        screenshots: "disk:/Скриншоты/",
        photostream: "disk:/Фотокамера/",
      },
    };
    return { status: 200, value };
  },
};
