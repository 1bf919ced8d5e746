import { existsSync, readdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";

/** Files that are kept for a look; older ones are removed, so that a disk that damages every file does not fill up. */
const KEPT = 3;

const SUFFIXES = ["", "-wal", "-shm"];

/** Renames `<name>.sqlite` in `dir`, with the files that belong to it, to `<name>.<why>-<time>.sqlite`, and answers the new name. */
export function setAside(dir: string, name: string, why: "damaged" | "old"): string {
  const time = new Date().toISOString().replace(/[-:.]/g, "");
  const target = `${name}.${why}-${time}.sqlite`;
  // The log goes first: a database without it is old or damaged, but a log that met a new database would be taken for its own.
  for (const suffix of [...SUFFIXES].reverse()) {
    const from = join(dir, `${name}.sqlite${suffix}`);
    if (existsSync(from)) renameSync(from, join(dir, target + suffix));
  }
  removeOld(dir, new RegExp(`^${name}\\.(?:damaged|old)-(\\w+)\\.sqlite$`));
  return target;
}

function removeOld(dir: string, pattern: RegExp): void {
  const found = readdirSync(dir).flatMap((file) => {
    const time = pattern.exec(file)?.[1];
    return time === undefined ? [] : [{ file, time }];
  });
  const old = found.sort((a, b) => (a.time < b.time ? 1 : -1)).slice(KEPT);
  for (const { file } of old) {
    for (const suffix of SUFFIXES) rmSync(join(dir, file + suffix), { force: true });
  }
}
