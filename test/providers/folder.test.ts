import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Provider } from "../../providers/provider.js";
import { SimulatedDisk } from "../support/simulated-disk.js";
import type { SimulatedDiskOptions } from "../support/simulated-disk.js";
import { testProvider } from "./contract.js";
import type { Bed } from "./contract.js";
import { calm } from "./contract-bed.js";
import { openRun, trashedIn } from "./folder/support.js";
import type { Machine } from "./folder/support.js";

async function openOn(machine: Machine, options: Pick<Bed, "close" | "trashed">): Promise<Bed> {
  const others: Provider[] = [];
  const provider = await openRun(machine);
  return {
    provider,
    openAnother: async () => {
      const other = await openRun(machine);
      others.push(other);
      return other;
    },
    trashed: options.trashed,
    close: async () => {
      for (const open of [provider, ...others]) await open.close(calm);
      await options.close();
    },
  };
}

testProvider("folder, on a real disk", async () => {
  const machine = { target: await mkdtemp(join(tmpdir(), "trisync-folder-")) };
  return openOn(machine, {
    trashed: (path) => trashedIn(machine, path),
    close: () => rm(machine.target, { recursive: true }),
  });
});

function onSimulatedDisk(options: Omit<SimulatedDiskOptions, "now">): () => Promise<Bed> {
  return async () => {
    let ms = Date.UTC(2026, 2, 1, 12);
    const now = (): number => (ms += 5);
    const disk = new SimulatedDisk({ ...options, now });
    disk.plant("/mnt/disk", {});
    const machine: Machine = { target: "/mnt/disk", files: disk.mount(), now };
    const read = async (absolute: string): Promise<string> => {
      const content = disk.dump("/mnt/disk")[absolute.slice("/mnt/disk/".length)];
      if (typeof content !== "string") throw new Error(`${absolute} is not in the trash`);
      return content;
    };
    return openOn(machine, { trashed: (path) => trashedIn(machine, path, read), close: async () => undefined });
  };
}

testProvider("folder, on a disk that ignores case", onSimulatedDisk({ ignoresCase: true }));
testProvider(
  "folder, on a disk without links and with coarse times",
  onSimulatedDisk({ hasLinks: false, timeUnitNs: 2_000_000_000n }),
);
testProvider("folder, on a disk that keeps names decomposed", onSimulatedDisk({ storesNfd: true }));
