import { ProviderError } from "../../lib/model/errors.js";
import type { ListingPage, RemoteChange } from "../provider.js";
import { badName } from "../bad-name.js";
import { wordsFor } from "../refusals.js";
import type { DropboxApi } from "./api.js";
import { toEntry } from "./entries.js";
import { RouteError, StatusError, isNotFound } from "./errors.js";
import { createListingPaths, type ListingPaths } from "./listing-paths.js";
import { listPage } from "./list-page.js";
import { foldPath } from "./paths.js";
import type { Root } from "./root.js";
import type { ListFolderResult, Metadata } from "./schemas.js";

/** Empty pages occur, an endless row of them would be a fault. */
const MAX_EMPTY_PAGES = 200;

/**
 * Lists everything below the root, or what changed since the cursor.
 *
 * A cursor that the service does not take any more, a root that is gone and a root that was made anew all lead to a
 * full listing. That can be decided on the first page only; where it shows later, the listing fails, and the next run,
 * which goes on from the pages that were taken, decides it on its first page.
 */
export async function* list(
  api: DropboxApi,
  root: Root,
  cursor: string | undefined,
  signal: AbortSignal,
): AsyncGenerator<ListingPage> {
  const lower = await root.lower(signal);
  const first = cursor === undefined || lower === undefined ? undefined : await tryContinue(api, root, cursor, signal);
  if (first !== undefined && lower !== undefined && !changesRoot(first, root, lower)) {
    yield* listPages({ api, root, scope: "changes", lower, paths: createListingPaths(lower) }, first, signal);
    return;
  }
  const start = await tryListFolder(api, root, signal);
  if (start === undefined) {
    root.saw(undefined);
    yield { scope: "full", changes: [], cursor: undefined };
    return;
  }
  const rootLower = (await root.lower(signal)) ?? foldPath(root.path);
  const paths = createListingPaths(rootLower);
  yield* listPages({ api, root, scope: "full", lower: rootLower, paths }, start, signal);
}

interface Listing {
  readonly api: DropboxApi;
  readonly root: Root;
  readonly scope: ListingPage["scope"];
  /** The root's `path_lower`. */
  readonly lower: string;
  readonly paths: ListingPaths;
}

async function* listPages(listing: Listing, first: ListFolderResult, signal: AbortSignal): AsyncGenerator<ListingPage> {
  let emptyPages = 0;
  for (let page = first; ; page = await nextPage(listing, page.cursor, signal)) {
    noteRoot(listing, page);
    yield { scope: listing.scope, changes: toChanges(listing, page.entries), cursor: page.cursor };
    if (!page.has_more) return;
    emptyPages = page.entries.length === 0 ? emptyPages + 1 : 0;
    if (emptyPages > MAX_EMPTY_PAGES) throw brokenOff(listing.root, "Dropbox sends empty pages without end");
  }
}

async function nextPage({ api, root }: Listing, cursor: string, signal: AbortSignal): Promise<ListFolderResult> {
  try {
    return await listPage(api, { about: aboutListing(root), cursor }, signal);
  } catch (error) {
    if (isStaleCursor(error)) throw brokenOff(root, "Dropbox asks to begin anew");
    throw error;
  }
}

function toChanges(listing: Listing, entries: readonly Metadata[]): readonly RemoteChange[] {
  for (const entry of entries) if (entry[".tag"] === "folder") listing.paths.addFolder(entry);
  return entries.flatMap((entry) => toChange(listing, entry));
}

function toChange({ scope, paths }: Listing, entry: Metadata): readonly RemoteChange[] {
  const path = paths.place({ ...entry, name: entry.name ?? "" });
  if (path === "root") return [];
  if (path === undefined) {
    const shown = entry.path_display ?? entry.path_lower ?? entry.name ?? "";
    return entry[".tag"] === "deleted" ? [] : [{ kind: "problem", problem: badName("Dropbox", shown) }];
  }
  const found = toEntry(entry, path);
  if (found === undefined) return [{ kind: "gone", path }];
  if ("side" in found) return [{ kind: "problem", problem: found }];
  const change: RemoteChange = { kind: "entry", entry: found };
  // A file takes the place of a folder together with all that was in it, without a word about the children.
  return scope === "changes" && entry[".tag"] === "file" ? [{ kind: "gone", path }, change] : [change];
}

/** The root lists itself: in a full listing that is the newest word on its id. */
function noteRoot({ root, scope, lower }: Listing, page: ListFolderResult): void {
  if (scope === "changes" && changesRoot(page, root, lower)) {
    throw brokenOff(root, "the folder was deleted or made anew in the meantime");
  }
  for (const entry of page.entries) {
    if (entry[".tag"] === "folder" && entry.path_lower === lower) root.saw({ id: entry.id, lower });
  }
}

/** Whether the root, or a folder above it, is gone or another one. */
function changesRoot(page: ListFolderResult, root: Root, lower: string): boolean {
  return page.entries.some((entry) => {
    const isRoot = root.path !== "" && entry.path_lower === lower;
    const isAbove = entry.path_lower !== undefined && lower.startsWith(`${entry.path_lower}/`);
    if (entry[".tag"] === "folder") return isRoot && root.isAnother(entry.id);
    return isRoot || isAbove;
  });
}

/** Undefined when the cursor does not hold any more, or the root is gone. */
async function tryContinue(
  api: DropboxApi,
  root: Root,
  cursor: string,
  signal: AbortSignal,
): Promise<ListFolderResult | undefined> {
  try {
    return await listPage(api, { about: aboutListing(root), cursor }, signal);
  } catch (error) {
    if (isStaleCursor(error)) return undefined;
    throw error;
  }
}

/** A cursor of another account or of long ago is answered with "reset", or with 400 when it cannot even be read. */
function isStaleCursor(error: unknown): boolean {
  if (error instanceof RouteError) return error.is("reset") || error.is("path");
  return error instanceof StatusError && error.status === 400;
}

/** Undefined when the root does not exist. */
async function tryListFolder(api: DropboxApi, root: Root, signal: AbortSignal): Promise<ListFolderResult | undefined> {
  try {
    return await listPage(api, { about: aboutListing(root), path: root.path, isRecursive: true }, signal);
  } catch (error) {
    if (isNotFound(error)) return undefined;
    if (error instanceof RouteError && error.has("not_folder")) {
      throw new ProviderError(
        "rejected",
        `dropbox:${root.path} is a file, not a folder; choose another folder, or move it away`,
      );
    }
    throw error;
  }
}

function aboutListing(root: Root) {
  return { operation: "list", subject: `dropbox:${root.path || "/"}` } as const;
}

function brokenOff(root: Root, why: string): ProviderError {
  return new ProviderError("unavailable", `${wordsFor(aboutListing(root))}: ${why}; run again`);
}
