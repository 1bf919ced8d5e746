import { ListFolderArg, ListFolderContinueArg } from "../args.js";
import { lookup, wrapFailures } from "../failures.js";
import type { ListingOptions, Page } from "../listings.js";
import { taggedMetadata } from "../metadata.js";
import { type Call, defineRoute, json, type Reply, type Route } from "../route.js";
import { assertReadable, locate, type View } from "../view.js";

const SCOPE = "files.metadata.read";

export const listFolderRoutes: readonly Route[] = [
  defineRoute({
    name: "files/list_folder",
    scope: SCOPE,
    argument: ListFolderArg,
    run: async (argument, call) => {
      const options = await listingOptions(argument, call);
      return answer(call.view, call.world.listings.start(call.view, options, call.fault));
    },
  }),
  defineRoute({
    name: "files/list_folder/continue",
    scope: SCOPE,
    argument: ListFolderContinueArg,
    run: ({ cursor }, call) => {
      const view = call.world.listings.viewOf(cursor) ?? call.view;
      return answer(view, call.world.listings.resume(call.view, cursor, call.fault));
    },
  }),
  defineRoute({
    name: "files/list_folder/get_latest_cursor",
    scope: SCOPE,
    argument: ListFolderArg,
    run: async (argument, call) => {
      const options = await listingOptions(argument, call);
      return json({ cursor: call.world.listings.latestCursor(call.view, options) });
    },
  }),
];

async function listingOptions(argument: ListFolderArg, { view, world }: Call): Promise<ListingOptions> {
  const folderKey = await wrapFailures({ lookup: "path", write: "path" }, () => folderKeyOf(view, argument.path));
  return {
    folderKey,
    includesItself: folderKey !== view.root.key,
    isRecursive: argument.recursive,
    includesDeleted: argument.include_deleted,
    includesNonDownloadable: argument.include_non_downloadable_files,
    includesMounted: argument.include_mounted_folders,
    limit: argument.limit ?? world.settings.pageSize,
  };
}

function folderKeyOf(view: View, raw: string): string {
  const path = locate(view, raw);
  if (path === undefined) throw lookup("not_found");
  assertReadable(view, path);
  if (path.key === "") return "";
  const entry = view.account.tree.get(path.key);
  if (entry === undefined) throw lookup("not_found");
  if (entry.kind === "file") throw lookup("not_folder");
  return path.key;
}

function answer(view: View, page: Page): Reply {
  return json({ ...page, entries: page.entries.map((entry) => taggedMetadata(view, entry)) });
}
