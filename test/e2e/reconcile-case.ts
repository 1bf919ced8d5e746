import { mkdir, rename, rm, stat, utimes, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import * as z from "zod";
import { plant, remove } from "./disk-tree.js";
import type { Node, Reading } from "./disk-tree.js";

const valueSchema = z.union([
  z.string(),
  z.object({ content: z.string(), mtime: z.enum(["edit", "older", "same", "equal"]).optional() }),
  z.object({ dir: z.literal(true) }),
  z.object({ link: z.string() }),
]);
const treeSchema = z.record(z.string(), valueSchema);
const outcomeSchema = z.object({
  local: treeSchema,
  remote: treeSchema,
  conflicts: z.array(z.string()).optional(),
  survive: z.array(z.string()).optional(),
  may_keep: z.array(z.string()).optional(),
  exit: z.enum(["any", "nonzero"]).optional(),
});
const caseSchema = z.object({
  id: z.string(),
  source: z.string(),
  mode: z.enum(["two-way", "mirror-up", "mirror-down", "copy-up", "copy-down"]),
  base: treeSchema.nullable(),
  local: treeSchema,
  remote: treeSchema,
  expect: outcomeSchema,
  alternatives: z.array(outcomeSchema).optional(),
  newer: z.enum(["local", "remote", "equal"]).optional(),
  ballast: z.number().optional(),
  drop_state: z.boolean().optional(),
  outside: treeSchema.optional(),
});

export type ReconcileCase = z.infer<typeof caseSchema>;
type Outcome = z.infer<typeof outcomeSchema>;
type CaseTree = z.infer<typeof treeSchema>;

/** `test/fixtures/reconcile-cases.json`: facts from the test suites of other synchronizers. */
export function parseCases(json: string): readonly ReconcileCase[] {
  return z.object({ cases: z.array(caseSchema) }).parse(JSON.parse(json)).cases;
}

export interface Places {
  readonly local: string;
  readonly remote: string;
  readonly state: string;
  readonly outside: string;
}

interface Planted {
  readonly node: Node;
  readonly when: "edit" | "older" | "same" | "equal" | undefined;
}

type Wanted = ReadonlyMap<string, Planted>;

const DAY = 86_400;
const DEFAULT_BALLAST = 8;

/** Dates of edits: all in the past, all distinct, one side's later than the other's as the case wants it. */
function createClock(newer: ReconcileCase["newer"]): (side: "local" | "remote", when: Planted["when"]) => number {
  const zero = Math.floor(Date.now() / 1000) - 20 * DAY;
  const days = { local: newer === "local" ? 4 : 2, remote: newer === "local" ? 2 : 4 };
  let count = 0;
  return (side, when) => {
    count += 1;
    if (when === "older") return zero - 40 * DAY + count;
    if (when === "equal" || newer === "equal") return zero + 6 * DAY;
    return zero + days[side] * DAY + count * 7;
  };
}

export function ballastOf({ ballast }: ReconcileCase): CaseTree {
  const count = ballast ?? DEFAULT_BALLAST;
  return Object.fromEntries(
    Array.from({ length: count }, (_, i) => [`ballast/keep${String(i)}.txt`, `ballast number ${String(i)}`]),
  );
}

export function toWanted(tree: CaseTree, places: Places): Wanted {
  return new Map(Object.entries(tree).map(([path, value]) => [path, toPlanted(value, places)]));
}

function toPlanted(value: z.infer<typeof valueSchema>, places: Places): Planted {
  if (typeof value === "string") return { node: { kind: "file", content: value }, when: undefined };
  if ("dir" in value) return { node: { kind: "folder" }, when: undefined };
  if ("link" in value)
    return { node: { kind: "link", target: value.link.replace("{outside}", places.outside) }, when: undefined };
  return { node: { kind: "file", content: value.content }, when: value.mtime };
}

/** Plants the agreed trees; the caller then runs the program on them. */
export async function plantBase(reconcile: ReconcileCase, places: Places): Promise<void> {
  const base = toWanted({ ...reconcile.base, ...ballastOf(reconcile) }, places);
  const start = Math.floor(Date.now() / 1000) - 30 * DAY;
  for (const root of [places.local, places.remote]) {
    for (const [i, [path, { node }]] of [...base].entries()) await plant(root, path, node, start + i);
  }
}

/** Makes the edits of both sides, the way a person would: renames stay renames. */
export async function edit(reconcile: ReconcileCase, places: Places): Promise<void> {
  const clock = createClock(reconcile.newer);
  const before = toWanted(reconcile.base === null ? {} : { ...reconcile.base, ...ballastOf(reconcile) }, places);
  for (const side of ["local", "remote"] as const) {
    const after = toWanted({ ...reconcile[side], ...ballastOf(reconcile) }, places);
    await editSide({ root: places[side], hold: join(dirname(places.local), "hold") }, before, after, (when) =>
      clock(side, when),
    );
  }
}

async function editSide(
  { root, hold }: { readonly root: string; readonly hold: string },
  before: Wanted,
  after: Wanted,
  date: (when: Planted["when"]) => number,
): Promise<void> {
  const held = await holdRenamed({ root, hold }, before, after);
  const gone = [...before].filter(
    ([path, { node }]) => !isSameKind(after.get(path)?.node, node) && !held.gone.has(path),
  );
  for (const [path, { node }] of gone.filter(([, { node }]) => node.kind !== "folder")) await remove(root, path, node);
  await removeEmptied(root, before, after);
  for (const [path, { node, when }] of [...after].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const slot = held.slots.get(path);
    if (slot !== undefined) {
      await mkdir(dirname(join(root, path)), { recursive: true });
      await rename(slot, join(root, path));
    } else await editPath(root, path, { was: before.get(path)?.node, node, when }, date);
  }
  await rm(hold, { recursive: true, force: true });
}

/** A new path with the content of one that is gone was renamed. */
async function holdRenamed({ root, hold }: { root: string; hold: string }, before: Wanted, after: Wanted) {
  const slots = new Map<string, string>();
  const gone = new Set<string>();
  await mkdir(hold, { recursive: true });
  for (const [path, { node, when }] of after) {
    if (node.kind !== "file" || when !== undefined || before.get(path)?.node.kind === "file") continue;
    for (const [old, was] of before) {
      const isGone = after.get(old)?.node.kind !== "file" && !gone.has(old);
      if (was.node.kind !== "file" || !isGone || was.node.content !== node.content) continue;
      const slot = join(hold, String(slots.size));
      await rename(join(root, old), slot);
      slots.set(path, slot);
      gone.add(old);
      break;
    }
  }
  return { slots, gone };
}

async function removeEmptied(root: string, before: Wanted, after: Wanted): Promise<void> {
  const folders = foldersOf(before);
  const kept = foldersOf(after);
  for (const folder of [...folders].sort((a, b) => b.length - a.length)) {
    if (!kept.has(folder)) await remove(root, folder, { kind: "folder" });
  }
}

function foldersOf(tree: ReadonlyMap<string, { readonly node: Node }>): Set<string> {
  const folders = new Set<string>();
  for (const [path, { node }] of tree) {
    const parts = path.split("/");
    for (let i = 1; i < parts.length; i++) folders.add(parts.slice(0, i).join("/"));
    if (node.kind === "folder") folders.add(path);
  }
  return folders;
}

function isSameKind(a: Node | undefined, b: Node): boolean {
  return a?.kind === b.kind && !(a.kind === "link" && b.kind === "link" && a.target !== b.target);
}

async function editPath(
  root: string,
  path: string,
  { was, node, when }: { readonly was: Node | undefined; readonly node: Node; readonly when: Planted["when"] },
  date: (when: Planted["when"]) => number,
): Promise<void> {
  if (was?.kind === "link" && node.kind === "link" && was.target === node.target) return;
  if (node.kind !== "file" || was?.kind !== "file") {
    await plant(root, path, node, date(when));
    return;
  }
  const isSame = was.content === node.content;
  if (isSame && when === undefined) return;
  const absolute = join(root, path);
  const seconds = when === "same" ? (await stat(absolute)).mtimeMs / 1000 : date(when);
  if (!isSame) await writeFile(absolute, node.content);
  await utimes(absolute, seconds, seconds);
}

/** What does not fit the outcome, as sentences; none when it is met. */
export function judge(
  outcome: Outcome,
  places: Places,
  seen: { readonly local: Reading; readonly remote: Reading },
  extra: CaseTree,
): string[] {
  const wrong: string[] = [];
  const survive = new Set(outcome.survive ?? []);
  const allowed = new Set([...survive, ...(outcome.may_keep ?? [])]);
  const kept = [seen.local, seen.remote].flatMap(({ tree, trashed }) => [...contentsOf(tree), ...trashed]);
  const must = new Set(survive);
  for (const side of ["local", "remote"] as const) {
    const want = toWanted({ ...outcome[side], ...extra }, places);
    for (const { node } of want.values()) if (node.kind === "file") must.add(node.content);
    wrong.push(...judgeSide(side, { want, got: seen[side].tree, allowed, open: outcome.conflicts ?? [] }));
  }
  for (const content of must) {
    if (content !== "" && !kept.includes(content))
      wrong.push(`LOST: content ${JSON.stringify(content.slice(0, 40))} is nowhere`);
  }
  return wrong;
}

function contentsOf(tree: Reading["tree"]): string[] {
  return [...tree.values()].flatMap((node) => (node.kind === "file" ? [node.content] : []));
}

interface SideToJudge {
  readonly want: Wanted;
  readonly got: Reading["tree"];
  readonly allowed: ReadonlySet<string>;
  /** Paths whose presence and content are left open. */
  readonly open: readonly string[];
}

function judgeSide(side: string, { want, got, allowed, open }: SideToJudge): string[] {
  const wrong: string[] = [];
  for (const [path, { node }] of want) {
    const found = got.get(path);
    if (JSON.stringify(found) !== JSON.stringify(node))
      wrong.push(`${side}: ${path} is ${JSON.stringify(found)}, not ${JSON.stringify(node)}`);
  }
  const folders = foldersOf(want);
  const extras = [...got].filter(
    ([path, node]) => node.kind === "file" && !want.has(path) && allowed.has(node.content),
  );
  for (const folder of foldersOf(new Map(extras.map(([path, node]) => [path, { node }])))) folders.add(folder);
  for (const [path, node] of got) {
    if (want.has(path)) continue;
    if (node.kind === "folder" ? isFolderFine(path, folders, open) : isExtraFine(path, node, allowed, open)) continue;
    wrong.push(`${side}: ${path} (${JSON.stringify(node)}) should not be there`);
  }
  return wrong;
}

function isFolderFine(path: string, folders: ReadonlySet<string>, open: readonly string[]): boolean {
  return (
    folders.has(path) ||
    open.some((place) => place === path || place.startsWith(`${path}/`) || path.startsWith(`${place}/`))
  );
}

function isExtraFine(path: string, node: Node, allowed: ReadonlySet<string>, open: readonly string[]): boolean {
  return node.kind === "file" ? allowed.has(node.content) : open.includes(path);
}
