import pLimit from "p-limit";
import type { Problem, RemoteEntry } from "../../lib/model/entry.js";
import { joinPath, type SyncPath } from "../../lib/model/path.js";
import type { ListingPage, RemoteChange } from "../provider.js";
import { folderAbove, NO_ALBUM_FOLDER, type Album, type Content } from "./catalog.js";
import type { Connection } from "./connection.js";
import type { UnfinishedMove } from "./move-notes.js";
import { toRemoteFile } from "./photos.js";

/** Albums listed at once. */
const PARALLEL = 4;

/** Lists all albums with what is in them, and what is in none; several at once. */
export async function* list(connection: Connection, signal: AbortSignal): AsyncGenerator<ListingPage> {
  const { catalog, moveNotes, journal } = connection;
  signal.throwIfAborted();
  const albums = [...(await catalog.refreshAlbums(signal)), NO_ALBUM_FOLDER];
  const limit = pLimit(PARALLEL);
  const stop = new AbortController();
  const own = AbortSignal.any([signal, stop.signal]);
  const contents = albums.map((album) => limit(() => catalog.refresh(album, own)));
  try {
    const unfinished = moveNotes.unfinished();
    if (unfinished.length > 0) {
      await Promise.all(contents);
      yield { scope: "full", changes: showBeforeMoves(connection, albums, unfinished), cursor: undefined };
    }
    for (const [at, album] of albums.entries()) {
      const content = await contents[at];
      // It went while the others were listed.
      if (content !== undefined) yield { scope: "full", changes: changesOf(album, content), cursor: undefined };
    }
    journal.listed();
    catalog.save();
  } finally {
    stop.abort();
    limit.clearQueue();
    await Promise.allSettled(contents.slice(0, limit.activeCount));
  }
}

/** Photos that were left half-way are shown where they were; returns those whose album is gone. */
function showBeforeMoves(
  { catalog, moveNotes }: Connection,
  albums: readonly Album[],
  unfinished: readonly UnfinishedMove[],
): readonly RemoteChange[] {
  const folders = new Set(albums.map(({ folder }) => folder));
  return unfinished.flatMap((move) => {
    const photo = catalog.showBeforeMove(move);
    if (photo === undefined) moveNotes.end(move);
    if (photo === undefined || folders.has(folderAbove(move.from))) return [];
    return [{ kind: "entry", entry: toRemoteFile(photo, move.from) }];
  });
}

function changesOf(album: Album, content: Content): readonly RemoteChange[] {
  const files = [...content.byName].map(([name, photo]) => toRemoteFile(photo, joinPath(album.folder, name)));
  // What is in no album has no folder of its own: whoever renames it here makes an album of what is in it.
  const folder: RemoteEntry[] = album.id === undefined ? [] : [{ kind: "folder", path: album.folder, id: album.id }];
  const entries = [...folder, ...files].map((entry) => ({ kind: "entry", entry }) as const);
  return content.isWhole ? entries : [...entries, { kind: "problem", problem: shortOf(album.folder) }];
}

function shortOf(folder: SyncPath): Problem {
  return {
    side: "remote",
    path: folder,
    code: "unreadable",
    message:
      "Flickr shows fewer photos of this album than it counts, so nothing in it is taken for deleted; run again later",
    covers: { path: folder, subtree: true },
  };
}
