import { createHasher } from "../../../lib/hash/hasher.js";
import type { RemoteEntry, RemoteFile, RemoteFolder } from "../../../lib/model/entry.js";
import type { ContentHash } from "../../../lib/model/hash.js";
import { toSyncPath, type SyncPath } from "../../../lib/model/path.js";
import type {
  Attempt,
  ListingPage,
  Provider,
  RemoteChange,
  Upload,
  UploadContent,
} from "../../../providers/provider.js";
import { sampleJpeg } from "../../emulators/gphotos/samples.js";
import { contentAfter } from "../support/content-after.js";

/** What stands before the content of every file, so that the service takes it for a picture. */
const PICTURE = sampleJpeg("envelope");

/** The album for what has no folder of its own. */
const TOP = "Top";

/** Hashes of contents by those of the pictures that hold them. Shared by all views of one account. */
export type Hashes = Map<ContentHash, ContentHash>;

/**
 * An account of pictures in albums, seen as one of any files in any folders: "d/a.txt" is the picture "Top/d/a.txt.jpg", and its
 * content is what follows the picture in it. So the contract can be asked for with contents and paths that the service does not take.
 */
export function viewAsFolders(inner: Provider, hashes: Hashes): Provider {
  const outer = <T extends RemoteEntry>(entry: T): T => ({ ...entry, ...toOuter(entry, hashes) });
  return {
    ...inner,
    list: (cursor, signal) => listAsFiles(inner.list(cursor, signal), outer),
    stat: async (path, signal) => {
      const file = await inner.stat(toInnerFile(path), signal);
      const found = file ?? (await inner.stat(toInnerFolder(path), signal));
      return found === undefined ? undefined : outer(found);
    },
    hash: async (file, signal) => {
      const found = await inner.hash(toInner(file), signal);
      return found === undefined ? undefined : hashes.get(found);
    },
    download: (file, start, signal) => inner.download(toInner(file), start + PICTURE.length, signal),
    upload: async (upload, signal) => {
      const { entry, sentHash } = await inner.upload(wrapUpload(upload), signal);
      await noteHashes(upload.content, hashes);
      return { entry: outer(entry), sentHash: hashes.get(sentHash) ?? sentHash };
    },
    uploadBatch: async (uploads, signal) => {
      const attempts = await inner.uploadBatch(uploads.map(wrapUpload), signal);
      for (const [at, { content }] of uploads.entries()) if (attempts[at]?.ok) await noteHashes(content, hashes);
      return attempts.map((attempt) =>
        mapAttempt(attempt, ({ entry, sentHash }) => ({
          entry: outer(entry),
          sentHash: hashes.get(sentHash) ?? sentHash,
        })),
      );
    },
    createFolders: async (paths, signal) => {
      const attempts = await inner.createFolders(paths.map(toInnerFolder), signal);
      return attempts.map((attempt) => mapAttempt(attempt, outer));
    },
    move: async (moves, signal) => {
      const attempts = await inner.move(
        moves.map(({ entry, to }) => ({
          entry: toInner(entry),
          to: entry.kind === "file" ? toInnerFile(to) : toInnerFolder(to),
        })),
        signal,
      );
      return attempts.map((attempt) => mapAttempt(attempt, outer));
    },
    delete: (entries, signal) => inner.delete(entries.map(toInner), signal),
    refusal: (path, sizeBytes) => inner.refusal(toInnerFile(path), sizeBytes + PICTURE.length),
  };
}

async function* listAsFiles(
  pages: AsyncIterable<ListingPage>,
  outer: (entry: RemoteEntry) => RemoteEntry,
): AsyncGenerator<ListingPage> {
  for await (const page of pages) {
    const changes = page.changes.flatMap((change): readonly RemoteChange[] => {
      if (change.kind !== "entry") return [change];
      // Folders that are there only while something is in them show in the paths of that.
      return change.entry.kind === "folder" ? [] : [{ kind: "entry", entry: outer(change.entry) }];
    });
    yield { ...page, changes };
  }
}

function mapAttempt<T, U>(attempt: Attempt<T>, convert: (value: T) => U): Attempt<U> {
  return attempt.ok ? { ok: true, value: convert(attempt.value) } : attempt;
}

function toInnerFile(path: SyncPath): SyncPath {
  return toSyncPath(`${TOP}/${path}.jpg`);
}

function toInnerFolder(path: SyncPath): SyncPath {
  return toSyncPath(`${TOP}/${path}`);
}

function toInner<T extends RemoteFile | RemoteFolder>(entry: T): T {
  if (entry.kind === "folder") return { ...entry, path: toInnerFolder(entry.path) };
  const sizeBytes = entry.sizeBytes === undefined ? undefined : entry.sizeBytes + PICTURE.length;
  return { ...entry, path: toInnerFile(entry.path), sizeBytes };
}

function toOuter(entry: RemoteEntry, hashes: Hashes): Partial<RemoteFile> {
  const path = toSyncPath(entry.path.slice(TOP.length + 1).replace(/\.jpg$/, ""));
  if (entry.kind !== "file") return { path };
  const sizeBytes = entry.sizeBytes === undefined ? undefined : entry.sizeBytes - PICTURE.length;
  return { path, sizeBytes, hash: entry.hash === undefined ? undefined : hashes.get(entry.hash) };
}

function wrapUpload(upload: Upload): Upload {
  const { content, replaces } = upload;
  return {
    ...upload,
    path: toInnerFile(upload.path),
    content: contentAfter(PICTURE, content),
    replaces: replaces === undefined ? undefined : toInner(replaces),
  };
}

async function noteHashes(content: UploadContent, hashes: Hashes): Promise<void> {
  const bytes = await content.read(0, content.sizeBytes);
  hashes.set(md5(Buffer.concat([PICTURE, bytes])), md5(bytes));
}

function md5(bytes: Buffer): ContentHash {
  const hasher = createHasher("md5");
  hasher.update(bytes);
  return hasher.digest();
}
