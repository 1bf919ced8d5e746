import { CreateFolderArg, CreateFolderBatchArg } from "../args.js";
import { freePlace } from "../commit.js";
import type { FolderEntry } from "../entries.js";
import { conflict, nest, RouteError, type WireError, WriteFailure } from "../failures.js";
import { launch } from "../launch.js";
import { folderMetadata } from "../metadata.js";
import { pollRoute } from "../poll-route.js";
import { type Call, defineRoute, json, refuseOnDemand, type Route } from "../route.js";
import { placeFor } from "../view.js";

const SCOPE = "files.content.write";
/** Larger batches are answered with a job. */
const SYNCHRONOUS_PATHS = 100;

export const createFolderRoutes: readonly Route[] = [
  defineRoute({
    name: "files/create_folder_v2",
    scope: SCOPE,
    commits: true,
    argument: CreateFolderArg,
    run: ({ path, autorename }, call) => {
      const outcome = createOne(call, path, autorename);
      if ("failure" in outcome) throw new RouteError(outcome.failure);
      return json(outcome);
    },
  }),
  defineRoute({
    name: "files/create_folder_batch",
    scope: SCOPE,
    commits: true,
    argument: CreateFolderBatchArg,
    run: ({ paths, autorename, force_async }, call) =>
      launch(call, "create_folder_batch", force_async || paths.length > SYNCHRONOUS_PATHS, () =>
        Promise.resolve({ entries: createAll(call, paths, autorename) }),
      ),
  }),
  pollRoute({ name: "files/create_folder_batch/check", scope: SCOPE, family: "create_folder_batch" }),
];

type Outcome = { readonly metadata: unknown } | { readonly failure: WireError };

/** A path named twice is created once; both places get the same answer. */
function createAll(call: Call, paths: readonly string[], autorename: boolean): readonly WireError[] {
  const answers = new Map<string, WireError>();
  return paths.map((path, index) => {
    const known = answers.get(path);
    if (known !== undefined) return known;
    const outcome = createOne(call, path, autorename, index);
    const answer: WireError =
      "failure" in outcome ? nest("failure", outcome.failure) : { ".tag": "success", ...outcome };
    answers.set(path, answer);
    return answer;
  });
}

function createOne(call: Call, path: string, autorename: boolean, index?: number): Outcome {
  try {
    refuseOnDemand(call, index);
    return { metadata: folderMetadata(call.view, create(call, path, autorename)) };
  } catch (error) {
    if (error instanceof WriteFailure) return { failure: nest("path", error.error) };
    throw error;
  }
}

function create({ view }: Call, raw: string, autorename: boolean): FolderEntry {
  const { tree } = view.account;
  const path = placeFor(view, raw);
  tree.assertNoFileAbove(path);
  const existing = tree.get(path.key);
  if (existing === undefined) return tree.makeFolder(path);
  if (!autorename) throw conflict(existing.kind);
  return tree.makeFolder(freePlace(view, path, "add"));
}
