import { describe, it } from "vitest";
import type { Capabilities } from "../../providers/provider.js";
import { testAborts } from "./contract-aborts.js";
import { testBatches } from "./contract-batches.js";
import type { Bed } from "./contract-bed.js";
import { testCursors } from "./contract-cursors.js";
import { testDeletes } from "./contract-deletes.js";
import { testDownloads } from "./contract-downloads.js";
import { testFolders } from "./contract-folders.js";
import { testListings } from "./contract-listings.js";
import { testMoves } from "./contract-moves.js";
import { testNames } from "./contract-names.js";
import { testUploads } from "./contract-uploads.js";

export type { Bed } from "./contract-bed.js";

export interface ContractOptions {
  /** A file that is sent in several parts. */
  readonly largeBytes?: number;
}

/** Declares one test of the contract, on a bed of its own. */
export type Check = (title: string, work: (bed: Bed) => Promise<void>) => void;

export interface Suite {
  readonly check: Check;
  readonly capabilities: Capabilities;
  readonly largeBytes: number;
}

const PARTS = [
  testListings,
  testNames,
  testDownloads,
  testUploads,
  testBatches,
  testFolders,
  testMoves,
  testDeletes,
  testCursors,
  testAborts,
];

/**
 * Holds a provider to its contract. `open` resolves to an empty remote folder each time. What the service cannot do is
 * left out by its capabilities, which are asked once before the tests are declared.
 */
export function testProvider(name: string, open: () => Promise<Bed>, { largeBytes }: ContractOptions = {}): void {
  const check: Check = (title, work) => {
    it(title, async () => {
      const bed = await open();
      try {
        await work(bed);
      } finally {
        await bed.close();
      }
    });
  };
  describe(`${name} keeps the contract`, async () => {
    const bed = await open();
    const { capabilities } = bed.provider;
    await bed.close();
    for (const part of PARTS) part({ check, capabilities, largeBytes: largeBytes ?? 3 * 1024 * 1024 + 17 });
  });
}
