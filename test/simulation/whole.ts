import type { Side } from "../../lib/model/entry.js";
import type { ConflictRule, Mode } from "../../lib/model/mode.js";
import { nameOf, parentOf, toSyncPath } from "../../lib/model/path.js";
import { toColliding } from "../support/colliding-content.js";
import { MemoryWorld } from "../support/memory-world.js";
import { Machine, ROOT } from "./machine.js";
import type { MachineOptions, Tree } from "./machine.js";
import { createRandom } from "./random.js";
import type { Random } from "./random.js";
import type { Clock } from "./scheduler.js";

/** A synchronised world in which people have been at work since: everything that a run starts from. */
export interface Setup {
  readonly mode?: Mode;
  readonly conflict?: ConflictRule;
  /** What each side holds before the first run; it is then really synchronised. */
  readonly base: { readonly local?: Tree; readonly remote?: Tree };
  /** What people do after that run, in order: see `edit`. A function may choose each when the one before is made. */
  readonly edits: readonly string[] | ((world: Pick<Whole, "machine" | "cloud">) => Iterable<string>);
  readonly seed?: number;
  /** Both sides, one of them, or neither. */
  readonly ignoresCase?: boolean | Side;
  /**
   * "checksum": all contents collide, and nothing but time and bytes tells them apart. "both": they do, and the cloud lists another
   * hash besides, which tells them apart; "either": one of them, or both. "proof" unless given.
   */
  readonly lists?: "proof" | "checksum" | "both" | "either";
  /** Continued listings name what changed by id. */
  readonly listsById?: boolean;
  readonly hasLinks?: boolean;
  readonly provider?: MachineOptions["provider"];
  readonly maxDelete?: MachineOptions["maxDelete"];
  readonly exclude?: readonly string[];
}

/** The machine, the cloud and the people. */
export interface Whole {
  readonly setup: Setup;
  readonly machine: Machine;
  readonly cloud: MemoryWorld;
  readonly clock: Clock;
  readonly random: Random;
  /** What both sides held after the first run, and what they held when the edits were done. */
  readonly synced: Sides;
  readonly start: Sides;
  /** What somebody overwrote or deleted while a run was at work: gone by their own hand. */
  readonly destroyed: Set<string>;
  /** What somebody wrote while a run was at work. */
  readonly added: Set<string>;
  /** Paths that came, went or changed by it. */
  readonly touched: Set<string>;
  /** What a faulty service made of the bytes it was sent. */
  readonly spoiled: Set<string>;
}

export interface Sides {
  readonly local: Tree;
  readonly remote: Tree;
}

const BEGIN = Date.UTC(2026, 2, 1, 12);

const KINDS = {
  proof: {},
  checksum: { algorithm: "quickxor" },
  both: { algorithm: "quickxor", alsoLists: "sha256" },
  either: { algorithm: "quickxor", alsoLists: "sha256", listsBoth: "sometimes" },
} as const;

/** Plants the base, runs once for real, and lets people make their edits. */
export async function prepare(setup: Setup): Promise<Whole> {
  const random = createRandom(setup.seed ?? 1);
  const clock: Clock = { nowMs: BEGIN };
  const ignoresCase = setup.ignoresCase ?? false;
  const kind = KINDS[setup.lists ?? "proof"];
  const foldsOn = (side: Side): boolean => ignoresCase === true || ignoresCase === side;
  const cloud = new MemoryWorld({ ...kind, ignoresCase: foldsOn("remote"), now: () => clock.nowMs });
  const disk = { ignoresCase: foldsOn("local"), hasLinks: setup.hasLinks ?? true };
  const { mode, conflict, provider, maxDelete, exclude, listsById } = setup;
  const machine = new Machine({ cloud, clock, random, disk, mode, conflict, provider, maxDelete, exclude, listsById });
  // Where hashes prove nothing, two files of one moment could not be told from one file in two places.
  const apartMs = cloud.hasProof ? 0 : 5_000;
  for (const [path, content] of Object.entries(expandAll(setup.base.local ?? {}, cloud))) {
    clock.nowMs += apartMs;
    machine.disk.plant(ROOT, { [path]: content });
  }
  for (const [path, content] of Object.entries(setup.base.remote ?? {})) {
    clock.nowMs += apartMs;
    plantRemotely(cloud, path, content);
  }
  clock.nowMs += 100_000;
  const first = await machine.run();
  if (!first.isInStep) throw new Error(`the first run did not end well: ${first.trace.join("\n")}`);
  const whole = { setup, machine, cloud, clock, random, ...nobodyElse() };
  const synced = lookAt(whole);
  // Sometimes so soon that file times alone do not show the change.
  clock.nowMs += random.chance(0.3) ? random.below(40) : 100_000;
  for (const words of typeof setup.edits === "function" ? setup.edits(whole) : setup.edits) edit(whole, words);
  clock.nowMs += random.chance(0.3) ? random.below(40) : 100_000;
  return { ...whole, synced, start: lookAt(whole) };
}

function nobodyElse(): Pick<Whole, "destroyed" | "added" | "touched" | "spoiled"> {
  return { destroyed: new Set(), added: new Set(), touched: new Set(), spoiled: new Set() };
}

/** The same moment once more, with chances of its own from here on. */
export function fork(whole: Whole, seed: number): Whole {
  const random = createRandom(seed);
  const clock: Clock = { nowMs: whole.clock.nowMs };
  const cloud = whole.cloud.copy(() => clock.nowMs);
  const machine = new Machine({ ...whole.machine.options, cloud, clock, random }, whole.machine);
  return { ...whole, random, clock, cloud, machine, ...nobodyElse() };
}

export function lookAt({ machine, cloud }: Pick<Whole, "machine" | "cloud">): Sides {
  return { local: machine.look().visible, remote: { ...cloud.tree() } };
}

type World = Pick<Whole, "machine" | "cloud">;

/**
 * One edit of one person: "L" on this machine, "R" in the cloud; then `write PATH CONTENT` (in place), `save PATH CONTENT` (as editors
 * do: another file of the same name), `rm PATH`, `mv FROM TO` (over what is there), `mkdir PATH`.
 * A content that ends in "*" stands for a large file.
 */
export function edit(world: World, words: string): void {
  const [side = "", verb = "", path = "", more = ""] = words.split(" ");
  const { machine, cloud } = world;
  // Where hashes prove nothing, two edits in one moment could not be told from one made twice.
  if (!cloud.hasProof) machine.options.clock.nowMs += 5_000;
  const edited = { verb, path, more, content: expand(more, cloud) };
  if (side === "L") editLocally(machine, edited);
  else editRemotely(cloud, edited);
}

/** As `edit`, while a run is at work: notes what comes and what goes by it. */
export function editMeanwhile(whole: Whole, words: string): void {
  const side = words.startsWith("L") ? "local" : "remote";
  const before = lookAt(whole)[side];
  edit(whole, words);
  const after = lookAt(whole)[side];
  const [gone, come] = [new Set(Object.values(before)), new Set(Object.values(after))];
  for (const content of Object.values(after)) if (!gone.has(content)) whole.added.add(content);
  for (const content of Object.values(before)) if (!come.has(content)) whole.destroyed.add(content);
  for (const path of Object.keys({ ...before, ...after })) if (before[path] !== after[path]) whole.touched.add(path);
}

interface Words {
  readonly verb: string;
  readonly path: string;
  readonly more: string;
  /** What `more` stands for as a content. */
  readonly content: string;
}

function editLocally({ disk }: Machine, { verb, path, more, content }: Words): void {
  const at = `${ROOT}/${path}`;
  if (verb === "write") disk.plant(ROOT, { [path]: content });
  else if (verb === "mkdir") disk.plant(ROOT, { [`${path}/`]: null });
  else if (verb === "rm") disk.remove(at);
  else if (verb === "mv") disk.moveAsUser(at, `${ROOT}/${more}`);
  else if (verb === "save") {
    disk.plant(ROOT, { [`${path}~`]: content });
    disk.moveAsUser(`${at}~`, at);
  } else throw new Error(`unknown edit: ${verb}`);
}

function editRemotely(cloud: MemoryWorld, { verb, path, more, content }: Words): void {
  if (verb === "write") cloud.write(path, content);
  else if (verb === "mkdir") cloud.makeFolder(path);
  else if (verb === "rm") cloud.delete(path);
  else if (verb === "mv") {
    if (cloud.get(more) !== undefined && cloud.keyOf(more) !== cloud.keyOf(path)) cloud.delete(more);
    cloud.move(path, more);
  } else if (verb === "save") {
    const target = toSyncPath(path);
    const beside = parentOf(target) === undefined ? `${nameOf(target)}~` : `${path}~`;
    cloud.write(beside, content);
    if (cloud.get(path) !== undefined) cloud.delete(path);
    cloud.move(beside, path);
  } else throw new Error(`unknown edit: ${verb}`);
}

function plantRemotely(cloud: MemoryWorld, path: string, content: string): void {
  if (path.endsWith("/")) cloud.makeFolder(path.slice(0, -1));
  else cloud.write(path, expand(content, cloud));
}

function expandAll(tree: Tree, cloud: MemoryWorld): Record<string, string | null> {
  const rows = Object.entries(tree).map(
    ([path, content]) => [path, path.endsWith("/") ? null : expand(content, cloud)] as const,
  );
  return Object.fromEntries(rows);
}

const LARGE_BYTES = 70_000;

/** Larger than what is read or written in one piece. */
export function expand(content: string, { hasCollisions }: MemoryWorld): string {
  const text = hasCollisions ? toColliding(content) : content;
  return content.endsWith("*") ? text.repeat(Math.ceil(LARGE_BYTES / text.length)) : text;
}
