import { ProviderError } from "../../lib/model/errors.js";
import type { Attempt } from "../provider.js";
import { attempt, failed, succeeded } from "../attempts.js";
import type { Connection } from "./connection.js";
import { hashOf, isVersion } from "./entries.js";
import { lookAtNew } from "./look-many.js";
import type { Item } from "./schemas.js";
import type { Sent } from "./sending.js";

/** The service shows a file some moments after it has confirmed it. */
const PAUSES_MS = [0, 250, 500, 1_000, 2_000, 4_000, 5_000, 5_000, 5_000, 5_000, 5_000];

/** Waits until the service shows every file with the hash of the bytes that were sent. */
export async function confirm(
  connection: Connection,
  sent: readonly Sent[],
  signal: AbortSignal,
): Promise<ReadonlyMap<Sent, Attempt<Item>>> {
  const settled = new Map<Sent, Attempt<Item>>();
  for (const pauseMs of PAUSES_MS) {
    const waiting = sent.filter((one) => !settled.has(one));
    if (waiting.length === 0) return settled;
    if (pauseMs > 0) await connection.sleep(pauseMs, signal);
    const paths = waiting.map(({ path }) => path);
    const found = await attempt(() => lookAtNew(connection, paths, signal));
    for (const one of waiting) {
      const outcome = found.ok ? judge(one, found.value.get(one.path)) : failed<Item>(found.error);
      if (outcome !== undefined) settled.set(one, outcome);
    }
  }
  for (const one of sent) if (!settled.has(one)) settled.set(one, failed(notShown(one)));
  return settled;
}

/** Undefined while there is nothing to say. */
function judge(sent: Sent, found: Item | undefined): Attempt<Item> | undefined {
  if (found === undefined || found.sha256 === undefined) return undefined;
  const { file, sentHash, mayReplace } = sent;
  if (hashOf(found) === sentHash && found.size === file.content.sizeBytes) return succeeded(found);
  const isOld = mayReplace && file.replaces !== undefined && isVersion(found, file.replaces);
  return isOld ? undefined : failed(other(sent));
}

function other({ file }: Sent): ProviderError {
  const what = "Yandex Disk shows other bytes than were sent, damaged on the way or written by somebody else";
  return new ProviderError("changed", `upload ${file.path}: ${what}`);
}

function notShown({ file }: Sent): ProviderError {
  const what = "Yandex Disk took the content and does not show it yet; the next run looks again";
  return new ProviderError("unavailable", `upload ${file.path}: ${what}`);
}
