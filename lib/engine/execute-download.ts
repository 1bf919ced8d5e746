import { createHash } from "node:crypto";
import { ProviderError } from "../model/errors.js";
import { algorithmsFor, compareBy, compareHashes } from "../model/hash.js";
import type { Action } from "../model/action.js";
import type { LocalFile, RemoteFile } from "../model/entry.js";
import type { ContentHash } from "../model/hash.js";
import type { SyncPath } from "../model/path.js";
import type { PartialFile } from "../local/types.js";
import type { PlannedStep } from "../state/types.js";
import type { Execution } from "./execute-context.js";
import type { Done } from "./execute-record.js";
import { agreeOnFile } from "./settle.js";

export type DownloadAction = Extract<Action, { readonly kind: "download" }>;
export type DownloadStep = PlannedStep & { readonly action: DownloadAction };

/**
 * Fetches one file and puts it in its place; `received` is called when its bytes are here. Rejects with what went wrong; resolves to
 * what is to be recorded.
 */
export async function downloadOne(execution: Execution, step: DownloadStep, received: () => void): Promise<Done> {
  const { action, key, was } = step;
  const { remote, path, replaces } = action;
  const target = { remote, path, replaces };
  const partial = await receiveWhole(execution, target);
  received();
  const { local, hash } = await placeReceived(execution, target, partial);
  const settlement = agreeOnFile(key, { local, remote: withHash(remote, hash), hash, placed: "local", was });
  return { action, status: "done", bytes: local.sizeBytes, settlements: [settlement] };
}

export interface DownloadTarget {
  readonly remote: RemoteFile;
  readonly path: SyncPath;
  readonly replaces: LocalFile | undefined;
}

interface Fetched {
  readonly local: LocalFile;
  readonly hash: ContentHash;
}

/** Downloads to a temporary file, verifies, and only then gives it the name. */
export async function fetchInto(execution: Execution, target: DownloadTarget): Promise<Fetched> {
  return placeReceived(execution, target, await receiveWhole(execution, target));
}

/** The verified content in a temporary file, which is the caller's to place or to discard. */
export async function receiveWhole(
  execution: Execution,
  { remote, path }: Pick<DownloadTarget, "remote" | "path">,
): Promise<PartialFile> {
  const { folder, provider } = execution;
  const algorithms = algorithmsFor(provider.capabilities.hash, [remote.hash]);
  const partial = await folder.openPartial(partialKey(remote, path), algorithms, remote.sizeBytes);
  try {
    if (await receiveVerified(execution, { remote, path, partial })) return partial;
  } catch (error) {
    await keepOrDiscard(partial, error);
    throw error;
  }
  await partial.discard();
  throw new ProviderError(
    "unavailable",
    `download ${path}: the bytes received are not those the service lists; the next run tries again`,
  );
}

interface Receiving {
  readonly remote: RemoteFile;
  readonly path: SyncPath;
  readonly partial: PartialFile;
}

/** Answers whether the bytes are those that are listed. What is wrong is fetched once more where that may help. */
async function receiveVerified(execution: Execution, receiving: Receiving): Promise<boolean> {
  const { remote, partial } = receiving;
  const isResumed = partial.sizeBytes > 0;
  // Power may have failed since, so that the bytes are not what was written. Only the listed hash would tell.
  if (isResumed && remote.hash === undefined) await partial.restart();
  await receive(execution, receiving);
  if (!isSpoiled(partial, remote)) return true;
  const first = partial.hash();
  const isRightByOwn = compareBy(execution.provider.capabilities.hash, first, remote.hash) === "alike";
  if (!isResumed && !isRightByOwn) return false;
  await partial.restart();
  await receive(execution, receiving);
  // The very same bytes twice, right by the hash that the service itself goes by: what it lists besides is wrong, and will be so again.
  return !isSpoiled(partial, remote) || (isRightByOwn && partial.hash() === first);
}

function isSpoiled(partial: PartialFile, remote: RemoteFile): boolean {
  return compareHashes(partial.hash(), remote.hash) === "different";
}

/** Whether the received bytes are those of the local file, which must still be the one that was seen. */
export async function holdsSame({ folder }: Execution, received: PartialFile, local: LocalFile): Promise<boolean> {
  if (received.sizeBytes !== local.sizeBytes) return false;
  const content = await folder.content(local);
  try {
    const isSame = await received.holds(content);
    await content.verify();
    return isSame;
  } finally {
    await content.close();
  }
}

/** Gives the received content its name. */
export async function placeReceived(
  { folder }: Execution,
  { remote, path, replaces }: DownloadTarget,
  partial: PartialFile,
): Promise<Fetched> {
  const hash = partial.hash();
  try {
    return { local: await folder.commit(partial, path, remote.modifiedMs, replaces), hash };
  } catch (error) {
    await partial.discard();
    throw error;
  }
}

/** A connection that breaks half-way is taken up where it broke, so often. */
const MOST_RESUMPTIONS = 3;

async function receive(execution: Execution, { remote, path, partial }: Receiving): Promise<void> {
  const { sizeBytes } = remote;
  const most = sizeBytes ?? Number.POSITIVE_INFINITY;
  let received = partial.sizeBytes;
  // Of a file of unknown size nobody could say whether an earlier run had the last bytes already.
  if (received > most || sizeBytes === undefined) {
    await partial.restart();
    received = 0;
  }
  for (let attempt = 0; received < most || most === 0; attempt++) {
    const before = received;
    try {
      for await (const chunk of await execution.provider.download(remote, received, execution.signal)) {
        const bytes = toBytes(chunk);
        received += bytes.length;
        if (received > most) throw tooLong(path);
        await partial.write(bytes);
        const bytesTotal = sizeBytes ?? received;
        execution.events.progress({ path, kind: "download", bytesDone: received, bytesTotal });
      }
      break;
    } catch (error) {
      const broke = error instanceof ProviderError && error.code === "unavailable" && received > before;
      if (!broke || attempt >= MOST_RESUMPTIONS) throw error;
    }
  }
  if (sizeBytes !== undefined && received !== sizeBytes) {
    const got = `${String(received)} of ${String(sizeBytes)} bytes came`;
    throw new ProviderError("unavailable", `download ${path}: ${got}; the next run goes on from there`);
  }
}

function toBytes(chunk: unknown): Uint8Array {
  if (chunk instanceof Uint8Array) return chunk;
  throw new Error("a download must be a stream of bytes");
}

function tooLong(path: SyncPath): ProviderError {
  return new ProviderError("changed", `download ${path}: more bytes came than the service lists`);
}

/** What was received stays for a later run when the connection or the user cut it off, not when the content is wrong. */
async function keepOrDiscard(partial: PartialFile, error: unknown): Promise<void> {
  const isUseless = error instanceof ProviderError && (error.code === "changed" || error.code === "not-found");
  await (isUseless ? partial.discard() : partial.keep());
}

function partialKey(remote: RemoteFile, path: SyncPath): string {
  const identity = [path, remote.id, remote.version, remote.sizeBytes, remote.hash].join("\n");
  return createHash("sha256").update(identity).digest("hex").slice(0, 32);
}

/** What was downloaded and verified is what the service holds, also where its listing shows no hash. */
export function withHash(remote: RemoteFile, hash: ContentHash): RemoteFile {
  return { ...remote, hash: remote.hash ?? hash };
}
