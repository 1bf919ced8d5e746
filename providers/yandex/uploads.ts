import { ProviderError } from "../../lib/model/errors.js";
import { nameOf } from "../../lib/model/path.js";
import type { Attempt, Upload, Uploaded } from "../provider.js";
import { attemptUpload, failed, succeeded, unwrapOnly } from "../attempts.js";
import type { Connection } from "./connection.js";
import { toRemoteFile } from "./entries.js";
import { keepTimes } from "./keep-times.js";
import { refusalOf } from "./names.js";
import { uploadNeutrally } from "./neutral-uploads.js";
import type { Item } from "./schemas.js";
import { confirmUndamaged } from "./send-again.js";
import { send, type Sent } from "./sending.js";
import { isSlowKind } from "./slow-kinds.js";

/** Stores one file. */
export async function upload(connection: Connection, file: Upload, signal: AbortSignal): Promise<Uploaded> {
  const sent = await deliver(connection, file, signal);
  return unwrapOnly(await finish(connection, [sent], signal));
}

/**
 * Stores many small files: one request for each link, and then one look for all that are in one folder. Resolves to one
 * attempt per file, in the order given.
 */
export async function uploadBatch(
  connection: Connection,
  files: readonly Upload[],
  signal: AbortSignal,
): Promise<readonly Attempt<Uploaded>[]> {
  signal.throwIfAborted();
  const deliveries = await Promise.all(
    files.map((file) => attemptUpload(file, () => deliver(connection, file, signal))),
  );
  const sent = deliveries.flatMap((delivery) => (delivery.ok ? [delivery.value] : []));
  const outcomes = await finish(connection, sent, signal);
  const byFile = new Map(sent.map(({ file }, at) => [file, outcomes[at]]));
  return deliveries.map((delivery, at) => {
    if (!delivery.ok) return delivery;
    const file = files[at];
    const outcome = file === undefined ? undefined : byFile.get(file);
    if (outcome === undefined) throw new Error("a file of a batch has no outcome");
    return outcome;
  });
}

async function deliver(connection: Connection, file: Upload, signal: AbortSignal): Promise<Sent> {
  assertTaken(connection, file);
  const { sizeBytes } = file.content;
  const isLongReplacement = file.replaces !== undefined && sizeBytes > LONG_BYTES;
  if (connection.neutralNames && (isLongReplacement || isSlowKind(nameOf(file.path), sizeBytes))) {
    return await uploadNeutrally(connection, file, signal);
  }
  const path = connection.paths.of(file.path);
  return (await send(connection, { file, path, mayReplace: file.replaces !== undefined }, signal)).sent;
}

/**
 * Larger content travels for so long that somebody else may write the file meanwhile. It takes the place of the old only when all
 * of it is there, right after another look.
 */
const LONG_BYTES = 1024 * 1024;

function assertTaken({ account, root }: Connection, { path, content }: Upload): void {
  const limits = { maxFileBytes: account.maxFileBytes, root: root.path };
  const reason = refusalOf(path, content.sizeBytes, limits);
  if (reason !== undefined) throw new ProviderError("rejected", `upload ${path}: ${reason}`);
}

/** Verifies what was sent, and gives it its time. */
async function finish(
  connection: Connection,
  sent: readonly Sent[],
  signal: AbortSignal,
): Promise<readonly Attempt<Uploaded>[]> {
  const confirmed = await confirmUndamaged(connection, sent, signal);
  const stored = new Map<Sent, Item>();
  for (const { sent: one, outcome } of confirmed) if (outcome.ok) stored.set(one, outcome.value);
  const items = connection.keepsTimes ? await keepTimes(connection, stored, signal) : stored;
  return confirmed.map(({ sent: one, outcome }) => {
    const item = items.get(one);
    const { file, sentHash } = one;
    if (item !== undefined && file.replaces !== undefined) connection.kept.end(one.path);
    if (item !== undefined) return succeeded({ entry: toRemoteFile(item, file.path), sentHash });
    if (outcome.ok) throw new Error("a file that was sent has no outcome");
    return failed(outcome.error);
  });
}
