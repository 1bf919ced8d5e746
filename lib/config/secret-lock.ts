import { setTimeout as delay } from "node:timers/promises";
import { LockedError } from "../model/errors.js";
import { isBusy } from "../state/sql-errors.js";
import { connect } from "../state/sqlite.js";

/**
 * Waits until this process alone may change the secrets; resolves to what lets the next one in. The lock is an exclusive
 * transaction on an empty SQLite file: the kernel frees it when the process dies, so there is nothing stale to clear away.
 */
export async function acquireSecretLock(path: string, timeoutMs: number): Promise<() => void> {
  const startedMs = performance.now();
  for (;;) {
    const release = tryLock(path);
    if (release !== undefined) return release;
    if (performance.now() - startedMs > timeoutMs) {
      const seconds = Math.round(timeoutMs / 1000);
      throw new LockedError(`another process has kept the stored sign-in for ${seconds} s (${path}); run again later`);
    }
    await delay(50 + Math.random() * 50);
  }
}

function tryLock(path: string): (() => void) | undefined {
  const connection = connect(path, { readOnly: false, defensive: false });
  try {
    connection.exec("PRAGMA busy_timeout=0");
    connection.exec("PRAGMA locking_mode=EXCLUSIVE");
    connection.exec("BEGIN EXCLUSIVE");
    return () => connection.close();
  } catch (error) {
    connection.close();
    if (isBusy(error)) return undefined;
    throw error;
  }
}
