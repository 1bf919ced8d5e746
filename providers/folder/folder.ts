import type { ProviderModule } from "../context.js";
import { parseTarget } from "./config.js";

/**
 * Another directory as the remote side: a mounted disk, a share, a folder. It stands on `lib/local`, so that writing
 * gives the same guarantees on both sides. There is nobody to sign in to.
 */
export const folderModule: ProviderModule = {
  parseTarget,
  // The registry asks for targets before a run knows whether it may start, so the rest is loaded later.
  open: async (context) => (await import("./open-provider.js")).openProvider(context),
  login: undefined,
  logout: undefined,
};
