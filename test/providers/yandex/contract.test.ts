import { expect } from "vitest";
import { startYandexEmulator, type YandexEmulatorOptions } from "../../emulators/yandex/emulator.js";
import { testProvider, type Bed } from "../contract.js";
import { openProvider, signal, type TestContext } from "./support.js";

/** A folder in an account of its own. */
function opener(options: YandexEmulatorOptions, context: TestContext = {}): () => Promise<Bed> {
  return async () => {
    const emulator = await startYandexEmulator(options);
    emulator.remote.mkdir("/Docs");
    const open = () => openProvider(emulator, context);
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
        // A version that was replaced bears the time at which it was; one that was deleted, its own name.
        const files = emulator.remote.trash().filter((file) => nameBefore(file.path) === `/Docs/${path}`);
        return await Promise.all(files.map(async (file) => (await file.read()).toString()));
      },
      close: async () => {
        await Promise.all([provider, ...others].map((one) => one.close(signal)));
        expect(emulator.misuse).toEqual([]);
        await emulator.close();
      },
    };
  };
}

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
