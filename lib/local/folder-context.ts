import type { FileSystem } from "./file-system.js";
import { coalesceSyncs } from "./coalesce-syncs.js";

export interface FolderOptions {
  /** Absolute. May be a symbolic link itself; nothing below it is followed. */
  readonly root: string;
  readonly files: FileSystem;
  /** Names this run's trash: "20260301T093000Z-1a2b". */
  readonly runId: string;
  readonly now: () => number;
  /** Whose temporary files are whose, where several jobs may share the folder; undefined: there is no other. */
  readonly owner?: string | undefined;
  /** Whether names differing only by case are usually one file on this platform; asked when the disk cannot tell. */
  readonly platformIgnoresCase?: boolean | undefined;
}

/** What the parts of one folder share. */
export interface FolderContext extends Omit<FolderOptions, "platformIgnoresCase"> {
  readonly platformIgnoresCase: boolean;
  readonly syncFolder: (path: string) => Promise<void>;
  /** Folders, by absolute path, that this run knows to be durable or is making so. */
  readonly durable: Map<string, Promise<void>>;
  /** Names of temporary files that this run uses or keeps for a later one. */
  readonly partials: Set<string>;
  /** Trash names that are spoken for but may not exist yet. */
  readonly reserved: Set<string>;
}

export function createContext(options: FolderOptions): FolderContext {
  return {
    ...options,
    platformIgnoresCase: options.platformIgnoresCase ?? false,
    syncFolder: coalesceSyncs((path) => options.files.syncFolder(path)),
    durable: new Map(),
    partials: new Set(),
    reserved: new Set(),
  };
}
