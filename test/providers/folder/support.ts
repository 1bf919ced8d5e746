import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { sleep } from "../../../lib/http/sleep.js";
import { nodeFileSystem } from "../../../lib/local/file-system.js";
import { openFolder } from "../../../lib/local/open-folder.js";
import { nameOf, parentOf } from "../../../lib/model/path.js";
import type { SyncPath } from "../../../lib/model/path.js";
import type { ProviderContext } from "../../../providers/context.js";
import { folderModule } from "../../../providers/folder/folder.js";
import type { Provider } from "../../../providers/provider.js";
import { createContext } from "../support/context.js";

type Parts = Pick<Partial<ProviderContext>, "files" | "memory" | "now" | "runId" | "mayWrite" | "trashDays">;

export interface Machine extends Parts {
  readonly target: string;
}

let runs = 0;

/** One run of one job on one machine. */
export async function openRun(machine: Machine): Promise<Provider> {
  return folderModule.open(contextFor(machine));
}

function contextFor({ target, now = Date.now, ...parts }: Machine): ProviderContext {
  return createContext({
    target,
    runId: `20260301T120000Z-${(++runs).toString(36)}`,
    ...parts,
    time: { now, sleep },
    settings: {},
    createHttp: () => {
      throw new Error("a folder needs no network");
    },
  });
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
