import { afterEach, beforeEach, expect } from "vitest";

/** What the emulators of all services have in common. */
export interface Emulator {
  /** What a client did that the service forbids or advises against. */
  readonly misuse: readonly string[];
  close(): Promise<void>;
}

/** An emulator for each test of a file; one whose client misused the service fails the test. */
export function useEmulatorOf<E extends Emulator>(start: () => Promise<E>): () => E {
  let emulator: E | undefined;
  beforeEach(async () => {
    emulator = await start();
  });
  afterEach(async () => {
    const used = emulator;
    emulator = undefined;
    if (used !== undefined) await closeUnmisused(used);
  });
  return () => {
    if (emulator === undefined) throw new Error("the emulator is started before each test");
    return emulator;
  };
}

/** Fails the test when a client misused the service. */
export async function closeUnmisused(emulator: Emulator): Promise<void> {
  await emulator.close();
  expect(emulator.misuse).toEqual([]);
}
