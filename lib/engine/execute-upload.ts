import { createHash } from "node:crypto";
import { Readable } from "node:stream";
import type { Folder } from "../local/types.js";
import type { Action } from "../model/action.js";
import type { LocalFile, RemoteFolder } from "../model/entry.js";
import { parentKeyOf } from "../model/path.js";
import type { PathKey } from "../model/path.js";
import type { PlannedStep, Settlement } from "../state/types.js";
import type { Upload, UploadContent, Uploaded } from "../../providers/provider.js";
import type { Execution } from "./execute-context.js";
import { holdsSame, receiveWhole } from "./execute-download.js";
import type { Done } from "./execute-record.js";
import { agreeOnFile, agreeOnFolder, forgetKey } from "./settle.js";

export type UploadAction = Extract<Action, { readonly kind: "upload" }>;
export type UploadStep = PlannedStep & { readonly action: UploadAction };

/** Sends one file. Rejects with what went wrong; resolves to what is to be recorded. */
export async function uploadOne(execution: Execution, step: UploadStep): Promise<Done> {
  const { action } = step;
  if (action.stored !== undefined || (await isThereAlready(execution, action))) {
    return finishUpload(execution, step, undefined);
  }
  const { folder, provider, events, signal } = execution;
  const content = await folder.content(action.local);
  try {
    const watched = watch(content, (bytesDone) => {
      events.progress({ path: action.path, kind: "upload", bytesDone, bytesTotal: action.local.sizeBytes });
    });
    const uploaded = await provider.upload(toUpload(action, watched), signal);
    return await finishUpload(execution, step, uploaded);
  } finally {
    await content.close();
  }
}

async function isThereAlready(execution: Execution, { sameAs, local }: UploadAction): Promise<boolean> {
  if (sameAs === undefined) return false;
  const received = await receiveWhole(execution, { remote: sameAs, path: sameAs.path });
  try {
    return await holdsSame(execution, received, local);
  } finally {
    await received.discard();
  }
}

/** Sends many small files with few requests; each has its own outcome, in the order given. */
export async function uploadMany(
  execution: Execution,
  steps: readonly UploadStep[],
): Promise<readonly (Done | { readonly step: UploadStep; readonly error: unknown })[]> {
  const uploads = steps.map(({ action }) => toUpload(action, openWhenRead(execution.folder, action.local)));
  const attempts = await execution.provider.uploadBatch(uploads, execution.signal);
  return Promise.all(
    steps.map(async (step, i) => {
      const attempt = attempts[i];
      if (attempt === undefined) throw new Error("a batch must answer for every file");
      if (!attempt.ok) return { step, error: attempt.error };
      try {
        return await finishUpload(execution, step, attempt.value);
      } catch (error) {
        return { step, error };
      }
    }),
  );
}

export function toUpload(action: UploadAction, content: UploadContent): Upload {
  const { local, path, replaces } = action;
  const identity = [path, local.sizeBytes, local.modifiedMs, local.stamp].join("\n");
  const resumeKey = createHash("sha256").update(identity).digest("hex").slice(0, 32);
  return { path, content, modifiedMs: local.modifiedMs, replaces, resumeKey };
}

/** What follows from a verified upload: the base row, or, in an outbox, the file's way to the archive. */
async function finishUpload(execution: Execution, step: UploadStep, uploaded: Uploaded | undefined): Promise<Done> {
  const { action, key, was } = step;
  const bytes = uploaded === undefined ? 0 : action.local.sizeBytes;
  if (action.thenArchive) {
    // Once archived, the file is gone from here: a base that still knew it would have a later `two-way` delete it there.
    if (was !== undefined) execution.state.settle([forgetKey(key, false)]);
    await execution.archive?.store(action.local);
    return { action, status: "done", bytes };
  }
  if (uploaded === undefined) throw new Error("only an outbox holds files that need no upload");
  const settlement: Settlement = agreeOnFile(key, {
    local: action.local,
    remote: uploaded.entry,
    hash: uploaded.sentHash,
    placed: "remote",
    was,
  });
  return { action, status: "done", bytes, settlements: [settlement, ...settleFolder(execution, key, uploaded.folder)] };
}

/** A folder that came with its first file is known from then on, so that a rename of it is seen by the very next run. */
function settleFolder({ state }: Execution, fileKey: PathKey, remote: RemoteFolder | undefined): readonly Settlement[] {
  const key = parentKeyOf(fileKey);
  if (remote === undefined || key === undefined) return [];
  const local = state.scan.get(key);
  const known = state.base.get(key);
  if (local?.kind !== "folder") return [];
  if (known?.kind === "folder" && known.inode === local.inode && known.remoteId === remote.id) return [];
  return [agreeOnFolder(key, { local, remote, placed: "remote" })];
}

/** Counts bytes as they are read, for the progress display. */
function watch(content: UploadContent, report: (bytesRead: number) => void): UploadContent {
  let bytesRead = 0;
  const add = (bytes: number): void => {
    bytesRead = Math.min(content.sizeBytes, bytesRead + bytes);
    report(bytesRead);
  };
  return {
    sizeBytes: content.sizeBytes,
    open: (start, end) => {
      const stream = content.open(start, end);
      stream.on("data", (chunk: Buffer) => {
        add(chunk.length);
      });
      stream.pause();
      return stream;
    },
    read: async (start, end, into) => {
      const bytes = await content.read(start, end, into);
      add(bytes.length);
      return bytes;
    },
  };
}

/** A batch names more files than a process may hold open: each is open only while it is read. */
function openWhenRead(folder: Folder, local: LocalFile): UploadContent {
  const read = async (start: number, end: number): Promise<Buffer> => {
    const content = await folder.content(local);
    try {
      const bytes = await content.read(start, end);
      await content.verify();
      return bytes;
    } finally {
      await content.close();
    }
  };
  return {
    sizeBytes: local.sizeBytes,
    read,
    open: (start, end) => Readable.from([read(start, end)], { objectMode: false }),
  };
}
