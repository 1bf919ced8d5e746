import { startYandexEmulator, type YandexEmulatorOptions } from "../../emulators/yandex/emulator.js";
import { testProvider, type Bed } from "../contract.js";
import { openBed, textsOf } from "../support/bed.js";
import { closeUnmisused } from "../support/emulators.js";
import { openProvider, type TestContext } from "./support.js";

/** A folder in an account of its own. */
function opener(options: YandexEmulatorOptions, context: TestContext = {}): () => Promise<Bed> {
  return async () => {
    const emulator = await startYandexEmulator(options);
    emulator.remote.mkdir("/Docs");
    return await openBed({
      open: () => openProvider(emulator, context),
      trashed: (path) => textsOf(emulator.remote.trash().filter((file) => nameBefore(file.path) === `/Docs/${path}`)),
      close: () => closeUnmisused(emulator),
    });
  };
}

/** A version that was replaced bears the time at which it was; one that was deleted, its own name. */
function nameBefore(path: string): string {
  return path.replace(/ \(replaced \d{8}T\d{6}Z-[0-9a-f]{4}\)/, "");
}

const large = { largeBytes: 9 * 1024 * 1024 + 17 };
testProvider("yandex", opener({}), large);
testProvider("yandex, without times", opener({}, { times: "ignore" }));
testProvider(
  "yandex, in its worst mood",
  opener({
    operations: "async",
    operationPolls: 2,
    operationLinks: "other-host",
    parallelWrites: "refuse",
    uploadAnswer: "accepted",
    uploadSettleMs: 5,
    visibilityDelayMs: 700,
    patchFailsWithinMs: 300,
    patchLostWithinMs: 900,
    overwriteByMove: "refuses",
    propertiesSurvive: { move: false, copy: false, overwrite: true },
    downloadRedirects: true,
    staleDownloads: "gone",
    trailingSpaces: "cut",
    latencyMs: 3,
  }),
);
