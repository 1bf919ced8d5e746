import { ProviderError } from "../../lib/model/errors.js";
import type { Attempt } from "../provider.js";
import { attempt, failed, succeeded } from "../attempts.js";
import type { Connection } from "./connection.js";
import { damageIn } from "./damage.js";
import { hashOf, isVersion } from "./entries.js";
import { lateMs, pauseAfter } from "./late.js";
import { lookAtNew } from "./look-many.js";
import type { Item } from "./schemas.js";
import type { Sent } from "./sending.js";

/**
 * Waits until the service shows every file with the hash of the bytes that were sent: some moments, for large ones minutes. The
 * outcome is a `DamagedError` for what it has not stored as it was sent.
 */
export async function confirm(
  connection: Connection,
  sent: readonly Sent[],
  signal: AbortSignal,
): Promise<ReadonlyMap<Sent, Attempt<Item>>> {
  const settled = new Map<Sent, Attempt<Item>>();
  for (let waitedMs = 0, waiting = sent; waiting.length > 0;) {
    const paths = waiting.map(({ path }) => path);
    const found = await attempt(() => lookAtNew(connection, paths, signal));
    for (const one of waiting) {
      const outcome = found.ok
        ? await judge(one, found.value.get(one.path), waitedMs, signal)
        : failed<Item>(found.error);
      if (outcome !== undefined) settled.set(one, outcome);
    }
    waiting = waiting.filter((one) => !settled.has(one));
    if (waiting.length === 0) break;
    const pauseMs = pauseAfter(waitedMs);
    await connection.sleep(pauseMs, signal);
    waitedMs += pauseMs;
  }
  return settled;
}

/** Undefined while the file may still come. */
async function judge(
  sent: Sent,
  found: Item | undefined,
  waitedMs: number,
  signal: AbortSignal,
): Promise<Attempt<Item> | undefined> {
  const { file, sentHash, mayReplace } = sent;
  const isOld = found !== undefined && mayReplace && file.replaces !== undefined && isVersion(found, file.replaces);
  if (found?.sha256 !== undefined) {
    if (hashOf(found) === sentHash && found.size === file.content.sizeBytes) return succeeded(found);
    if (!isOld) return failed((sent.wasSeen ? undefined : await damageIn(sent, found, signal)) ?? other(sent));
  }
  return waitedMs < lateMs(file.content.sizeBytes) ? undefined : failed(notShown(sent));
}

function other({ file }: Sent): ProviderError {
  const what = "somebody else has written it on Yandex Disk in the moment after";
  return new ProviderError("changed", `upload ${file.path}: ${what}`);
}

function notShown({ file }: Sent): ProviderError {
  const what = "Yandex Disk took the content and does not show it yet; the next run looks again";
  return new ProviderError("unavailable", `upload ${file.path}: ${what}`);
}
