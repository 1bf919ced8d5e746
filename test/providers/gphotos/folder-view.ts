import { Readable } from "node:stream";
import { createHasher } from "../../../lib/hash/hasher.js";
import type { RemoteEntry, RemoteFile } from "../../../lib/model/entry.js";
import type { ContentHash } from "../../../lib/model/hash.js";
import { toSyncPath, type SyncPath } from "../../../lib/model/path.js";
import type { Provider, RemoteChange, Upload, Uploaded } from "../../../providers/provider.js";
import type { GooglePhotosEmulator } from "../../emulators/gphotos/emulator.js";
import { sampleJpeg } from "../../emulators/gphotos/samples.js";
import { contentAfter } from "../support/content-after.js";

/** What stands before the content of every file, so that the service takes it for a picture. */
const PICTURE = sampleJpeg("envelope");

/** The album for what has no folder of its own. */
const TOP = "Top";

/**
 * A library of pictures in albums, seen as one of any files in any folders: "d/a.txt" is the picture "d/a.txt.jpg", and its content is
 * what follows the picture in it. The service gives nobody the bytes, and tells no sizes: what is there is read from the emulator.
 */
export function viewAsFolders(inner: Provider, emulator: GooglePhotosEmulator): Provider {
  const read = async ({ id = "" }: RemoteFile): Promise<Buffer> => {
    return (await emulator.remote.read(id)).subarray(PICTURE.length);
  };
  const outer = async (entry: RemoteEntry): Promise<RemoteEntry> => {
    const path = toOuter(entry.path);
    return entry.kind === "file" ? { ...entry, path, sizeBytes: (await read(entry)).length } : { ...entry, path };
  };
  const outerFile = async (entry: RemoteFile): Promise<RemoteFile> => {
    return { ...entry, path: toOuter(entry.path), sizeBytes: (await read(entry)).length };
  };
  const uploaded = async ({ entry, sentHash }: Uploaded): Promise<Uploaded> => {
    const item = emulator.remote.items({ includeTrashed: true }).find(({ id }) => id === entry.id);
    // The hash of the picture is the provider's to tell; that of what stands in it follows only where it is right.
    const isRight = sentHash === `sha256:${item?.sha256 ?? ""}`;
    return { entry: await outerFile(entry), sentHash: isRight ? sha256(await read(entry)) : sentHash };
  };
  return {
    ...inner,
    async *list(cursor, signal) {
      for await (const page of inner.list(cursor, signal)) {
        const changes: RemoteChange[] = [];
        for (const change of page.changes) {
          if (change.kind === "entry" && change.entry.kind === "file") {
            changes.push({ kind: "entry", entry: await outer(change.entry) });
          }
          // Folders that are there only while something is in them show in the paths of that. Nothing is ever deleted here.
          if (change.kind === "problem" || (change.kind === "gone" && change.path !== TOP)) changes.push(change);
        }
        yield { ...page, changes };
      }
    },
    stat: async (path, signal) => {
      const found = await inner.stat(toInner(path), signal);
      return found === undefined ? undefined : await outer(found);
    },
    hash: async (file, signal) => {
      const found = await inner.hash({ ...file, path: toInner(file.path) }, signal);
      const item = emulator.remote.items().find(({ id }) => id === file.id);
      return found === `sha256:${item?.sha256 ?? ""}` ? sha256(await read(file)) : found;
    },
    download: async (file, start, signal) => {
      signal.throwIfAborted();
      return Readable.from([(await read(file)).subarray(start)]);
    },
    upload: async (upload, signal) => await uploaded(await inner.upload(wrap(upload), signal)),
    uploadBatch: async (uploads, signal) =>
      await Promise.all(
        (await inner.uploadBatch(uploads.map(wrap), signal)).map(async (attempt) =>
          attempt.ok ? { ok: true, value: await uploaded(attempt.value) } : attempt,
        ),
      ),
    refusal: (path, sizeBytes) => inner.refusal(toInner(path), sizeBytes + PICTURE.length),
  };
}

function toInner(path: SyncPath): SyncPath {
  return toSyncPath(`${path.includes("/") ? "" : `${TOP}/`}${path}.jpg`);
}

function toOuter(path: SyncPath): SyncPath {
  return toSyncPath(path.replace(new RegExp(`^${TOP}/`), "").replace(/\.jpg(?= \([0-9a-f]{8}\)|$)/, ""));
}

function wrap(upload: Upload): Upload {
  const { content, replaces } = upload;
  return {
    ...upload,
    path: toInner(upload.path),
    content: contentAfter(PICTURE, content),
    replaces: replaces === undefined ? undefined : { ...replaces, path: toInner(replaces.path), sizeBytes: undefined },
  };
}

function sha256(bytes: Buffer): ContentHash {
  const hasher = createHasher("sha256");
  hasher.update(bytes);
  return hasher.digest();
}
