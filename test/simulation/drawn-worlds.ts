import type { Mode } from "../../lib/model/mode.js";
import { MODES } from "../../lib/model/mode.js";
import type { MachineOptions, Tree } from "./machine.js";
import type { Random } from "./random.js";
import { lookAt } from "./whole.js";
import type { Setup, Whole } from "./whole.js";

/** Few, so that what people do on one side meets what they do on the other. */
const FOLDERS = ["", "d/", "e/", "d/f/", "e/g/"];
const NAMES = ["a", "b", "c"];

/** A world as chance will have it; all of it follows from `random`. */
export function drawSetup(random: Random, seed: number): Setup & { readonly mode: Mode } {
  const mode = random.chance(0.5) ? "two-way" : random.pick(MODES);
  const fresh = createTokens(random);
  const base: Setup["base"] =
    mode === "two-way"
      ? { local: drawTree(random, fresh), remote: drawTree(random, fresh, "R") }
      : {
          [mode === "fetch" || mode === "mirror-down" || mode === "outbox" ? "remote" : "local"]: drawTree(
            random,
            fresh,
          ),
        };
  const count = 1 + random.below(9);
  // Of the seed and not of chance, so that worlds with a number are what they always were.
  const lists = seed % 4 === 3 ? (WEAK[(seed >> 2) % WEAK.length] ?? "checksum") : "proof";
  return {
    mode,
    base,
    seed,
    conflict: random.chance(0.8) ? "keep-both" : random.pick(["newer", "local", "remote"] as const),
    ignoresCase: random.chance(0.3),
    lists,
    listsById: seed % 5 === 2,
    hasLinks: random.chance(0.8),
    provider: drawProvider(random, lists),
    *edits(world) {
      for (let i = 0; i < count; i++) yield* drawEdits(world, { random, fresh, mode });
    },
  };
}

const WEAK = ["checksum", "checksum", "both", "either"] as const;

function drawProvider(random: Random, lists: Setup["lists"]): NonNullable<MachineOptions["provider"]> {
  return {
    pageEntries: random.pick([2, 5, 1000]),
    partBytes: 16_384,
    capabilities: {
      hasCursor: random.chance(0.6),
      listsHash: random.chance(0.7) || lists === "both",
      // Where hashes prove nothing, times have to.
      keepsModified: random.chance(0.8) || lists === "checksum" || lists === "either",
      canMove: random.chance(0.8),
      concurrency: random.pick([1, 4]),
      batch: random.chance(0.5) ? { files: 3, fileBytes: 1000, totalBytes: 10_000 } : undefined,
    },
  };
}

/** Contents of equal length that were never there before, and now and then a large one, or one that was. */
function createTokens(random: Random): () => string {
  let count = 100;
  return () => {
    if (count > 100 && random.chance(0.08)) return `c${100 + random.below(count - 100)}`;
    return random.chance(0.05) ? `c${count++}*` : `c${count++}`;
  };
}

function drawTree(random: Random, fresh: () => string, suffix = ""): Tree {
  const tree: Tree = { [`keep${suffix}`]: `keep${suffix}` };
  for (let i = random.below(9); i > 0; i--) tree[`${random.pick(FOLDERS)}${random.pick(NAMES)}${suffix}`] = fresh();
  if (random.chance(0.3)) tree[`empty${suffix}/`] = "";
  return tree;
}

export interface Drawing {
  readonly random: Random;
  readonly fresh: () => string;
  readonly mode: Mode;
}

type Side = "local" | "remote";

/** One person's next edit, sometimes two people's same one. Only what is possible now. */
export function drawEdits(world: Pick<Whole, "machine" | "cloud">, drawing: Drawing, only?: Side): readonly string[] {
  const { random } = drawing;
  const sides = lookAt(world);
  const side = only ?? (random.chance(0.5) ? "local" : "remote");
  const words = drawEdit(sides[side], drawing);
  if (words === undefined) return [];
  const mine = `${side === "local" ? "L" : "R"} ${words}`;
  const other = sides[side === "local" ? "remote" : "local"];
  const isShared = only === undefined && random.chance(0.15) && isPossible(words, other);
  return isShared ? [mine, `${side === "local" ? "R" : "L"} ${words}`] : [mine];
}

function drawEdit(tree: Tree, { random, fresh }: Drawing): string | undefined {
  const files = Object.keys(tree).filter((path) => !path.endsWith("/") && !path.startsWith("keep"));
  const folders = Object.keys(tree).flatMap((path) => (path.endsWith("/") ? [path.slice(0, -1)] : []));
  const drawn = random.below(100);
  const target = (): string => {
    const known = random.chance(0.6) || folders.length === 0 ? random.pick(FOLDERS) : `${random.pick(folders)}/`;
    return `${known}${random.pick(NAMES)}${random.chance(0.1) ? "2" : ""}`;
  };
  const words = ((): string => {
    if (drawn < 25 || (files.length === 0 && folders.length === 0)) return `write ${target()} ${fresh()}`;
    if (drawn < 50 && files.length > 0) return `${random.pick(["write", "save"])} ${random.pick(files)} ${fresh()}`;
    if (drawn < 62 && files.length > 0) return `rm ${random.pick(files)}`;
    if (drawn < 66 && folders.length > 0) return `rm ${random.pick(folders)}`;
    if (drawn < 80 && files.length > 0) return `mv ${random.pick(files)} ${target()}`;
    if (drawn < 90 && folders.length > 0)
      return `mv ${random.pick(folders)} ${random.chance(0.7) ? target() : random.pick(folders)}`;
    if (drawn < 95 && files.length > 0) {
      const path = random.pick(files);
      return `mv ${path} ${path.replace(/[^/]*$/, (name) => (name === name.toUpperCase() ? name.toLowerCase() : name.toUpperCase()))}`;
    }
    return `mkdir ${target()}`;
  })();
  return isPossible(words, tree) ? words : undefined;
}

/** Without overwriting folders, without files where folders must be, and without losing the file that is always there. */
export function isPossible(words: string, tree: Readonly<Tree>): boolean {
  const [verb = "", path = "", more = ""] = words.split(" ");
  const has = (name: string): boolean => Object.keys(tree).some((known) => known.toLowerCase() === name.toLowerCase());
  const hasExactly = (name: string): boolean => tree[name] !== undefined;
  const isFreeOrFile = (name: string): boolean => {
    if (has(`${name}/`)) return false;
    for (let at = name.indexOf("/"); at !== -1; at = name.indexOf("/", at + 1)) {
      const above = name.slice(0, at);
      if (has(above) || (has(`${above}/`) && !hasExactly(`${above}/`))) return false;
    }
    return !has(name) || hasExactly(name);
  };
  if (verb === "write" || verb === "save") return isFreeOrFile(path) && !path.startsWith("keep");
  if (verb === "mkdir") return isFreeOrFile(path) && !has(path);
  if (verb === "rm") return hasExactly(path) || (hasExactly(`${path}/`) && !path.startsWith("keep"));
  if (verb !== "mv" || path === more) return false;
  if (path.toLowerCase() === more.toLowerCase()) return hasExactly(path) && !Object.keys(tree).includes(more);
  if (
    `${more}/`.toLowerCase().startsWith(`${path}/`.toLowerCase()) ||
    `${path}/`.toLowerCase().startsWith(`${more}/`.toLowerCase())
  )
    return false;
  if (hasExactly(path)) return isFreeOrFile(more);
  return hasExactly(`${path}/`) && isFreeOrFile(more) && !has(more);
}
