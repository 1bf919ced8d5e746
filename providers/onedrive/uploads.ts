import { ProviderError } from "../../lib/model/errors.js";
import type { Attempt, Upload, Uploaded } from "../provider.js";
import { failed } from "../attempts.js";
import type { Connection } from "./connection.js";
import { refused } from "./folders.js";
import { storeGroups, toBatchAttempt } from "./group-uploads.js";
import { uploadLarge } from "./large-uploads.js";
import { refusalOf } from "./names.js";

/** Files up to this size are read into memory, and sent with one request. */
export const SMALL_BYTES = 1024 * 1024;

/** Stores one file. */
export async function upload(connection: Connection, file: Upload, signal: AbortSignal): Promise<Uploaded> {
  signal.throwIfAborted();
  const refusal = refusalFor(connection, file);
  if (refusal !== undefined) throw refusal;
  if (file.content.sizeBytes > SMALL_BYTES) return await uploadLarge(connection, file, signal);
  const [outcome] = await storeGroups(connection, [file], signal);
  if (outcome === undefined) throw new Error("an upload ended without an outcome");
  if (!outcome.ok) throw outcome.error;
  return outcome.value;
}

/** Stores many small files with few requests; each has an outcome of its own, in the order given. */
export async function uploadBatch(
  connection: Connection,
  files: readonly Upload[],
  signal: AbortSignal,
): Promise<readonly Attempt<Uploaded>[]> {
  signal.throwIfAborted();
  const refusals = new Map(files.map((file) => [file, refusalFor(connection, file)]));
  const taken = files.filter((file) => refusals.get(file) === undefined);
  if (taken.length === 0) return files.map((file) => failed(refusals.get(file) ?? missing(file)));
  const outcomes = await storeGroups(connection, taken, signal);
  const byFile = new Map(taken.map((file, at) => [file, outcomes[at]]));
  return files.map((file) => {
    const outcome = byFile.get(file);
    return outcome === undefined ? failed(refusals.get(file) ?? missing(file)) : toBatchAttempt(file, outcome);
  });
}

function refusalFor({ root, drive }: Connection, { path, content }: Upload): ProviderError | undefined {
  const reason = refusalOf(path, content.sizeBytes, { target: root.path, isPersonal: drive.known?.isPersonal });
  return reason === undefined ? undefined : refused(path, reason);
}

function missing({ path }: Upload): ProviderError {
  return new ProviderError("malformed", `upload ${path}: nothing is known of what became of it`);
}
