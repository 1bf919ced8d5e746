import { DeleteArg, DeleteBatchArg } from "../args.js";
import type { LiveEntry } from "../entries.js";
import { conflict, LookupFailure, nest, RouteError, type WireError, write, WriteFailure } from "../failures.js";
import { launch } from "../launch.js";
import { taggedMetadata } from "../metadata.js";
import { isInside, toStorePath } from "../paths.js";
import { pollRoute } from "../poll-route.js";
import { type Call, defineRoute, json, refuseOnDemand, type Route } from "../route.js";
import { countTree } from "../tree.js";
import { assertWritable, findLive, type View } from "../view.js";

const SCOPE = "files.content.write";

export const deleteRoutes: readonly Route[] = [
  defineRoute({
    name: "files/delete_v2",
    scope: SCOPE,
    commits: true,
    argument: DeleteArg,
    run: (argument, call) => {
      const outcome = deleteOne(call, argument);
      if ("failure" in outcome) throw new RouteError(outcome.failure);
      return json({ metadata: outcome.metadata });
    },
  }),
  defineRoute({
    name: "files/delete_batch",
    scope: SCOPE,
    commits: true,
    argument: DeleteBatchArg,
    run: ({ entries }, call) =>
      launch(call, "delete_batch", true, () => Promise.resolve({ entries: deleteAll(call, entries) })),
  }),
  pollRoute({ name: "files/delete_batch/check", scope: SCOPE, family: "delete_batch" }),
];

type Outcome = { readonly metadata: unknown } | { readonly failure: WireError };

function deleteAll(call: Call, entries: readonly DeleteArg[]): readonly WireError[] {
  return entries.map((entry, index) => {
    const outcome = deleteOne(call, entry, index);
    return "failure" in outcome ? nest("failure", outcome.failure) : { ".tag": "success", ...outcome };
  });
}

/** The metadata is that of the entry before it went: a file or a folder, never a deletion. */
function deleteOne(call: Call, { path, parent_rev }: DeleteArg, index?: number): Outcome {
  const { view } = call;
  try {
    const entry = findLive(view, path);
    refuseOnDemand(call, index);
    assertDeletable(view, entry, parent_rev ?? undefined);
    const metadata = taggedMetadata(view, entry);
    view.account.tree.remove(entry);
    return { metadata };
  } catch (error) {
    return { failure: asDeleteError(error) };
  }
}

function assertDeletable(view: View, entry: LiveEntry, parentRev: string | undefined): void {
  const { tree } = view.account;
  assertWritable(view, toStorePath(tree.trueParts(entry.key)));
  if (isInside(view.root.key, entry.key)) throw write("team_folder");
  if (parentRev !== undefined && entry.kind === "folder") throw conflict("folder");
  if (parentRev !== undefined && entry.kind === "file" && entry.rev !== parentRev) throw conflict("file");
  if (countTree(tree, entry) > view.settings.folderOperationEntries) {
    throw new RouteError({ ".tag": "too_many_files" });
  }
}

function asDeleteError(error: unknown): WireError {
  if (error instanceof RouteError) return error.error;
  if (error instanceof LookupFailure) return nest("path_lookup", error.error);
  if (!(error instanceof WriteFailure)) throw error;
  return error.error[".tag"] === "too_many_write_operations" ? error.error : nest("path_write", error.error);
}
