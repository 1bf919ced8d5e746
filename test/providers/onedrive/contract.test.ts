import { startOneDriveEmulator, type OneDriveEmulatorOptions } from "../../emulators/onedrive/emulator.js";
import { testProvider, type Bed } from "../contract.js";
import { openBed, textsOf } from "../support/bed.js";
import { closeUnmisused } from "../support/emulators.js";
import { openProvider } from "./support.js";

/** A folder in an account of its own; `trashed` looks at versions and the recycle bin. */
function opener(options: OneDriveEmulatorOptions): () => Promise<Bed> {
  return async () => {
    const emulator = await startOneDriveEmulator(options);
    emulator.remote.mkdir("/Docs");
    return await openBed({
      open: () => openProvider(emulator),
      trashed: (path) => textsOf(emulator.remote.deleted().filter((file) => file.path === `/Docs/${path}`)),
      close: () => closeUnmisused(emulator),
    });
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
