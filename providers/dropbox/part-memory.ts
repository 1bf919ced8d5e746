/** Memory for parts of large files, used again and again: garbage of this size would pile up before it is collected. */
export interface PartMemory {
  /** Lends a piece of exactly this size until `use` has ended. */
  lend<T>(sizeBytes: number, use: (memory: Buffer) => Promise<T>): Promise<T>;
}

/** Holds as many pieces as were ever lent at once. */
export function createPartMemory(): PartMemory {
  const spare: Buffer[] = [];
  return {
    lend: async (sizeBytes, use) => {
      const last = spare.pop();
      const memory = last !== undefined && last.length >= sizeBytes ? last : Buffer.allocUnsafeSlow(sizeBytes);
      try {
        return await use(memory.subarray(0, sizeBytes));
      } finally {
        spare.push(memory);
      }
    },
  };
}
