import fs from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { nodeFileSystem } from "../../../lib/local/file-system.js";
import type { FileSystem } from "../../../lib/local/file-system.js";
import { openFolder } from "../../../lib/local/open-folder.js";
import type { Folder, PathFilter, ScanItem } from "../../../lib/local/types.js";
import type { LocalEntry, LocalFile, LocalFolder, Problem } from "../../../lib/model/entry.js";
import { LocalError } from "../../../lib/model/errors.js";
import { toSyncPath } from "../../../lib/model/path.js";
import { SimulatedDisk } from "../../support/simulated-disk.js";
import type { SimulatedDiskOptions } from "../../support/simulated-disk.js";

export const RUN = "20260301T093000Z-1a2b";
export const LATER_RUN = "20260302T093000Z-3c4d";
export const EVERYTHING: PathFilter = { includes: () => true };

/** Long before now, so that planted files are not racy. */
export const PLANTED_MS = Date.UTC(2026, 0, 1, 12, 0, 0, 123);
export const NEVER = new AbortController().signal;

/** A root to try things on: a real temporary directory or a simulated disk. */
export interface World {
  readonly root: string;
  readonly files: FileSystem;
  open(runId?: string): Folder;
  plant(tree: Readonly<Record<string, string | null>>): void;
  remove(path: string): void;
  symlink(target: string, path: string): void;
  /** Everything below the root, without `.trisync/tmp` and with folders only when empty. */
  dump(): Record<string, string | null>;
  close(): void;
}

export function createRealWorld(): World {
  const root = fs.mkdtempSync(join(tmpdir(), "trisync-local-"));
  const absolute = (path: string): string => join(root, path);
  return {
    root,
    files: nodeFileSystem,
    open: (runId = RUN) => openFolder({ root, files: nodeFileSystem, runId, now: Date.now }),
    plant: (tree) => {
      for (const [path, content] of Object.entries(tree)) {
        fs.mkdirSync(content === null ? absolute(path) : dirname(absolute(path)), { recursive: true });
        if (content === null) continue;
        fs.writeFileSync(absolute(path), content);
        fs.utimesSync(absolute(path), PLANTED_MS / 1000, PLANTED_MS / 1000);
      }
    },
    remove: (path) => fs.rmSync(absolute(path), { recursive: true }),
    symlink: (target, path) => fs.symlinkSync(target, absolute(path)),
    dump: () => withoutTemporary(dumpReal(root, "")),
    close: () => fs.rmSync(root, { recursive: true, force: true }),
  };
}

export interface SimulatedWorld extends World {
  readonly disk: SimulatedDisk;
  readonly clock: { nowMs: number };
}

export function createSimulatedWorld(options: Omit<SimulatedDiskOptions, "now"> = {}): SimulatedWorld {
  const root = "/home/user/root";
  const clock = { nowMs: PLANTED_MS + 86_400_000 };
  const disk = new SimulatedDisk({ now: () => clock.nowMs, ...options });
  disk.plant(root, {});
  return {
    root,
    disk,
    clock,
    get files() {
      return disk.mount();
    },
    open: (runId = RUN) => openFolder({ root, files: disk.mount(), runId, now: () => (clock.nowMs += 1) }),
    plant: (tree) => {
      clock.nowMs += 100_000;
      disk.plant(root, tree, PLANTED_MS);
      clock.nowMs += 100_000;
    },
    remove: (path) => disk.remove(`${root}/${path}`),
    symlink: (target, path) => disk.plantSpecial(`${root}/${path}`, "link", target),
    dump: () => withoutTemporary(disk.dump(root)),
    close: () => undefined,
  };
}

export const WORLDS: readonly { readonly name: string; readonly create: () => World }[] = [
  { name: "a real directory", create: createRealWorld },
  { name: "a simulated disk", create: createSimulatedWorld },
  { name: "a simulated disk without hard links", create: () => createSimulatedWorld({ hasLinks: false }) },
];

function withoutTemporary(tree: Record<string, string | null>): Record<string, string | null> {
  return Object.fromEntries(Object.entries(tree).filter(([path]) => path !== ".trisync/tmp/"));
}

function dumpReal(root: string, prefix: string): Record<string, string | null> {
  const tree: Record<string, string | null> = {};
  for (const entry of fs.readdirSync(join(root, prefix), { withFileTypes: true })) {
    const path = `${prefix}${entry.name}`;
    if (entry.isFile()) tree[path] = fs.readFileSync(join(root, path), "utf8");
    else if (entry.isSymbolicLink()) tree[path] = `-> ${fs.readlinkSync(join(root, path))}`;
    else if (fs.readdirSync(join(root, path)).length === 0) tree[`${path}/`] = null;
    else Object.assign(tree, dumpReal(root, `${path}/`));
  }
  return tree;
}

export interface Scanned {
  readonly entries: readonly LocalEntry[];
  readonly problems: readonly Problem[];
}

export async function gather(items: AsyncIterable<ScanItem>): Promise<Scanned> {
  const entries: LocalEntry[] = [];
  const problems: Problem[] = [];
  for await (const item of items) {
    if (item.kind === "entry") entries.push(item.entry);
    else problems.push(item.problem);
  }
  return { entries: entries.sort((a, b) => (a.path < b.path ? -1 : 1)), problems };
}

export async function scanAll(folder: Folder, filter = EVERYTHING): Promise<Scanned> {
  return gather(folder.scan(filter, NEVER));
}

export async function seeFile(folder: Folder, path: string): Promise<LocalFile> {
  const entry = await folder.stat(toSyncPath(path));
  if (entry?.kind !== "file") throw new Error(`no file at ${path}`);
  return entry;
}

export async function seeFolder(folder: Folder, path: string): Promise<LocalFolder> {
  const entry = await folder.stat(toSyncPath(path));
  if (entry?.kind !== "folder") throw new Error(`no folder at ${path}`);
  return entry;
}

export interface Download {
  readonly path: string;
  readonly content: string;
  readonly modifiedMs?: number;
  readonly replaces?: LocalFile;
}

/** What the engine does with a download. */
export async function download(folder: Folder, { path, content, modifiedMs, replaces }: Download): Promise<LocalFile> {
  const partial = await folder.openPartial(`${path} ${content}`, ["sha256"], Buffer.byteLength(content));
  await partial.write(Buffer.from(content).subarray(partial.sizeBytes));
  try {
    return await folder.commit(partial, toSyncPath(path), modifiedMs, replaces);
  } catch (error) {
    if (error instanceof LocalError) await partial.discard();
    throw error;
  }
}
