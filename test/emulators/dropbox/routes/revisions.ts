import { toTimestamp } from "../../shared/to-timestamp.js";
import { ListRevisionsArg, RestoreArg } from "../args.js";
import { assertSpace } from "../commit.js";
import type { FileEntry } from "../entries.js";
import { conflict, lookup, RouteError, wrapFailures } from "../failures.js";
import { fileMetadata } from "../metadata.js";
import { type Call, defineRoute, json, refuseOnDemand, type Route } from "../route.js";
import { isInView, locate, placeFor } from "../view.js";

export const revisionRoutes: readonly Route[] = [
  defineRoute({
    name: "files/list_revisions",
    scope: "files.metadata.read",
    argument: ListRevisionsArg,
    run: async (argument, call) => {
      const latest = await wrapFailures({ lookup: "path", write: "path" }, () => latestFile(call, argument.path));
      const all = revisionsOf(call, latest, argument.mode);
      const start = indexBefore(all, argument.before_rev ?? undefined, argument.mode);
      const entries = all.slice(start, start + argument.limit);
      const { tree } = call.account;
      const now = argument.mode === "id" ? tree.byId(latest.id) : tree.get(latest.key);
      const known = tree.lastKnown(latest.key);
      return json({
        is_deleted: now?.kind !== "file",
        ...(now === undefined && known?.kind === "deleted" ? { server_deleted: toTimestamp(known.deletedMs) } : {}),
        entries: entries.map((entry) => fileMetadata(call.view, entry)),
        has_more: start + argument.limit < all.length,
      });
    },
  }),
  defineRoute({
    name: "files/restore",
    scope: "files.content.write",
    commits: true,
    argument: RestoreArg,
    run: async ({ path, rev }, call) => {
      const restored = await wrapFailures({ lookup: "path_lookup", write: "path_write" }, () =>
        restore(call, path, rev),
      );
      return json(fileMetadata(call.view, restored));
    },
  }),
];

/** The newest revision that a path or id stands for, also when the file is gone. */
function latestFile({ view }: Call, raw: string): FileEntry {
  const { tree } = view.account;
  const revisions = [...tree.revisions()].reverse();
  if (raw.startsWith("id:")) {
    const byId = revisions.find(({ id }) => id === raw);
    if (byId === undefined || !isInView(view, byId.key)) throw lookup("not_found");
    return byId;
  }
  const key = locate(view, raw)?.key;
  if (key !== undefined && tree.get(key)?.kind === "folder") throw lookup("not_file");
  const byPath = revisions.find((revision) => revision.key === key);
  if (byPath === undefined) throw lookup("not_found");
  return byPath;
}

/** Newest first. */
function revisionsOf({ account }: Call, latest: FileEntry, mode: "path" | "id"): readonly FileEntry[] {
  const belongs = (revision: FileEntry): boolean =>
    mode === "id" ? revision.id === latest.id : revision.key === latest.key;
  return [...account.tree.revisions()].filter(belongs).reverse();
}

function indexBefore(revisions: readonly FileEntry[], rev: string | undefined, mode: "path" | "id"): number {
  if (rev === undefined) return 0;
  if (mode === "id") throw new RouteError({ ".tag": "before_rev_not_supported" });
  const index = revisions.findIndex((revision) => revision.rev === rev);
  if (index < 0) throw new RouteError({ ".tag": "invalid_before_rev" });
  return index + 1;
}

function restore(call: Call, raw: string, rev: string): FileEntry {
  const { view } = call;
  const { tree } = view.account;
  refuseOnDemand(call);
  const revision = tree.byRev(rev);
  if (revision === undefined || !isInView(view, revision.key)) throw new RouteError({ ".tag": "invalid_revision" });
  const path = placeFor(view, raw);
  tree.assertNoFileAbove(path);
  if (tree.get(path.key)?.kind === "folder") throw conflict("folder");
  assertSpace(view, revision.content.sizeBytes);
  return tree.putFile(path, { content: revision.content, clientModifiedMs: revision.clientModifiedMs });
}
