import { startFlickrEmulator, type FlickrEmulatorOptions } from "../../emulators/flickr/emulator.js";
import { testProvider, type Bed } from "../contract.js";
import { openBed } from "../support/bed.js";
import { closeUnmisused } from "../support/emulators.js";
import { viewAsFolders, type Hashes } from "./folder-view.js";
import { openProvider } from "./support.js";

/** An account of its own. */
function opener(options: FlickrEmulatorOptions): () => Promise<Bed> {
  return async () => {
    const emulator = await startFlickrEmulator(options);
    const hashes: Hashes = new Map();
    return await openBed({
      open: async () => viewAsFolders(await openProvider(emulator, { albums: "nested" }), hashes),
      trashed: () => Promise.resolve([]),
      close: () => closeUnmisused(emulator),
    });
  };
}

testProvider("flickr", opener({}));
testProvider(
  "flickr, in its worst mood",
  opener({
    uploadSecrets: false,
    searchLagMs: 60_000,
    emptyTotal: "blank",
    pagePastEnd: "empty",
    deadImages: "placeholder",
    imageRanges: false,
    imageParallel: 1,
    duplicateId: "attribute",
    replacedDateTaken: "stays",
    latencyMs: 2,
  }),
);
