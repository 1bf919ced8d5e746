import type { FileHandle, FileSystem } from "../../lib/local/file-system.js";
import type { Random } from "./random.js";

/** Virtual milliseconds since 1970, shared by everything in one simulated world. */
export interface Clock {
  nowMs: number;
}

/** Decides who goes on next whenever several parts of the program wait for a disk or a network. */
export interface Scheduler {
  /** Resolves when it is the caller's turn. */
  turn(): Promise<void>;
  /** Resolves when nobody waits any more. */
  idle(): Promise<void>;
}

/** One waiter goes on at a time, chosen by `random`, once everything that can run without waiting has run. */
export function createScheduler(random: Random, clock: Clock): Scheduler {
  const waiting: (() => void)[] = [];
  let isArmed = false;
  const arm = (): void => {
    if (isArmed) return;
    isArmed = true;
    setImmediate(wakeOne);
  };
  const wakeOne = (): void => {
    isArmed = false;
    const [go] = waiting.splice(random.below(waiting.length), 1);
    clock.nowMs += random.below(3);
    go?.();
    if (waiting.length > 0) arm();
  };
  return {
    turn: () =>
      new Promise((resolve) => {
        waiting.push(resolve);
        arm();
      }),
    idle: async () => {
      for (let quiet = 0; quiet < 4; quiet = isArmed ? 0 : quiet + 1) await new Promise(setImmediate);
    },
  };
}

/** The same disk, whose every call first waits for its turn. */
export function inTurns(files: FileSystem, { turn }: Scheduler): FileSystem {
  return {
    lstatSync: (path) => files.lstatSync(path),
    readdirWithTypes: (path, done) => {
      void turn().then(() => files.readdirWithTypes(path, done));
    },
    lstat: async (path) => (await turn(), files.lstat(path)),
    readdir: async (path) => (await turn(), files.readdir(path)),
    open: async (path, mode) => (await turn(), handleInTurns(await files.open(path, mode), turn)),
    mkdir: async (path, permissions) => (await turn(), files.mkdir(path, permissions)),
    rename: async (from, to) => (await turn(), files.rename(from, to)),
    link: async (from, to) => (await turn(), files.link(from, to)),
    unlink: async (path) => (await turn(), files.unlink(path)),
    rmdir: async (path) => (await turn(), files.rmdir(path)),
    syncFolder: async (path) => (await turn(), files.syncFolder(path)),
    freeBytes: async (path) => (await turn(), files.freeBytes(path)),
    realpath: async (path) => (await turn(), files.realpath(path)),
  };
}

function handleInTurns(handle: FileHandle, turn: Scheduler["turn"]): FileHandle {
  return {
    read: async (buffer, offset, length, position) => (await turn(), handle.read(buffer, offset, length, position)),
    write: async (buffer, position) => (await turn(), handle.write(buffer, position)),
    stat: async () => (await turn(), handle.stat()),
    sync: async () => (await turn(), handle.sync()),
    setTimes: async (modifiedMs) => (await turn(), handle.setTimes(modifiedMs)),
    setMode: async (mode) => (await turn(), handle.setMode(mode)),
    setOwner: async (uid, gid) => (await turn(), handle.setOwner(uid, gid)),
    close: async () => (await turn(), handle.close()),
  };
}
