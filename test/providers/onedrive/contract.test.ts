import { expect } from "vitest";
import { startOneDriveEmulator, type OneDriveEmulatorOptions } from "../../emulators/onedrive/emulator.js";
import { testProvider, type Bed } from "../contract.js";
import { openProvider, signal } from "./support.js";

/** A folder in an account of its own; `trashed` looks at versions and the recycle bin. */
function opener(options: OneDriveEmulatorOptions): () => Promise<Bed> {
  return async () => {
    const emulator = await startOneDriveEmulator(options);
    emulator.remote.mkdir("/Docs");
    const open = () => openProvider(emulator);
    const provider = await open();
    const others: Awaited<ReturnType<typeof open>>[] = [];
    return {
      provider,
      openAnother: async () => {
        const other = await open();
        others.push(other);
        return other;
      },
      trashed: async (path) => {
        const files = emulator.remote.deleted().filter((file) => file.path === `/Docs/${path}`);
        return await Promise.all(files.map(async (file) => (await file.read()).toString()));
      },
      close: async () => {
        await Promise.all([provider, ...others].map((one) => one.close(signal)));
        await emulator.close();
        expect(emulator.misuse).toEqual([]);
      },
    };
  };
}

testProvider("onedrive, a company's drive", opener({}), { largeBytes: 34 * 1024 * 1024 + 17 });
testProvider("onedrive, a personal drive", opener({ kind: "personal" }));
testProvider("onedrive, a library", opener({ kind: "documentLibrary", deltaScope: "root-only" }));
testProvider(
  "onedrive, in its worst mood",
  opener({
    kind: "personal",
    deltaOrder: "shuffled",
    deltaPageSize: 2,
    deltaDeletedFolders: "every-entry",
    deltaMovedIn: "folder-only",
    personalIds: "flips",
    parentPath: "mixed",
    updateAnswer: "no-content",
    personalCaseRename: "conflict",
    ignoreRanges: true,
  }),
);
