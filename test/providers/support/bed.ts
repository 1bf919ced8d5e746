import type { Provider } from "../../../providers/provider.js";
import type { Bed } from "../contract.js";
import { signal } from "./signal.js";

interface BedParts extends Pick<Bed, "trashed" | "close"> {
  /** The same remote folder each time. */
  readonly open: () => Promise<Provider>;
}

/** A bed of the contract. Its providers are closed before the rest is. */
export async function openBed({ open, trashed, close }: BedParts): Promise<Bed> {
  const provider = await open();
  const others: Provider[] = [];
  return {
    provider,
    openAnother: async () => {
      const other = await open();
      others.push(other);
      return other;
    },
    trashed,
    close: async () => {
      await Promise.all([provider, ...others].map((one) => one.close(signal)));
      await close();
    },
  };
}

/** Contents of what a trash gives back. */
export async function textsOf(files: readonly { read(): Promise<Buffer> }[]): Promise<readonly string[]> {
  return await Promise.all(files.map(async (file) => (await file.read()).toString()));
}
