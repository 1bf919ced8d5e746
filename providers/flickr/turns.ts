/** Lets pieces of work that touch the same thing come one after the other. */
export interface Turns {
  take<T>(name: string, work: () => Promise<T>): Promise<T>;
}

export function createTurns(): Turns {
  const tails = new Map<string, Promise<unknown>>();
  return {
    take: async (name, work) => {
      const before = tails.get(name) ?? Promise.resolve();
      const mine = before.then(work);
      const settled = mine.catch(() => undefined);
      tails.set(name, settled);
      try {
        return await mine;
      } finally {
        if (tails.get(name) === settled) tails.delete(name);
      }
    },
  };
}
