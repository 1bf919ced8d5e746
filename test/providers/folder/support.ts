import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { nodeFileSystem } from "../../../lib/local/file-system.js";
import type { FileSystem } from "../../../lib/local/file-system.js";
import { openFolder } from "../../../lib/local/open-folder.js";
import { nameOf, parentOf } from "../../../lib/model/path.js";
import type { SyncPath } from "../../../lib/model/path.js";
import type { ProviderContext } from "../../../providers/context.js";
import { folderModule } from "../../../providers/folder/folder.js";
import type { Provider } from "../../../providers/provider.js";

type Memory = ProviderContext["memory"];

/** What one job remembers. `values` is there to look into. */
export function createMemory(values = new Map<string, string>()): Memory & { readonly values: Map<string, string> } {
  return {
    values,
    get: (name) => values.get(name),
    set: (name, value) => {
      if (value === undefined) values.delete(name);
      else values.set(name, value);
    },
    entries: (prefix) => [...values].filter(([name]) => name.startsWith(prefix)),
  };
}

export interface Machine {
  readonly target: string;
  readonly files?: FileSystem;
  readonly memory?: Memory;
  readonly now?: () => number;
  readonly runId?: string;
  readonly mayWrite?: boolean;
  readonly trashDays?: number;
}

let runs = 0;

/** One run of one job on one machine. */
export async function openRun(machine: Machine): Promise<Provider> {
  return folderModule.open(contextFor(machine));
}

function contextFor({ target, files, memory, now, runId, mayWrite, trashDays }: Machine): ProviderContext {
  const nothing = async (): Promise<Readonly<Record<string, string>>> => ({});
  return {
    target,
    settings: { get: async () => undefined },
    memory: memory ?? createMemory(),
    known: { find: () => undefined },
    secrets: { read: nothing, update: nothing },
    createHttp: () => {
      throw new Error("a folder needs no network");
    },
    files: files ?? nodeFileSystem,
    now: now ?? Date.now,
    runId: runId ?? `20260301T120000Z-${(++runs).toString(36)}`,
    trashDays: trashDays ?? 30,
    times: "keep",
    mayWrite: mayWrite ?? true,
  };
}

/** Contents of all versions of the path in the trash, also of those that got a number because the name was taken. */
export async function trashedIn(
  { target, files, now }: Machine,
  path: SyncPath,
  read: (absolute: string) => Promise<string> = (absolute) => readFile(absolute, "utf8"),
): Promise<readonly string[]> {
  const options = {
    root: target,
    files: files ?? nodeFileSystem,
    runId: "20260301T120000Z-trash",
    now: now ?? Date.now,
  };
  const versions = (await openFolder(options).listTrash()).filter((entry) => isVersionOf(entry.path, path));
  return Promise.all(versions.map(({ runId, path: at }) => read(join(target, ".trisync", "trash", runId, at))));
}

function isVersionOf(trashed: SyncPath, path: SyncPath): boolean {
  return parentOf(trashed) === parentOf(path) && nameOf(trashed).replace(/ \(\d+\)(?=\.|$)/, "") === nameOf(path);
}
