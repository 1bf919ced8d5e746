import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SimulatedDisk } from "../support/simulated-disk.js";
import type { SimulatedDiskOptions } from "../support/simulated-disk.js";
import { testProvider } from "./contract.js";
import type { Bed } from "./contract.js";
import { openBed } from "./support/bed.js";
import { openRun, trashedIn } from "./folder/support.js";
import type { Machine } from "./folder/support.js";

testProvider("folder, on a real disk", async () => {
  const machine = { target: await mkdtemp(join(tmpdir(), "trisync-folder-")) };
  return openBed({
    open: () => openRun(machine),
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
    return openBed({
      open: () => openRun(machine),
      trashed: (path) => trashedIn(machine, path, read),
      close: async () => undefined,
    });
  };
}

testProvider("folder, on a disk that ignores case", onSimulatedDisk({ ignoresCase: true }));
testProvider(
  "folder, on a disk without links and with coarse times",
  onSimulatedDisk({ hasLinks: false, timeUnitNs: 2_000_000_000n }),
);
testProvider("folder, on a disk that keeps names decomposed", onSimulatedDisk({ storesNfd: true }));
