import { expect } from "vitest";
import { createHasher } from "../../lib/hash/hasher.js";
import type { Side } from "../../lib/model/entry.js";
import { algorithmsOf, type ContentHash } from "../../lib/model/hash.js";
import type { Mode } from "../../lib/model/mode.js";
import type { Ran, Tree } from "./machine.js";
import { lookAt } from "./whole.js";
import type { Sides, Whole } from "./whole.js";

/*
 * What must be true of a simulated whole at a given moment, promise by promise. Every function names the moment in its message, so
 * that a failure can be run again.
 */

/** P1: whatever was there when the run began is at its place, in a conflict copy, in a trash or in the archive, on some side. */
export function assertNothingLost(whole: Whole, when: string): void {
  const { machine, cloud, start, destroyed, added } = whole;
  const { visible, trash, archive } = machine.look();
  const trashed = cloud.trash.map(({ content }) => content);
  const kept = new Set([
    ...contents(visible),
    ...contents(trash),
    ...contents(archive),
    ...contents(cloud.tree()),
    ...trashed,
  ]);
  const lost = [...contents(start.local), ...contents(start.remote), ...added].filter(
    (content) => !kept.has(content) && !destroyed.has(content),
  );
  expect(lost.map(shorten), `lost, ${when}`).toEqual([]);
}

/** P1 and P4: in `two-way` every edit is seen by everybody, and so is what nobody deleted. */
function assertEverythingShows(whole: Whole, when: string): void {
  const { synced, start, destroyed, added } = whole;
  const end = contents(lookAt(whole).local);
  const known = count([...contents(synced.local)]);
  const onlyRemote = contents(start.remote);
  const wanted = [...contents(start.local), ...onlyRemote, ...added].filter((content) => {
    if (destroyed.has(content)) return false;
    const isNew = !known.has(content);
    return (
      isNew || (known.get(content) === 1 && contents(start.local).includes(content) && onlyRemote.includes(content))
    );
  });
  const missing = wanted.filter((content) => !end.includes(content));
  expect(missing.map(shorten), `not shown any more, ${when}`).toEqual([]);
}

/**
 * P2: each file is whole, and a path that holds a file before and after is never without one. Looks at both sides; `final` is
 * what an undisturbed run makes of them, undefined when there is none to compare with.
 */
export function assertOldOrNew(whole: Whole, final: { local: Tree; remote: Tree } | undefined, when: string): void {
  const { start, synced, added, spoiled } = whole;
  const now = lookAt(whole);
  const known = new Set([
    ...[start, synced].flatMap(({ local, remote }) => [...contents(local), ...contents(remote)]),
    ...added,
    ...spoiled,
  ]);
  for (const side of ["local", "remote"] as const) {
    const torn = files(now[side]).filter(([, content]) => !known.has(content));
    expect(
      torn.map(([path, content]) => `${path}: ${shorten(content)}`),
      `neither old nor new, ${when}`,
    ).toEqual([]);
    if (final === undefined) continue;
    for (const [path, content] of files(start[side])) {
      const after = final[side][path];
      if (after === undefined) continue;
      expect(now[side][path], `${side} ${path} is gone, ${when}`).toBeDefined();
      if (after === content)
        expect(shorten(now[side][path] ?? ""), `${side} ${path} changed for a moment, ${when}`).toBe(shorten(content));
    }
  }
}

interface BaseRow {
  readonly hash: ContentHash;
  readonly version: string | undefined;
  readonly path: string;
  readonly remotePath: string;
}

/** Files of the base by key, for comparing. */
export type BaseRows = ReadonlyMap<string, BaseRow>;

export function readBase({ machine }: Whole): BaseRows {
  return machine.readState(({ base }) => {
    const rows = new Map<string, BaseRow>();
    for (const { key, entry } of base.rows()) {
      if (entry.kind !== "file") continue;
      const { path, remotePath, local, remote } = entry;
      rows.set(key, { hash: local.hash, version: remote.version, path, remotePath });
    }
    return rows;
  });
}

/** P3: what the base learned in this run is so, on both sides. Only while nobody else edits. */
export function assertHonestBase(whole: Whole, before: BaseRows, when: string): void {
  const { local } = lookAt(whole);
  const old = new Set([...before.values()].map(({ hash, version }) => `${hash} ${version ?? ""}`));
  const lies: string[] = [];
  for (const { hash, version, path, remotePath } of readBase(whole).values()) {
    if (old.has(`${hash} ${version ?? ""}`)) continue;
    const here = findFile(local, path, isFolded(whole));
    const there = whole.cloud.get(remotePath);
    if (here === undefined || hashLike(hash, here) !== hash) lies.push(`${path} is not here as the base says`);
    if (there?.kind !== "file" || there.version !== version) lies.push(`${remotePath} is not there as the base says`);
  }
  expect(lies, `the base says what is not so, ${when}`).toEqual([]);
}

/** P3: nothing that was finished is sent or fetched a second time. */
export function assertNothingRepeated(runs: readonly Ran[], when: string): void {
  const sent = count(runs.flatMap(({ stored }) => stored.map(({ path, content }) => `upload ${path} ${content}`)));
  const finished = runs.flatMap(({ outcomes }) =>
    outcomes.flatMap(({ action, status }) =>
      action.kind === "download" && status === "done"
        ? [`download ${action.path} ${String(action.remote.version)}`]
        : [],
    ),
  );
  const twice = [...sent, ...count(finished)].filter(([, times]) => times > 1).map(([what]) => shorten(what));
  expect(twice, `done twice, ${when}`).toEqual([]);
}

/** P8: nothing is touched on either side, and nothing is to be done. */
export function assertIdle(whole: Whole, ran: Ran, when: string): void {
  expect(doneBy(ran), `not idle, ${when}`).toEqual([]);
  expect(isInStep(whole, ran), `not in step, ${when}: ${ran.trace.join(", ")}`).toBe(true);
}

/** True when a run found nothing to do. */
export function isIdle(whole: Whole, ran: Ran): boolean {
  return isInStep(whole, ran) && doneBy(ran).length === 0;
}

function doneBy({ trace }: Ran): readonly string[] {
  return trace.filter((line) => /^(disk|cloud|outcome (done (?!record)|failed|changed))/.test(line));
}

/** A file that a one-way mode cannot bring over, because a folder has its name there, is named in every run. */
function isInStep({ setup }: Whole, ran: Ran): boolean {
  const isReported = setup.mode === "backup" || setup.mode === "fetch" || setup.mode === "outbox";
  return ran.isInStep || (isReported && ran.failure === undefined && ran.result?.refusal === undefined);
}

/** No temporary file stays, and none of ours was ever sent. */
export function assertTidy(whole: Whole, when: string): void {
  expect(whole.machine.look().temporary, `temporary files, ${when}`).toEqual([]);
  const sent = [...whole.cloud.trash.map(({ path }) => path), ...Object.keys(whole.cloud.tree())];
  expect(
    sent.filter((path) => /\.trisync|\.part|\.copy/.test(path)),
    `our own files in the cloud, ${when}`,
  ).toEqual([]);
}

/** What the mode promises of both sides once it is in step. */
export function assertAgreed(whole: Whole, when: string): void {
  AGREEMENTS[whole.setup.mode ?? "two-way"](whole, when);
}

const AGREEMENTS: Record<Mode, (whole: Whole, when: string) => void> = {
  "two-way": (whole, when) => {
    assertEqualSides(whole, when);
    if ((whole.setup.conflict ?? "keep-both") === "keep-both") assertEverythingShows(whole, when);
  },
  mirror: (whole, when) => {
    assertEqualSides(whole, when);
    assertSourceUntouched(whole, "local", when);
  },
  "mirror-down": (whole, when) => {
    assertEqualSides(whole, when);
    assertSourceUntouched(whole, "remote", when);
  },
  backup: (whole, when) => assertCopied(whole, { source: "local", target: "remote" }, when),
  fetch: (whole, when) => assertCopied(whole, { source: "remote", target: "local" }, when),
  outbox: assertSentAndArchived,
};

function assertEqualSides(whole: Whole, when: string): void {
  const { local, remote } = folded(whole, lookAt(whole));
  expect(differences(local, remote), `the sides differ, ${when}`).toEqual([]);
}

/** Where case does not matter, two people's different spellings of one name both stay. */
function folded(whole: Whole, { local, remote }: Sides): Sides {
  if (!isFolded(whole)) return { local, remote };
  const fold = (tree: Tree): Tree =>
    Object.fromEntries(Object.entries(tree).map(([path, content]) => [path.toLowerCase(), content]));
  return { local: fold(local), remote: fold(remote) };
}

function isFolded({ setup }: Whole): boolean {
  return setup.ignoresCase !== undefined && setup.ignoresCase !== false;
}

function differences(one: Tree, other: Tree): string[] {
  const paths = [...new Set([...Object.keys(one), ...Object.keys(other)])].filter((path) => one[path] !== other[path]);
  return paths.map((path) => `${path}: ${show(one[path])} | ${show(other[path])}`);
}

function show(content: string | undefined): string {
  return content === undefined ? "nothing" : content === "" ? "there" : shorten(content);
}

/** At every instant, also while the run is at work. */
export function assertSourceUntouched(whole: Whole, source: Side, when: string): void {
  expect(differences(lookAt(whole)[source], whole.start[source]), `the ${source} side is the source, ${when}`).toEqual(
    [],
  );
}

/** Everything new or changed on the source is on the target; what only the target changed is left alone. */
function assertCopied(whole: Whole, sides: { source: Side; target: Side }, when: string): void {
  const { source, target } = sides;
  assertSourceUntouched(whole, source, when);
  const [start, synced] = [folded(whole, whole.start), folded(whole, whole.synced)];
  const end = folded(whole, lookAt(whole))[target];
  const wrong: string[] = [];
  const compare = (path: string, wanted: string): void => {
    const there = end[path];
    if (there !== wanted && !whole.touched.has(path)) wrong.push(`${path}: ${show(there)} instead of ${show(wanted)}`);
  };
  for (const [path, content] of files(start[source])) {
    if (isBlocked(path, start[target]) || isBlocked(path, end)) continue;
    const isChanged = synced[source][path] !== content;
    const wanted = isChanged ? content : start[target][path];
    // What was deleted on the target stays deleted.
    if (wanted !== undefined) compare(path, wanted);
  }
  for (const [path, content] of files(start[target])) {
    if (start[source][path] === undefined && !isBlocked(path, start[source])) compare(path, content);
  }
  expect(wrong, `the ${target} side, ${when}`).toEqual([]);
}

function assertSentAndArchived(whole: Whole, when: string): void {
  const { start, machine, destroyed } = whole;
  const { visible, archive } = machine.look();
  const { remote } = lookAt(whole);
  const waiting = files(visible).filter(([path]) => !isBlocked(path, remote));
  expect(waiting, `still in the outbox, ${when}`).toEqual([]);
  const [sent, stored, left] = [contents(remote), contents(archive), contents(visible)];
  for (const content of contents(start.local)) {
    if (left.includes(content)) continue;
    expect(stored.includes(content), `${shorten(content)} is archived, ${when}`).toBe(true);
    expect(sent.includes(content) || destroyed.has(content), `${shorten(content)} is sent, ${when}`).toBe(true);
  }
  // Nothing there is ever replaced.
  for (const content of contents(start.remote)) {
    expect(sent.includes(content) || destroyed.has(content), `${shorten(content)} is still there, ${when}`).toBe(true);
  }
}

/** A file stands where the other side has a folder, or the reverse, at the path or above it. */
function isBlocked(path: string, other: Tree): boolean {
  if (other[`${path}/`] !== undefined) return true;
  for (let at = path.indexOf("/"); at !== -1; at = path.indexOf("/", at + 1))
    if (other[path.slice(0, at)] !== undefined) return true;
  return false;
}

function findFile(tree: Tree, path: string, ignoresCase: boolean): string | undefined {
  if (!ignoresCase) return tree[path];
  return Object.entries(tree).find(([name]) => name.toLowerCase() === path.toLowerCase())?.[1];
}

function files(tree: Tree): (readonly [path: string, content: string])[] {
  return Object.entries(tree).filter(([path]) => !path.endsWith("/"));
}

function contents(tree: Readonly<Tree>): string[] {
  return files(tree).map(([, content]) => content);
}

function count(items: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const item of items) counts.set(item, (counts.get(item) ?? 0) + 1);
  return counts;
}

function shorten(content: string): string {
  return content.length <= 40
    ? content
    : `${content.slice(0, 12)}… (${content.length} characters, ends in ${content.slice(-4)})`;
}

function hashLike(hash: ContentHash, content: string): ContentHash {
  const [first = "sha256", ...others] = algorithmsOf(hash);
  const hasher = createHasher(first, ...others);
  hasher.update(Buffer.from(content));
  return hasher.digest();
}
