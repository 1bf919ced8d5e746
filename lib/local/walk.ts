import type { Dirent } from "node:fs";
import { join, resolve } from "node:path";
import fastGlob from "fast-glob";
import type { Problem } from "../model/entry.js";
import type { FolderContext } from "./folder-context.js";
import { createInbox } from "./inbox.js";
import type { Inbox } from "./inbox.js";
import { listFolder } from "./list-folder.js";
import type { PathFilter } from "./types.js";

export type Found =
  /** Relative to the root, spelled as on the disk. */
  { readonly kind: "name"; readonly name: string } | { readonly kind: "problem"; readonly problem: Problem };

/** A folder is read only while fewer names than this wait to be taken: fast-glob itself would read on regardless. */
const MOST_WAITING = 2000;

/**
 * Walks with fast-glob, which asks `readdir` here for every folder, so that filters, unreadable folders and hostile names
 * are settled before it descends. Its own `stats` option is not used: one entry that vanishes would cost its whole folder.
 */
export async function* walk(
  context: Pick<FolderContext, "root" | "files">,
  filter: PathFilter,
  signal: AbortSignal,
): AsyncGenerator<readonly Found[]> {
  const inbox = createInbox<Found>(MOST_WAITING);
  const stream = fastGlob.stream("**", {
    cwd: context.root,
    dot: true,
    onlyFiles: false,
    objectMode: true,
    unique: false,
    followSymbolicLinks: false,
    suppressErrors: true,
    fs: { readdir: createReaddir(context, { filter, inbox, signal }) },
  });
  stream.on("data", (entry: fastGlob.Entry) => inbox.put({ kind: "name", name: entry.path }));
  stream.once("error", (error: Error) => inbox.fail(error));
  stream.once("end", () => inbox.end());
  try {
    yield* inbox.batches();
  } finally {
    inbox.end();
    if ("destroy" in stream && typeof stream.destroy === "function") stream.destroy();
  }
}

interface Walk {
  readonly filter: PathFilter;
  readonly inbox: Inbox<Found>;
  readonly signal: AbortSignal;
}

type Done<T> = (error: NodeJS.ErrnoException | null, entries: T[]) => void;

/** fast-glob always asks for types; the form without them is only there because its type has it. */
function createReaddir(context: Pick<FolderContext, "root" | "files">, { filter, inbox, signal }: Walk) {
  const top = resolve(context.root);
  return function readdir(folder: string, form: { withFileTypes: true } | Done<string>, done?: Done<Dirent>): void {
    if (done === undefined || typeof form === "function") throw new Error("fast-glob asked for names without types");
    const name = folder.length <= top.length ? "" : folder.slice(top.length).replace(/^[\\/]/, "");
    void inbox.room().then(async () => {
      // After an abort or an early end nobody listens: the walk runs out of folders.
      if (signal.aborted || inbox.isEnded()) return done(null, []);
      try {
        const { entries, problems } = await listFolder(context.files, {
          root: context.root,
          absolute: name === "" ? context.root : join(context.root, name),
          name,
          filter,
        });
        for (const problem of problems) inbox.put({ kind: "problem", problem });
        done(null, [...entries]);
      } catch (error) {
        inbox.fail(error instanceof Error ? error : new Error(String(error)));
        done(null, []);
      }
    });
  };
}
