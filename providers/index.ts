import type { ProviderModule } from "./context.js";

/** What the registry knows of a provider. Nothing is loaded before a job needs it. */
export interface ProviderLine {
  readonly load: () => Promise<ProviderModule>;
  /** The module's `parseTarget` alone: all that is needed to tell which job it is, and no reason to load a whole client. */
  readonly loadTargetParser: () => Promise<ProviderModule["parseTarget"]>;
  /** The target is a directory on this machine. */
  readonly isOnThisMachine: boolean;
}

/** Every provider by the name that stands before the colon. */
export const PROVIDERS: Readonly<Record<string, ProviderLine>> = {
  folder: {
    load: async () => (await import("./folder/folder.js")).folderModule,
    loadTargetParser: async () => (await import("./folder/config.js")).parseTarget,
    isOnThisMachine: true,
  },
  dropbox: {
    load: async () => (await import("./dropbox/dropbox.js")).dropboxModule,
    loadTargetParser: async () => (await import("./dropbox/config.js")).parseTarget,
    isOnThisMachine: false,
  },
  yandex: {
    load: async () => (await import("./yandex/yandex.js")).yandexModule,
    loadTargetParser: async () => (await import("./yandex/config.js")).parseTarget,
    isOnThisMachine: false,
  },
  flickr: {
    load: async () => (await import("./flickr/flickr.js")).flickrModule,
    loadTargetParser: async () => (await import("./flickr/config.js")).parseTarget,
    isOnThisMachine: false,
  },
  onedrive: {
    load: async () => (await import("./onedrive/onedrive.js")).onedriveModule,
    loadTargetParser: async () => (await import("./onedrive/config.js")).parseTarget,
    isOnThisMachine: false,
  },
  gphotos: {
    load: async () => (await import("./gphotos/gphotos.js")).gphotosModule,
    loadTargetParser: async () => (await import("./gphotos/config.js")).parseTarget,
    isOnThisMachine: false,
  },
};
