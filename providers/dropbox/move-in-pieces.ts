import type { RemoteFolder } from "../../lib/model/entry.js";
import type { ProviderError } from "../../lib/model/errors.js";
import { joinPath, parseSyncPath, type SyncPath } from "../../lib/model/path.js";
import type { Attempt } from "../provider.js";
import { chunksOf, failed } from "../attempts.js";
import type { Connection } from "./connection.js";
import { deleteEntries } from "./deletes.js";
import { RouteError } from "./errors.js";
import { createNewFolder } from "./folders.js";
import { listPage } from "./list-page.js";
import { remotePath } from "./paths.js";
import { relocate } from "./relocate.js";
import type { Metadata } from "./schemas.js";

interface FolderMove {
  readonly entry: RemoteFolder;
  readonly to: SyncPath;
}

/** The most that the service takes in one call. */
const MOVES_PER_CALL = 1000;

/**
 * Moves a folder that holds more than the service moves at once (10,000 entries): a new folder, then what is in the old
 * one, in pieces that are small enough, then the old folder once it is empty. The folder gets another id by that, files
 * keep theirs. What stops it in the middle leaves every file at one of the two places.
 */
export async function moveInPieces(
  connection: Connection,
  { entry, to }: FolderMove,
  signal: AbortSignal,
): Promise<Attempt<RemoteFolder>> {
  const created = await createNewFolder(connection, to, signal);
  if (!created.ok) return created;
  const children = await listChildren(connection, entry, signal);
  for (const chunk of chunksOf(children, MOVES_PER_CALL)) {
    const failure = await moveChildren(connection, { entry, to }, chunk, signal);
    if (failure !== undefined) return failed(failure);
  }
  const [deleted] = await deleteEntries(connection, [entry], signal);
  return deleted === undefined || deleted.ok ? created : deleted;
}

type Child = Exclude<Metadata, { ".tag": "deleted" | "unknown" }>;

async function listChildren(
  { api, root }: Connection,
  { path }: RemoteFolder,
  signal: AbortSignal,
): Promise<readonly Child[]> {
  const children: Child[] = [];
  const about = { operation: "look into", subject: path };
  let page = await listPage(api, { about, path: remotePath(root.path, path), isRecursive: false }, signal);
  for (;;) {
    for (const one of page.entries) {
      const isInside = one.path_lower?.split("/").length === remotePath(root.path, path).split("/").length + 1;
      if (isInside && (one[".tag"] === "file" || one[".tag"] === "folder")) children.push(one);
    }
    if (!page.has_more) return children;
    page = await listPage(api, { about, cursor: page.cursor }, signal);
  }
}

/** Undefined when all went well. */
async function moveChildren(
  connection: Connection,
  { entry, to }: FolderMove,
  children: readonly Child[],
  signal: AbortSignal,
): Promise<ProviderError | undefined> {
  const relocations = children.map(({ id, name }) => ({
    from: id,
    to: remotePath(connection.root.path, joinPath(to, name)),
    subject: `${entry.path}/${name}`,
  }));
  const outcomes = await relocate(connection, relocations, signal);
  for (const [at, child] of children.entries()) {
    const outcome = outcomes[at];
    if (outcome === undefined || outcome.ok) continue;
    const path = parseSyncPath(`${entry.path}/${child.name}`);
    if (!isTooLarge(outcome.error) || child[".tag"] !== "folder" || path === undefined) return outcome.error;
    const folder: RemoteFolder = { kind: "folder", path, id: child.id };
    const piecemeal = await moveInPieces(connection, { entry: folder, to: joinPath(to, child.name) }, signal);
    if (!piecemeal.ok) return piecemeal.error;
  }
  return undefined;
}

function isTooLarge(error: ProviderError): boolean {
  return error instanceof RouteError && error.has("too_many_files");
}
