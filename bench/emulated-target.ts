import * as z from "zod";
import { below } from "./fingerprint.js";
import type { Fingerprint } from "./fingerprint.js";
import type { Target } from "./target.js";

/** What the emulators of all services have in common, each in a process of its own. */
interface EmulatorProcess {
  control(call: string, ...args: readonly unknown[]): Promise<unknown>;
  stop(): Promise<void>;
}

/** A target whose requests the emulator counts, and which ends with it. */
export function targetOf(emulator: EmulatorProcess, parts: Omit<Target, "takeRequests" | "close">): Target {
  return {
    ...parts,
    takeRequests: async () => {
      const count = z.number().parse(await emulator.control("requestCount"));
      await emulator.control("resetCounters");
      return count;
    },
    close: () => emulator.stop(),
  };
}

/** Of the files below the folder, by the hashes that the service lists. */
export async function fingerprintBelow(
  remote: string,
  emulator: EmulatorProcess,
  toHash: (listed: string) => string,
): Promise<Fingerprint> {
  return below(`/${remote}/`, Hashes.parse(await emulator.control("remote.hashes")), toHash);
}

const Hashes = z.record(z.string(), z.string().nullable());
