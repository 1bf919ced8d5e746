import { randomUUID } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";

/**
 * Runs `work` while no other process does so under the same lock file; waits for as long as the holder lives.
 * The file holds the holder's process id; the lock of a process that was killed is taken over.
 */
export async function holdLock(file, work) {
  fs.mkdirSync(path.dirname(file), { recursive: true });
  while (!tryToLock(file)) {
    dropDeadLock(file);
    await sleep(200);
  }
  try {
    return await work();
  } finally {
    fs.rmSync(file, { force: true });
  }
}

function tryToLock(file) {
  try {
    fs.writeFileSync(file, String(process.pid), { flag: "wx" });
    return true;
  } catch (error) {
    if (error.code === "EEXIST") return false;
    throw error;
  }
}

function dropDeadLock(file) {
  if (isHolderAlive(file)) return;
  // Two waiters may both have found the holder dead, and one may have the lock by now. What is moved aside is looked at
  // again, and put back when its holder lives.
  const aside = `${file}.${randomUUID()}`;
  try {
    fs.renameSync(file, aside);
    if (isHolderAlive(aside)) fs.copyFileSync(aside, file, fs.constants.COPYFILE_EXCL);
  } catch (error) {
    if (error.code !== "ENOENT" && error.code !== "EEXIST") throw error;
  } finally {
    fs.rmSync(aside, { force: true });
  }
}

function isHolderAlive(file) {
  try {
    const id = Number(fs.readFileSync(file, "utf8"));
    if (id > 0) process.kill(id, 0);
    return true; // Without an id the holder is just about to write it.
  } catch (error) {
    if (error.code === "ENOENT") return true; // Released in between: not ours to drop.
    return error.code !== "ESRCH";
  }
}
