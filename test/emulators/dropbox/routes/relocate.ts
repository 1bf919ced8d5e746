import { CopyBatchArg, MoveBatchArg, RelocationArg, type RelocationPath } from "../args.js";
import { nest, RouteError, summaryOf, type WireError } from "../failures.js";
import { launch } from "../launch.js";
import { taggedMetadata } from "../metadata.js";
import { pollRoute } from "../poll-route.js";
import { asRelocationError, overlappingEntries, relocate, type RelocationKind } from "../relocation.js";
import { type Call, defineRoute, json, refuseOnDemand, type Route } from "../route.js";

const SCOPE = "files.content.write";

export const relocationRoutes: readonly Route[] = [
  single("copy"),
  single("move"),
  defineRoute({
    name: "files/copy_batch_v2",
    scope: SCOPE,
    commits: true,
    argument: CopyBatchArg,
    run: ({ entries, autorename }, call) => batch(call, "copy", entries, autorename),
  }),
  defineRoute({
    name: "files/move_batch_v2",
    scope: SCOPE,
    commits: true,
    argument: MoveBatchArg,
    run: ({ entries, autorename }, call) => batch(call, "move", entries, autorename),
  }),
  pollRoute({ name: "files/copy_batch/check_v2", scope: SCOPE, family: "copy_batch" }),
  pollRoute({ name: "files/move_batch/check_v2", scope: SCOPE, family: "move_batch" }),
];

function single(kind: RelocationKind): Route {
  return defineRoute({
    name: `files/${kind}_v2`,
    scope: SCOPE,
    commits: true,
    argument: RelocationArg,
    run: (argument, call) => {
      try {
        refuseOnDemand(call);
        const placed = relocate(call.view, kind, argument, argument.autorename);
        return json({ metadata: taggedMetadata(call.view, placed) });
      } catch (error) {
        throw new RouteError(asRelocationError(error));
      }
    },
  });
}

function batch(
  call: Call,
  kind: RelocationKind,
  entries: readonly RelocationPath[],
  autorename: boolean,
): ReturnType<typeof launch> {
  const overlapping = overlappingEntries(call.view, entries);
  const work = (): { readonly entries: readonly WireError[] } => ({
    entries: entries.map((entry, index) => relocateEntry(call, kind, { entry, index, autorename, overlapping })),
  });
  return launch(call, `${kind}_batch`, true, () => Promise.resolve(work()));
}

interface BatchEntry {
  readonly entry: RelocationPath;
  readonly index: number;
  readonly autorename: boolean;
  readonly overlapping: ReadonlySet<number>;
}

function relocateEntry(call: Call, kind: RelocationKind, one: BatchEntry): WireError {
  try {
    if (one.overlapping.has(one.index)) {
      call.misuse("duplicated or nested paths in a batch");
      throw new RouteError({ ".tag": "duplicated_or_nested_paths" });
    }
    refuseOnDemand(call, one.index);
    const placed = relocate(call.view, kind, one.entry, one.autorename);
    return { ".tag": "success", success: taggedMetadata(call.view, placed) };
  } catch (error) {
    const failure = asRelocationError(error);
    const isLock = summaryOf(failure).endsWith("too_many_write_operations");
    return nest("failure", isLock ? { ".tag": "too_many_write_operations" } : nest("relocation_error", failure));
  }
}
