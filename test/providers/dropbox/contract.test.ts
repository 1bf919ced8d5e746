import { startDropboxEmulator, type DropboxEmulatorOptions } from "../../emulators/dropbox/emulator.js";
import { testProvider, type Bed } from "../contract.js";
import { openProvider, signal } from "./support.js";

/** A folder in an account of its own; `trashed` looks at the versions that the service keeps. */
function opener(options: DropboxEmulatorOptions): () => Promise<Bed> {
  return async () => {
    const emulator = await startDropboxEmulator({ jobRunsAfterMs: 20, ...options });
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
      },
    };
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
