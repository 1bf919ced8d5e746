import { join, resolve, sep } from "node:path";
import { Readable } from "node:stream";
import fastGlob from "fast-glob";
import type { Problem } from "../model/entry.js";
import type { FolderEntry } from "./file-system.js";
import type { FolderContext } from "./folder-context.js";
import { createInbox } from "./inbox.js";
import type { Inbox } from "./inbox.js";
import { listFolder } from "./list-folder.js";
import { rootProblem } from "./scan-problems.js";
import type { PathFilter } from "./types.js";

export type Found =
  /** Relative to the root, spelled as on the disk. */
  { readonly kind: "name"; readonly name: string } | { readonly kind: "problem"; readonly problem: Problem };

/**
 * A folder is read only while fewer names than this wait to be taken: fast-glob itself would read on regardless. One folder is
 * usually enough to keep the disk busy, and names that wait long are what makes memory grow.
 */
const MOST_WAITING = 250;

/**
 * Walks with fast-glob, which asks `readdir` here for every folder, so that filters, unreadable folders and hostile names
 * are settled before it descends. Names are handed out from there too: what fast-glob matches lacks those with a line
 * break, and its `stats` option would lose a whole folder over one entry that vanishes.
 */
export async function* walk(
  context: Pick<FolderContext, "root" | "files">,
  filter: PathFilter,
  signal: AbortSignal,
): AsyncGenerator<readonly Found[]> {
  const inbox = createInbox<Found>(MOST_WAITING);
  const count = { foldersFound: 1, foldersRead: 0 };
  const stream = fastGlob.stream("**", {
    cwd: context.root,
    dot: true,
    onlyFiles: false,
    objectMode: true,
    unique: false,
    followSymbolicLinks: false,
    suppressErrors: true,
    fs: { readdir: createReaddir(context, { filter, inbox, signal, count }) },
  });
  stream.once("error", (error: Error) => inbox.fail(error));
  stream.once("end", () => {
    // A folder that was left out without a word would read as deletions.
    if (count.foldersRead < count.foldersFound) inbox.put(problemOf(rootProblem(context.root, "the walk ended early")));
    inbox.end();
  });
  stream.resume();
  try {
    yield* inbox.batches();
  } finally {
    inbox.end();
    if (stream instanceof Readable) stream.destroy();
  }
}

function problemOf(problem: Problem): Found {
  return { kind: "problem", problem };
}

interface Walk {
  readonly filter: PathFilter;
  readonly inbox: Inbox<Found>;
  readonly signal: AbortSignal;
  readonly count: { foldersFound: number; foldersRead: number };
}

type Done<T> = (error: NodeJS.ErrnoException | null, entries: T[]) => void;

/** fast-glob always asks for types; the form without them is only there because its type has it. */
function createReaddir(context: Pick<FolderContext, "root" | "files">, walk: Walk) {
  const top = resolve(context.root);
  const below = top.endsWith(sep) ? top.length : top.length + 1;
  return function readdir(
    folder: string,
    form: { withFileTypes: true } | Done<string>,
    done?: Done<FolderEntry>,
  ): void {
    if (done === undefined || typeof form === "function") throw new Error("fast-glob asked for names without types");
    void takeFolder(context, walk, folder.slice(below)).then((folders) => done(null, folders));
  };
}

/** Hands out what is in one folder. Resolves to the folders among it, which is where the walk goes on. */
async function takeFolder(
  context: Pick<FolderContext, "root" | "files">,
  walk: Walk,
  name: string,
): Promise<FolderEntry[]> {
  const { filter, inbox, signal, count } = walk;
  await inbox.room();
  // After an abort or an early end nobody listens: the walk runs out of folders.
  if (signal.aborted || inbox.isEnded()) return [];
  try {
    const { root, files } = context;
    const { entries, problems } = await listFolder(files, { root, absolute: join(root, name), name, filter });
    const folders = entries.filter((entry) => entry.isDirectory());
    count.foldersRead++;
    count.foldersFound += folders.length;
    for (const problem of problems) inbox.put(problemOf(problem));
    for (const entry of entries) inbox.put({ kind: "name", name: name === "" ? entry.name : `${name}/${entry.name}` });
    return folders;
  } catch (error) {
    inbox.fail(error instanceof Error ? error : new Error(String(error)));
    return [];
  }
}
