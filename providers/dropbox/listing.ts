import { ProviderError } from "../../lib/model/errors.js";
import type { ListingPage, RemoteChange } from "../provider.js";
import type { DropboxApi } from "./api.js";
import { toEntry } from "./entries.js";
import { RouteError, StatusError, isNotFound, wordsFor } from "./errors.js";
import { createListingPaths, type ListingPaths } from "./listing-paths.js";
import { foldPath } from "./paths.js";
import type { Root } from "./root.js";
import { listFolderResult, type ListFolderResult, type Metadata } from "./schemas.js";

/** The most that the service gives at once; pages may be much smaller, and even empty. */
const PAGE_ENTRIES = 2000;

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
    yield* listPages({ api, root, scope: "changes", paths: createListingPaths(lower) }, first, signal);
    return;
  }
  const start = await tryListFolder(api, root, signal);
  if (start === undefined) {
    root.saw(undefined);
    yield { scope: "full", changes: [], cursor: undefined };
    return;
  }
  const paths = createListingPaths((await root.lower(signal)) ?? foldPath(root.path));
  yield* listPages({ api, root, scope: "full", paths }, start, signal);
}

interface Listing {
  readonly api: DropboxApi;
  readonly root: Root;
  readonly scope: ListingPage["scope"];
  readonly paths: ListingPaths;
}

async function* listPages(listing: Listing, first: ListFolderResult, signal: AbortSignal): AsyncGenerator<ListingPage> {
  let emptyPages = 0;
  for (let page = first; ; page = await nextPage(listing, page.cursor, signal)) {
    yield { scope: listing.scope, changes: toChanges(listing, page.entries), cursor: page.cursor };
    if (!page.has_more) return;
    emptyPages = page.entries.length === 0 ? emptyPages + 1 : 0;
    if (emptyPages > MAX_EMPTY_PAGES) throw brokenOff(listing.root, "Dropbox sends empty pages without end");
  }
}

async function nextPage({ api, root }: Listing, cursor: string, signal: AbortSignal): Promise<ListFolderResult> {
  try {
    return await continueFrom(api, root, cursor, signal);
  } catch (error) {
    if (isStaleCursor(error)) throw brokenOff(root, "Dropbox asks to begin anew");
    throw error;
  }
}

function toChanges(listing: Listing, entries: readonly Metadata[]): readonly RemoteChange[] {
  for (const entry of entries) if (entry[".tag"] === "folder") listing.paths.addFolder(entry);
  return entries.flatMap((entry) => toChange(listing, entry));
}

function toChange({ root, scope, paths }: Listing, entry: Metadata): readonly RemoteChange[] {
  const path = paths.place({ ...entry, name: entry.name ?? "" });
  if (path === "root") {
    noteRoot(root, scope, entry);
    return [];
  }
  if (path === undefined) return entry[".tag"] === "deleted" ? [] : [badName(entry)];
  const found = toEntry(entry, path);
  if (found === undefined) return [{ kind: "gone", path }];
  if ("side" in found) return [{ kind: "problem", problem: found }];
  const change: RemoteChange = { kind: "entry", entry: found };
  // A file takes the place of a folder together with all that was in it, without a word about the children.
  return scope === "changes" && entry[".tag"] === "file" ? [{ kind: "gone", path }, change] : [change];
}

/** The root lists itself. In a full listing that is the newest word on its id. */
function noteRoot(root: Root, scope: ListingPage["scope"], entry: Metadata): void {
  if (scope === "changes" && (entry[".tag"] !== "folder" || root.isAnother(entry.id))) {
    throw brokenOff(root, "the folder was deleted or made anew in the meantime");
  }
  if (entry[".tag"] === "folder" && entry.path_lower !== undefined) {
    root.saw({ id: entry.id, lower: entry.path_lower });
  }
}

function changesRoot(page: ListFolderResult, root: Root, lower: string): boolean {
  return page.entries.some(
    (entry) =>
      root.path !== "" && entry.path_lower === lower && (entry[".tag"] !== "folder" || root.isAnother(entry.id)),
  );
}

function badName(entry: Metadata): RemoteChange {
  const path = entry.path_display ?? entry.path_lower ?? entry.name ?? "";
  return {
    kind: "problem",
    problem: {
      side: "remote",
      path,
      code: "bad-name",
      message: "Dropbox shows an entry of a name that no file here can have. Rename it on Dropbox.",
      covers: undefined,
    },
  };
}

/** Undefined when the cursor does not hold any more, or the root is gone. */
async function tryContinue(
  api: DropboxApi,
  root: Root,
  cursor: string,
  signal: AbortSignal,
): Promise<ListFolderResult | undefined> {
  try {
    return await continueFrom(api, root, cursor, signal);
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

async function continueFrom(
  api: DropboxApi,
  root: Root,
  cursor: string,
  signal: AbortSignal,
): Promise<ListFolderResult> {
  const about = aboutListing(root);
  const call = { ...about, route: "files/list_folder/continue", arg: { cursor }, answer: listFolderResult };
  return await api.rpc({ ...call, repeatable: true }, signal);
}

/** Undefined when the root does not exist. */
async function tryListFolder(api: DropboxApi, root: Root, signal: AbortSignal): Promise<ListFolderResult | undefined> {
  const about = aboutListing(root);
  // Online documents are asked for, so that they are reported instead of being taken for deleted.
  const arg = { path: root.path, recursive: true, limit: PAGE_ENTRIES, include_non_downloadable_files: true };
  try {
    const call = { ...about, route: "files/list_folder", arg, answer: listFolderResult, repeatable: true };
    return await api.rpc(call, signal);
  } catch (error) {
    if (isNotFound(error)) return undefined;
    if (error instanceof RouteError && error.has("not_folder")) {
      throw new ProviderError("rejected", `dropbox:${root.path} is a file, not a folder`);
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
