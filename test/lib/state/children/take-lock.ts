import process from "node:process";
import { acquireLock } from "../../../../lib/state/lock.js";

/** Takes the lock of the job in argv[2], says so, and holds it until its input ends; or says who holds it. */
const [, , dir = ""] = process.argv;
const lock = acquireLock(dir, { pid: process.pid, startedMs: 1_772_357_400_000 });
if ("heldBy" in lock) {
  const { user, system } = process.cpuUsage();
  process.stdout.write(`refused: ${lock.heldBy}\n${(user + system) / 1_000}\n`);
} else {
  process.stdout.write("held\n");
  process.stdin
    .on("data", () => undefined)
    .on("end", () => {
      lock.release();
      process.stdout.write("released\n");
    });
}
