import { realpath, stat } from "node:fs/promises";
import path from "node:path";
import type { Mistakes } from "./mistakes.js";
import type { RemoteAddress } from "./options.js";
import { localTargetOf } from "./remote.js";

export interface Places {
  readonly local: string;
  readonly remote: RemoteAddress;
  readonly stateDir: string | undefined;
  readonly archive: string | undefined;
  readonly errorFolder: string | undefined;
}

/**
 * A job must not feed on itself: no side inside the other, no archive inside a side, and the state not where it would be
 * synchronised. The state may lie inside LOCAL, where the scan leaves it out, but not be LOCAL itself.
 */
export async function assertApart(places: Places, mistakes: Mistakes): Promise<void> {
  const { local, remote, stateDir, archive, errorFolder } = places;
  const target = localTargetOf(remote);
  if (target !== undefined) {
    const relation = await relate(local, target);
    if (relation !== "apart") mistakes.add(SIDES[relation]);
  }
  await assertOutside({ name: "--archive", folder: archive, local, target }, mistakes);
  await assertOutside({ name: "--error-folder", folder: errorFolder, local, target }, mistakes);
  if (stateDir === undefined) return;
  if ((await relate(stateDir, local)) === "same")
    mistakes.add("the state directory cannot be LOCAL itself; give --state DIR");
  if (target !== undefined && !["apart", "around"].includes(await relate(stateDir, target))) {
    mistakes.add("the state directory lies inside REMOTE, where it would be synchronised; give --state DIR");
  }
}

const SIDES: Record<Exclude<Relation, "apart">, string> = {
  same: "LOCAL and REMOTE are the same folder",
  inside: "LOCAL lies inside REMOTE; each run would copy it into itself",
  around: "REMOTE lies inside LOCAL; each run would copy it into itself",
};

interface OutsideCheck {
  readonly name: string;
  readonly folder: string | undefined;
  readonly local: string;
  readonly target: string | undefined;
}

async function assertOutside({ name, folder, local, target }: OutsideCheck, mistakes: Mistakes): Promise<void> {
  if (folder === undefined) return;
  if ((await relate(folder, local)) !== "apart")
    mistakes.add(`${name} and LOCAL lie inside each other; choose a folder elsewhere`);
  if (target !== undefined && (await relate(folder, target)) !== "apart") {
    mistakes.add(`${name} and REMOTE lie inside each other; choose a folder elsewhere`);
  }
}

/** How the first path lies to the second. */
type Relation = "apart" | "same" | "inside" | "around";

async function relate(a: string, b: string): Promise<Relation> {
  const [first, second] = [await ancestry(a), await ancestry(b)];
  const [headOfFirst, headOfSecond] = [first[0], second[0]];
  if (headOfFirst === headOfSecond) return "same";
  if (headOfSecond !== undefined && first.includes(headOfSecond)) return "inside";
  if (headOfFirst !== undefined && second.includes(headOfFirst)) return "around";
  return "apart";
}

/**
 * The path and every folder above it, as device and inode where they exist: links, other spellings and disks that
 * ignore case all lead to the same numbers. What does not exist yet goes by its name below what does.
 */
async function ancestry(start: string): Promise<readonly string[]> {
  const missing: string[] = [];
  let at = start;
  let real = await realOrUndefined(at);
  while (real === undefined && path.dirname(at) !== at) {
    missing.push(path.basename(at));
    at = path.dirname(at);
    real = await realOrUndefined(at);
  }
  const chain: string[] = [];
  for (let folder = real ?? at; ; folder = path.dirname(folder)) {
    chain.push(await identityOf(folder));
    if (path.dirname(folder) === folder) break;
  }
  for (const name of missing.reverse()) chain.unshift(`${chain[0] ?? ""}/${name}`);
  return chain;
}

async function realOrUndefined(file: string): Promise<string | undefined> {
  return realpath(file).catch(() => undefined);
}

async function identityOf(file: string): Promise<string> {
  try {
    const { dev, ino } = await stat(file, { bigint: true });
    return `${String(dev)}:${String(ino)}`;
  } catch {
    return file;
  }
}
