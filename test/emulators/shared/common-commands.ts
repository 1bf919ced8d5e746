import * as z from "zod";
import type { EmulatedWorld, Emulator } from "./emulator.js";
import type { FaultTarget } from "./faults.js";
import { command, type Commands } from "./serve-commands.js";

/** The commands of the control port that every emulator has. */
export function commonCommands<
  World extends EmulatedWorld<Fault>,
  Fault extends FaultTarget,
  Start extends { readonly route: string },
  Host extends string,
>(emulator: Emulator<World, Fault, Start, Host, unknown>): Commands {
  const initial = { ...emulator.settings };
  const AnyFault = z.custom<Fault>(
    (value) => z.object({ route: z.string(), kind: z.string() }).safeParse(value).success,
    "a fault has a route and a kind",
  );
  return {
    settings: command(z.tuple([z.record(z.string(), z.unknown()).default({})]), ([changes]) => {
      for (const name of Object.keys(changes)) {
        if (!(name in emulator.settings)) throw new Error(`there is no setting ${name}`);
      }
      return Object.assign(emulator.settings, changes);
    }),
    // As they were when the emulator was started.
    resetSettings: () => void Object.assign(emulator.settings, initial),
    fault: command(z.tuple([AnyFault]), ([fault]) => emulator.fault(fault)),
    clearFaults: () => emulator.clearFaults(),
    pendingFaults: () => emulator.pendingFaults(),
    advanceClock: command(z.tuple([z.number()]), ([ms]) => emulator.advanceClock(ms)),
    requests: () => emulator.requests,
    requestCount: command(z.tuple([z.string().optional()]), ([route]) => emulator.requestCount(route)),
    requestCounts: () => emulator.requestCounts(),
    resetCounters: () => emulator.resetCounters(),
    misuse: () => emulator.misuse,
  };
}
