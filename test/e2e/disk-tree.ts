import { lstat, mkdir, readFile, readdir, readlink, rmdir, symlink, unlink, utimes, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";

/** What is at a path: a file's content, a link's target, or a folder. */
export type Node =
  | { readonly kind: "file"; readonly content: string }
  | { readonly kind: "link"; readonly target: string }
  | { readonly kind: "folder" };

/** All paths below a root, folders included. */
export type DiskTree = ReadonlyMap<string, Node>;

export interface Reading {
  readonly tree: DiskTree;
  /** Contents below `.trisync`: trash that counts as kept. */
  readonly trashed: readonly string[];
  /** Inode and modification time of every file: shows rewriting. */
  readonly stamps: ReadonlyMap<string, string>;
}

/** Reads a whole tree; `.trisync` is read apart. */
export async function readTree(root: string): Promise<Reading> {
  const tree = new Map<string, Node>();
  const trashed: string[] = [];
  const stamps = new Map<string, string>();
  const walk = async (folder: string, prefix: string, isOwn: boolean): Promise<void> => {
    for (const name of await readdir(folder)) {
      const path = prefix === "" ? name : `${prefix}/${name}`;
      const absolute = join(folder, name);
      const stats = await lstat(absolute);
      const own = isOwn || path === ".trisync";
      if (stats.isDirectory()) {
        if (!own) tree.set(path, { kind: "folder" });
        await walk(absolute, path, own);
      } else if (stats.isSymbolicLink()) {
        tree.set(path, { kind: "link", target: await readlink(absolute) });
      } else if (stats.isFile()) {
        const content = await readFile(absolute, "utf8");
        if (own) trashed.push(content);
        else {
          tree.set(path, { kind: "file", content });
          stamps.set(path, `${String(stats.ino)} ${String(stats.mtimeMs)}`);
        }
      }
    }
  };
  await walk(root, "", false);
  return { tree, trashed, stamps };
}

export async function plant(root: string, path: string, node: Node, modifiedSeconds: number): Promise<void> {
  const absolute = join(root, path);
  await mkdir(dirname(absolute), { recursive: true });
  switch (node.kind) {
    case "folder":
      await mkdir(absolute, { recursive: true });
      return;
    case "link":
      await symlink(node.target, absolute);
      return;
    case "file":
      await writeFile(absolute, node.content);
      await utimes(absolute, modifiedSeconds, modifiedSeconds);
  }
}

/** Removes a file or link, or a folder that is empty by then. */
export async function remove(root: string, path: string, node: Node): Promise<void> {
  await (node.kind === "folder" ? rmdir(join(root, path)) : unlink(join(root, path)));
}
