import type { FileHandle, FileSystem } from "../../lib/local/file-system.js";
import { toFolderEntry, toStats } from "./simulated-inode.js";
import type { FileState, Inode, InodeKind } from "./simulated-inode.js";

/** What `onSideEffect` is told of, just before it happens. Syncs are among them: losing power before one is a case of its own. */
export type SideEffect =
  | "create"
  | "write"
  | "set-times"
  | "set-mode"
  | "set-owner"
  | "sync"
  | "sync-folder"
  | "mkdir"
  | "rename"
  | "link"
  | "unlink"
  | "rmdir";

/** Every call that `fail` may answer for. */
export type DiskCall = SideEffect | "lstat" | "readdir" | "open" | "read" | "realpath" | "free";

export interface SimulatedDiskOptions {
  /** Milliseconds of the virtual clock; file times are taken from it. */
  readonly now: () => number;
  readonly ignoresCase?: boolean;
  /** Names are kept decomposed and found in any normalisation, as on HFS+. */
  readonly storesNfd?: boolean;
  /** False: `link` answers EPERM, as on exFAT. */
  readonly hasLinks?: boolean;
  readonly freeBytes?: number;
  /** File times are kept in whole units of this; 1 unless given. */
  readonly timeUnitNs?: bigint;
}

/** Content, or null for a folder; `link`s and others are made with `plantSpecial`. */
export type Tree = Readonly<Record<string, string | Uint8Array | null>>;

/** Thrown by every call of a process that was killed. No system error: nothing may take it for an answer of the disk. */
export class ProcessKilled extends Error {
  override readonly name = "ProcessKilled";
}

/** Changes of entries that reach the disk together or not at all. */
interface Transaction {
  readonly changes: readonly { readonly folder: Inode; readonly key: string; readonly entry: Entry | undefined }[];
}

type Entry = { readonly name: string; readonly inode: Inode };

/**
 * A disk in memory with the fsync rules of POSIX: bytes and entries are there at once for everybody, but survive a power
 * loss only when they were synced; a rename survives whole or not at all. Paths are absolute and "/"-separated.
 */
export class SimulatedDisk {
  /** Called before each mutating call; throwing kills the process that makes it. */
  onSideEffect: ((kind: SideEffect, path: string) => void) | undefined;
  /** The error code a call answers with, if any. */
  fail: ((call: DiskCall, path: string) => string | undefined) | undefined;
  freeBytes: number;

  readonly #options: SimulatedDiskOptions;
  readonly #top: Inode;
  #nextNumber = 2n;
  #pending: Transaction[] = [];
  readonly #durableEntries = new Map<Inode, Map<string, Entry>>();
  #alive = { isAlive: true };

  constructor(options: SimulatedDiskOptions) {
    this.#options = options;
    this.freeBytes = options.freeBytes ?? Number.MAX_SAFE_INTEGER;
    this.#top = this.#createInode("folder");
    this.#top.links = 1;
  }

  /** The disk as one process sees it, until `crash` or `powerLoss`, or until `onSideEffect` throws. */
  mount(): FileSystem {
    const life = this.#alive;
    const guard = (call: DiskCall, path: string): void => {
      if (!life.isAlive) throw new ProcessKilled(`${call} ${path}: the process is dead`);
      if (isSideEffect(call)) this.#announce(life, call, path);
      const code = this.fail?.(call, path);
      if (code !== undefined) throw systemError(code, call, path);
    };
    return {
      lstatSync: (path) => {
        guard("lstat", path);
        const inode = this.#find(path, "keep last link");
        return inode === undefined ? undefined : toStats(inode);
      },
      lstat: async (path) => {
        guard("lstat", path);
        return toStats(this.#get(path, "lstat", "keep last link"));
      },
      readdir: async (path) => {
        guard("readdir", path);
        return [...this.#getFolder(path, "readdir").entries.values()].map(({ name }) => name);
      },
      readdirWithTypes: (path, done) => {
        setImmediate(() => {
          try {
            guard("readdir", path);
            const entries = [...this.#getFolder(path, "readdir").entries.values()];
            done(
              null,
              entries.map(({ name, inode }) => toFolderEntry(name, inode)),
            );
          } catch (error) {
            done(error instanceof Error ? error : new Error(String(error)), []);
          }
        });
      },
      open: async (path, mode) => {
        guard(mode === "create" ? "create" : "open", path);
        const inode = mode === "create" ? this.#create(path, "file") : this.#get(path, "open", "keep last link");
        if (inode.kind === "link") throw systemError("ELOOP", "open", path);
        if (inode.kind === "folder") throw systemError("EISDIR", "open", path);
        return this.#openHandle(inode, path, guard);
      },
      mkdir: async (path, permissions) => {
        guard("mkdir", path);
        const inode = this.#create(path, "folder");
        inode.mode = (inode.mode & ~0o777) | ((permissions ?? 0o777) & ~0o022);
      },
      rename: async (from, to) => {
        guard("rename", from);
        this.#rename(from, to);
      },
      link: async (from, to) => {
        guard("link", to);
        this.#link(from, to);
      },
      unlink: async (path) => {
        guard("unlink", path);
        this.#unlink(path);
      },
      rmdir: async (path) => {
        guard("rmdir", path);
        this.#rmdir(path);
      },
      syncFolder: async (path) => {
        guard("sync-folder", path);
        this.#makeEntriesDurable(this.#getFolder(path, "fsync"));
      },
      freeBytes: async (path) => {
        guard("free", path);
        return this.freeBytes;
      },
      realpath: async (path) => {
        guard("realpath", path);
        this.#get(path, "realpath", "follow");
        return path;
      },
    };
  }

  /** The process dies as by `kill -9`: what it wrote stays. */
  crash(): void {
    this.#alive.isAlive = false;
    this.#alive = { isAlive: true };
  }

  /**
   * The machine dies: of what was not synced, `random` (0 ≤ x < 1) decides, entry by entry and file by file, what is there
   * afterwards. Unsynced bytes may be lost, half written or read as zeros.
   */
  powerLoss(random: () => number): void {
    this.crash();
    const survivors = this.#pending.filter(() => random() < 0.5);
    for (const folder of this.#durableEntries.keys()) {
      folder.entries.clear();
      for (const [key, entry] of this.#durableEntries.get(folder) ?? []) folder.entries.set(key, entry);
    }
    this.#pending = [];
    for (const { changes } of survivors) for (const change of changes) applyTo(change.folder.entries, change);
    this.#recount(random);
  }

  /** Makes everything durable, as a disk at rest is. */
  syncAll(): void {
    for (const inode of this.#reachable(this.#top)) {
      inode.durable = stateOf(inode);
      if (inode.kind === "folder") this.#durableEntries.set(inode, new Map(inode.entries));
    }
    this.#pending = [];
  }

  /** An image of the disk, which lives on by itself. What is not synced yet counts as synced there. */
  copy(now: SimulatedDiskOptions["now"]): SimulatedDisk {
    const image = new SimulatedDisk({ ...this.#options, now });
    const copies = new Map<Inode, Inode>([[this.#top, image.#top]]);
    const copyOf = (inode: Inode): Inode => {
      const known = copies.get(inode);
      const copied = known ?? {
        ...inode,
        bytes: Buffer.from(inode.bytes.subarray(0, inode.size)),
        entries: new Map<string, Entry>(),
      };
      copies.set(inode, copied);
      if (known !== undefined && inode !== this.#top) return known;
      for (const [key, { name, inode: child }] of inode.entries)
        copied.entries.set(key, { name, inode: copyOf(child) });
      return copied;
    };
    copyOf(this.#top);
    image.#nextNumber = this.#nextNumber;
    image.freeBytes = this.freeBytes;
    image.syncAll();
    return image;
  }

  /** Writes a tree below `root`, durable at once: `{ "a/b.txt": "content", "folder/": null }`. Existing files are overwritten in place. */
  plant(root: string, tree: Tree, modifiedMs?: number): void {
    this.#makeFolders(root);
    for (const [path, content] of Object.entries(tree)) {
      const absolute = `${root}/${path.replace(/\/$/, "")}`;
      if (content === null) {
        this.#makeFolders(absolute);
        continue;
      }
      this.#makeFolders(absolute.slice(0, absolute.lastIndexOf("/")));
      const inode = this.#find(absolute, "keep last link") ?? this.#create(absolute, "file");
      inode.bytes = Buffer.from(content);
      inode.size = inode.bytes.length;
      inode.changedNs = this.#nowNs();
      inode.modifiedNs = modifiedMs === undefined ? inode.changedNs : BigInt(Math.round(modifiedMs * 1e6));
    }
    this.syncAll();
  }

  plantSpecial(path: string, kind: Exclude<InodeKind, "file" | "folder">, target = ""): void {
    this.#makeFolders(path.slice(0, path.lastIndexOf("/")));
    this.#create(path, kind, target);
    this.syncAll();
  }

  /** Takes away what is at `path`, with everything below it, durably: what a user does meanwhile. */
  remove(path: string): void {
    const { folder, key } = this.#slot(path, "remove");
    const entry = folder.entries.get(key);
    folder.entries.delete(key);
    if (entry !== undefined) this.#dropLink(entry.inode);
    this.syncAll();
  }

  /** As `mv`, durably. */
  moveAsUser(from: string, to: string): void {
    this.#makeFolders(to.slice(0, to.lastIndexOf("/")));
    this.#rename(from, to);
    this.syncAll();
  }

  setMode(path: string, mode: number): void {
    const inode = this.#get(path, "chmod", "keep last link");
    inode.mode = (inode.mode & ~0o777) | mode;
    inode.changedNs = this.#nowNs();
    this.syncAll();
  }

  /** The tree below `root` as `plant` takes it, texts as strings, folders only when they are empty. */
  dump(root: string): Record<string, string | null> {
    const tree: Record<string, string | null> = {};
    const start = this.#find(root, "follow");
    if (start?.kind === "folder") dumpInto(tree, start, "");
    return tree;
  }

  #announce(life: { isAlive: boolean }, kind: SideEffect, path: string): void {
    try {
      this.onSideEffect?.(kind, path);
    } catch (error) {
      life.isAlive = false;
      if (this.#alive === life) this.#alive = { isAlive: true };
      throw error;
    }
  }

  #openHandle(inode: Inode, path: string, guard: (call: DiskCall, path: string) => void): FileHandle {
    return {
      read: async (buffer, offset, length, position) => {
        guard("read", path);
        const end = Math.min(inode.size, position + length);
        if (end <= position) return 0;
        buffer.set(inode.bytes.subarray(position, end), offset);
        return end - position;
      },
      write: async (buffer, position) => {
        guard("write", path);
        this.#write(inode, buffer, position, path);
      },
      stat: async () => toStats(inode),
      sync: async () => {
        guard("sync", path);
        inode.durable = stateOf(inode);
      },
      setTimes: async (modifiedMs) => {
        guard("set-times", path);
        inode.modifiedNs = this.#round(BigInt(Math.round(modifiedMs * 1e6)));
        inode.changedNs = this.#nowNs();
      },
      setMode: async (mode) => {
        guard("set-mode", path);
        inode.mode = (inode.mode & ~0o777) | mode;
        inode.changedNs = this.#nowNs();
      },
      setOwner: async (uid, gid) => {
        guard("set-owner", path);
        Object.assign(inode, { uid, gid });
        inode.changedNs = this.#nowNs();
      },
      close: async () => undefined,
    };
  }

  #write(inode: Inode, buffer: Uint8Array, position: number, path: string): void {
    const end = position + buffer.length;
    const grows = Math.max(0, end - inode.size);
    if (grows > this.freeBytes) throw systemError("ENOSPC", "write", path);
    if (end > inode.bytes.length) {
      const larger = Buffer.alloc(Math.max(end, inode.bytes.length * 2));
      inode.bytes.copy(larger, 0, 0, inode.size);
      inode.bytes = larger;
    }
    inode.bytes.set(buffer, position);
    inode.size = Math.max(inode.size, end);
    this.freeBytes -= grows;
    inode.modifiedNs = inode.changedNs = this.#nowNs();
  }

  #rename(from: string, to: string): void {
    const source = this.#slot(from, "rename");
    const target = this.#slot(to, "rename");
    const entry = source.folder.entries.get(source.key);
    if (entry === undefined) throw systemError("ENOENT", "rename", from);
    const old = target.folder.entries.get(target.key);
    const isSameSlot = source.folder === target.folder && source.key === target.key;
    if (old?.inode === entry.inode && !isSameSlot) return;
    if (entry.inode.kind === "folder" && this.#reachable(entry.inode).has(target.folder)) {
      throw systemError("EINVAL", "rename", from);
    }
    if (old !== undefined && !isSameSlot) assertReplaceable(entry.inode, old.inode, to);
    const changes = isSameSlot ? [] : [{ folder: source.folder, key: source.key, entry: undefined }];
    this.#apply([
      ...changes,
      { folder: target.folder, key: target.key, entry: { name: target.name, inode: entry.inode } },
    ]);
    entry.inode.changedNs = this.#nowNs();
    if (old !== undefined && !isSameSlot) this.#dropLink(old.inode);
  }

  #link(from: string, to: string): void {
    const inode = this.#get(from, "link", "keep last link");
    const { folder, key, name } = this.#slot(to, "link");
    if (folder.entries.has(key)) throw systemError("EEXIST", "link", to);
    if (this.#options.hasLinks === false || inode.kind === "folder") throw systemError("EPERM", "link", to);
    inode.links++;
    inode.changedNs = this.#nowNs();
    this.#apply([{ folder, key, entry: { name, inode } }]);
  }

  #unlink(path: string): void {
    const { folder, key } = this.#slot(path, "unlink");
    const entry = folder.entries.get(key);
    if (entry === undefined) throw systemError("ENOENT", "unlink", path);
    if (entry.inode.kind === "folder") throw systemError("EPERM", "unlink", path);
    this.#apply([{ folder, key, entry: undefined }]);
    this.#dropLink(entry.inode);
  }

  #rmdir(path: string): void {
    const { folder, key } = this.#slot(path, "rmdir");
    const entry = folder.entries.get(key);
    if (entry === undefined) throw systemError("ENOENT", "rmdir", path);
    if (entry.inode.kind !== "folder") throw systemError("ENOTDIR", "rmdir", path);
    if (entry.inode.entries.size > 0) throw systemError("ENOTEMPTY", "rmdir", path);
    this.#apply([{ folder, key, entry: undefined }]);
  }

  #dropLink(inode: Inode): void {
    inode.links--;
    inode.changedNs = this.#nowNs();
    if (inode.links === 0) this.freeBytes += inode.size;
  }

  #create(path: string, kind: InodeKind, target = ""): Inode {
    const { folder, key, name } = this.#slot(path, "create");
    if (folder.entries.has(key)) throw systemError("EEXIST", "create", path);
    if (Buffer.byteLength(name) > 255) throw systemError("ENAMETOOLONG", "create", path);
    const inode = this.#createInode(kind, target);
    inode.links = 1;
    this.#apply([{ folder, key, entry: { name, inode } }]);
    return inode;
  }

  #createInode(kind: InodeKind, target = ""): Inode {
    const now = this.#nowNs();
    const inode: Inode = {
      number: this.#nextNumber++,
      kind,
      bytes: Buffer.alloc(0),
      size: 0,
      mode: MODES[kind],
      uid: 1000,
      gid: 1000,
      modifiedNs: now,
      changedNs: now,
      links: 0,
      target,
      entries: new Map(),
      durable: undefined,
    };
    if (kind === "folder") this.#durableEntries.set(inode, new Map());
    return inode;
  }

  #apply(changes: Transaction["changes"]): void {
    for (const change of changes) {
      applyTo(change.folder.entries, change);
      change.folder.modifiedNs = change.folder.changedNs = this.#nowNs();
    }
    this.#pending.push({ changes });
  }

  /** Earlier changes of the same entries come along: an older state must not overwrite a newer one later. */
  #makeEntriesDurable(folder: Inode): void {
    const touched = new Set<string>();
    const due = new Set<Transaction>();
    for (const transaction of this.#pending.toReversed()) {
      const slots = transaction.changes.map((change) => `${change.folder.number}/${change.key}`);
      const isMeant = transaction.changes.some((change) => change.folder === folder);
      if (!isMeant && !slots.some((slot) => touched.has(slot))) continue;
      due.add(transaction);
      for (const slot of slots) touched.add(slot);
    }
    for (const { changes } of this.#pending.filter((transaction) => due.has(transaction))) {
      for (const change of changes)
        applyTo(this.#durableEntries.get(change.folder) ?? new Map<string, Entry>(), change);
    }
    this.#pending = this.#pending.filter((transaction) => !due.has(transaction));
  }

  /** After a power loss: which inodes are left, how many names each has, and what became of unsynced bytes. */
  #recount(random: () => number): void {
    const reachable = this.#reachable(this.#top);
    for (const inode of reachable) inode.links = inode === this.#top ? 1 : 0;
    for (const folder of reachable) for (const { inode } of folder.entries.values()) inode.links++;
    for (const inode of reachable) {
      if (inode.kind === "file") spoilUnsynced(inode, random);
      inode.durable = stateOf(inode);
      if (inode.kind === "folder") this.#durableEntries.set(inode, new Map(inode.entries));
    }
  }

  #reachable(from: Inode): Set<Inode> {
    const found = new Set<Inode>([from]);
    for (const folder of found) for (const { inode } of folder.entries.values()) found.add(inode);
    return found;
  }

  #makeFolders(path: string): void {
    const names = path.split("/").filter((name) => name !== "");
    for (let i = 1; i <= names.length; i++) {
      const absolute = `/${names.slice(0, i).join("/")}`;
      if (this.#find(absolute, "follow") === undefined) this.#create(absolute, "folder");
    }
  }

  #fold(name: string): string {
    const composed = this.#options.storesNfd ? name.normalize("NFD") : name;
    return this.#options.ignoresCase ? composed.toLowerCase() : composed;
  }

  /** The folder entry that `path` names, whether there is one or not. */
  #slot(path: string, call: string): { readonly folder: Inode; readonly key: string; readonly name: string } {
    const slash = path.lastIndexOf("/");
    const folder = this.#getFolder(path.slice(0, slash), call);
    const name = path.slice(slash + 1);
    return { folder, key: this.#fold(name), name: this.#options.storesNfd ? name.normalize("NFD") : name };
  }

  #getFolder(path: string, call: string): Inode {
    const inode = this.#get(path, call, "follow");
    if (inode.kind !== "folder") throw systemError("ENOTDIR", call, path);
    return inode;
  }

  #get(path: string, call: string, last: "follow" | "keep last link"): Inode {
    const inode = this.#find(path, last);
    if (inode === undefined) throw systemError("ENOENT", call, path);
    return inode;
  }

  #find(path: string, last: "follow" | "keep last link", depth = 0): Inode | undefined {
    if (depth > 40) throw systemError("ELOOP", "lookup", path);
    const names = path.split("/").filter((name) => name !== "" && name !== ".");
    let inode: Inode = this.#top;
    for (const [i, name] of names.entries()) {
      if (inode.kind !== "folder") throw systemError("ENOTDIR", "lookup", path);
      const next: Inode | undefined = inode.entries.get(this.#fold(name))?.inode;
      if (next === undefined) return undefined;
      const isFollowed = next.kind === "link" && (i < names.length - 1 || last === "follow");
      if (isFollowed) {
        const above = `/${names.slice(0, i).join("/")}`;
        const target = next.target.startsWith("/") ? next.target : `${above}/${next.target}`;
        return this.#find(`${target}/${names.slice(i + 1).join("/")}`, last, depth + 1);
      }
      inode = next;
    }
    return inode;
  }

  #nowNs(): bigint {
    return this.#round(BigInt(Math.round(this.#options.now() * 1e6)));
  }

  #round(ns: bigint): bigint {
    const unit = this.#options.timeUnitNs ?? 1n;
    return (ns / unit) * unit;
  }
}

const MODES: Record<InodeKind, number> = {
  file: 0o100644,
  folder: 0o040755,
  link: 0o120777,
  pipe: 0o010644,
  socket: 0o140644,
  device: 0o060644,
};

const SIDE_EFFECTS: Record<SideEffect, true> = {
  create: true,
  write: true,
  "set-times": true,
  "set-mode": true,
  "set-owner": true,
  sync: true,
  "sync-folder": true,
  mkdir: true,
  rename: true,
  link: true,
  unlink: true,
  rmdir: true,
};

function isSideEffect(call: DiskCall): call is SideEffect {
  return call in SIDE_EFFECTS;
}

function systemError(code: string, call: string, path: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`${code}: simulated, ${call} '${path}'`), { code, syscall: call, path });
}

function applyTo(entries: Map<string, Entry>, { key, entry }: Transaction["changes"][number]): void {
  if (entry === undefined) entries.delete(key);
  else entries.set(key, entry);
}

function assertReplaceable(moved: Inode, old: Inode, path: string): void {
  if (moved.kind === "folder" && old.kind !== "folder") throw systemError("ENOTDIR", "rename", path);
  if (moved.kind !== "folder" && old.kind === "folder") throw systemError("EISDIR", "rename", path);
  if (old.kind === "folder" && old.entries.size > 0) throw systemError("ENOTEMPTY", "rename", path);
}

function stateOf(inode: Inode): FileState {
  return { bytes: Buffer.from(inode.bytes.subarray(0, inode.size)), modifiedNs: inode.modifiedNs, mode: inode.mode };
}

/** What was never synced may be there, be gone, be zeros of the right length, or be half of it. */
function spoilUnsynced(inode: Inode, random: () => number): void {
  const now = inode.bytes.subarray(0, inode.size);
  const durable = inode.durable ?? { bytes: Buffer.alloc(0), modifiedNs: inode.modifiedNs, mode: inode.mode };
  if (durable.bytes.equals(now) && durable.modifiedNs === inode.modifiedNs) return;
  const fate = Math.floor(random() * 4);
  if (fate === 0) return;
  if (fate === 1) {
    inode.modifiedNs = durable.modifiedNs;
    inode.mode = durable.mode;
  }
  // Zeros appear only where nothing durable was: a disk does not forget what it has.
  const zeros = Buffer.concat([durable.bytes, Buffer.alloc(Math.max(0, now.length - durable.bytes.length))]);
  const half = Buffer.concat([now.subarray(0, now.length >> 1), durable.bytes.subarray(now.length >> 1)]);
  const bytes = fate === 1 ? durable.bytes : fate === 2 ? zeros : half;
  inode.bytes = Buffer.from(bytes);
  inode.size = bytes.length;
}

function dumpInto(tree: Record<string, string | null>, folder: Inode, prefix: string): void {
  for (const { name, inode } of folder.entries.values()) {
    const path = `${prefix}${name}`;
    if (inode.kind === "file") tree[path] = inode.bytes.toString("utf8", 0, inode.size);
    else if (inode.kind !== "folder") tree[path] = inode.kind === "link" ? `-> ${inode.target}` : `(${inode.kind})`;
    else if (inode.entries.size === 0) tree[`${path}/`] = null;
    else dumpInto(tree, inode, `${path}/`);
  }
}
