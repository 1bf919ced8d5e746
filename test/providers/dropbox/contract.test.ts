import { startDropboxEmulator, type DropboxEmulatorOptions } from "../../emulators/dropbox/emulator.js";
import { testProvider, type Bed } from "../contract.js";
import { openBed, textsOf } from "../support/bed.js";
import { closeUnmisused } from "../support/emulators.js";
import { openProvider } from "./support.js";

/** A folder in an account of its own; `trashed` looks at the versions that the service keeps. */
function opener(options: DropboxEmulatorOptions): () => Promise<Bed> {
  return async () => {
    const emulator = await startDropboxEmulator({ jobRunsAfterMs: 20, ...options });
    emulator.remote.mkdir("/Docs");
    return await openBed({
      open: () => openProvider(emulator),
      trashed: (path) => textsOf(emulator.remote.deleted().filter((file) => file.path === `/Docs/${path}`)),
      close: () => closeUnmisused(emulator),
    });
  };
}

const large = { largeBytes: 17 * 1024 * 1024 + 17 };
testProvider("dropbox", opener({}), large);
testProvider(
  "dropbox, in its worst mood",
  opener({
    paging: "ragged",
    deletedFolders: "every-entry",
    displayParents: "as-written",
    jobs: "async",
    jobPolls: 3,
    latencyMs: 3,
  }),
);
