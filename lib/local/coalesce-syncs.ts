/**
 * Many files that arrive in one folder at once share its fsync: a call joins the next one that has not begun. One that is
 * under way already does not count, since it may have missed the caller's entry.
 */
export function coalesceSyncs(sync: (path: string) => Promise<void>): (path: string) => Promise<void> {
  const running = new Map<string, Promise<void>>();
  const waiting = new Map<string, Promise<void>>();

  async function runAfter(path: string, earlier: Promise<void> | undefined): Promise<void> {
    await earlier?.catch(() => undefined);
    const begun = waiting.get(path);
    waiting.delete(path);
    if (begun !== undefined) running.set(path, begun);
    try {
      await sync(path);
    } finally {
      if (running.get(path) === begun) running.delete(path);
    }
  }

  return (path) => {
    const next = waiting.get(path);
    if (next !== undefined) return next;
    // Starting a microtask later lets `waiting` hold the promise before it begins.
    const earlier = running.get(path) ?? Promise.resolve();
    const mine = runAfter(path, earlier);
    waiting.set(path, mine);
    return mine;
  };
}
