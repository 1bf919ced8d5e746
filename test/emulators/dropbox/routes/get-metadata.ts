import { GetMetadataArg } from "../args.js";
import type { AnyEntry } from "../entries.js";
import { lookup, wrapFailures } from "../failures.js";
import { taggedMetadata } from "../metadata.js";
import { type Call, defineRoute, json, type Route } from "../route.js";
import { assertReadable, isInView, locate } from "../view.js";

export const getMetadataRoutes: readonly Route[] = [
  defineRoute({
    name: "files/get_metadata",
    scope: "files.metadata.read",
    argument: GetMetadataArg,
    run: async ({ path, include_deleted }, call) => {
      const entry = await wrapFailures({ lookup: "path", write: "path" }, () => find(call, path, include_deleted));
      return json(taggedMetadata(call.view, entry));
    },
  }),
];

function find({ view, world }: Call, raw: string, includesDeleted: boolean): AnyEntry {
  const { tree } = view.account;
  if (raw.startsWith("rev:")) {
    const revision = tree.byRev(raw.slice("rev:".length));
    if (revision === undefined || !isInView(view, revision.key)) throw lookup("not_found");
    return revision;
  }
  const path = locate(view, raw);
  if (path === undefined || path.key === view.root.key) throw lookup("not_found");
  assertReadable(view, path);
  const entry = tree.journal.stateAt(path.key, sequenceFor(world, tree.journal.sequence));
  if (entry === undefined || (entry.kind === "deleted" && !includesDeleted)) throw lookup("not_found");
  return entry;
}

/** The past, while a test wants get_metadata to lag behind. */
function sequenceFor(world: Call["world"], current: number): number {
  const stale = world.staleMetadata;
  if (stale === undefined) return current;
  stale.requestsLeft -= 1;
  if (stale.requestsLeft <= 0) world.staleMetadata = undefined;
  return stale.sequence;
}
