import { expect } from "vitest";
import { startGooglePhotosEmulator, type GooglePhotosEmulatorOptions } from "../../emulators/gphotos/emulator.js";
import { testProvider, type Bed } from "../contract.js";
import { viewAsFolders } from "./folder-view.js";
import { openProvider, signal } from "./support.js";

/** A library of its own. */
function opener(options: GooglePhotosEmulatorOptions): () => Promise<Bed> {
  return async () => {
    const emulator = await startGooglePhotosEmulator({ quotaWaitMs: 0, ...options });
    const open = async () => viewAsFolders(await openProvider(emulator, { albums: "nested" }), emulator);
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

const large = { largeBytes: 17 * 1024 * 1024 + 17 };
testProvider("gphotos", opener({}), large);
testProvider(
  "gphotos, in its worst mood",
  opener({
    usedUploadTokens: "refuse",
    paging: "ragged",
    unknownIdStatus: 400,
    absentRemovals: "refuse",
    rotateRefreshTokens: true,
    accessTokenUses: 7,
    latencyMs: 2,
  }),
);
