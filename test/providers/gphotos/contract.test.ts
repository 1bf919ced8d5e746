import { startGooglePhotosEmulator, type GooglePhotosEmulatorOptions } from "../../emulators/gphotos/emulator.js";
import { testProvider, type Bed } from "../contract.js";
import { openBed } from "../support/bed.js";
import { closeUnmisused } from "../support/emulators.js";
import { viewAsFolders } from "./folder-view.js";
import { openProvider } from "./support.js";

/** A library of its own. */
function opener(options: GooglePhotosEmulatorOptions): () => Promise<Bed> {
  return async () => {
    const emulator = await startGooglePhotosEmulator({ quotaWaitMs: 0, ...options });
    return await openBed({
      open: async () => viewAsFolders(await openProvider(emulator, { albums: "nested" }), emulator),
      trashed: () => Promise.resolve([]),
      close: () => closeUnmisused(emulator),
    });
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
