import { expect } from "vitest";
import { startFlickrEmulator, type FlickrEmulatorOptions } from "../../emulators/flickr/emulator.js";
import { testProvider, type Bed } from "../contract.js";
import { viewAsFolders, type Hashes } from "./folder-view.js";
import { openProvider, signal } from "./support.js";

/** An account of its own. */
function opener(options: FlickrEmulatorOptions): () => Promise<Bed> {
  return async () => {
    const emulator = await startFlickrEmulator(options);
    const hashes: Hashes = new Map();
    const open = async () => viewAsFolders(await openProvider(emulator, { albums: "nested" }), hashes);
    const provider = await open();
    const others: Awaited<ReturnType<typeof open>>[] = [];
    return {
      provider,
      openAnother: async () => {
        const other = await open();
        others.push(other);
        return other;
      },
      trashed: () => Promise.resolve([]),
      close: async () => {
        await Promise.all([provider, ...others].map((one) => one.close(signal)));
        const { misuse } = emulator;
        await emulator.close();
        expect(misuse).toEqual([]);
      },
    };
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
