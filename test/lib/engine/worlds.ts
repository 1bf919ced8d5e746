import type { Action } from "../../../lib/model/action.js";
import type { BaseEntry, LocalEntry, Problem, RemoteEntry } from "../../../lib/model/entry.js";
import type { ContentHash } from "../../../lib/model/hash.js";
import type { ConflictRule, Mode } from "../../../lib/model/mode.js";
import { compareKeys, toPathKey, toSyncPath } from "../../../lib/model/path.js";
import type { PathKey, SyncPath } from "../../../lib/model/path.js";
import { joinByKey } from "../../../lib/engine/join.js";
import { planPaths } from "../../../lib/engine/plan.js";
import { resolveTriples } from "../../../lib/engine/resolve.js";
import { STAGE_ORDER } from "../../../lib/engine/stages.js";
import type { Stage } from "../../../lib/engine/stages.js";
import { toTriples } from "../../../lib/engine/triple.js";
import type { MirrorEntry, Row } from "../../../lib/state/types.js";

/** One side: paths with their content; a path that ends in "/" is a folder. Parents are implied. */
export type Tree = Readonly<Record<string, string>>;

export interface WorldOfThree {
  readonly base?: Tree | undefined;
  readonly local: Tree;
  readonly remote: Tree;
}

export interface PlanSettings {
  readonly mode?: Mode;
  readonly conflictRule?: ConflictRule;
  readonly foldCase?: boolean;
  readonly placed?: "local" | "remote" | "neither";
  /** Hashes are not listed remotely, and stamps never match: everything has to be asked for. */
  readonly blind?: boolean;
  readonly hashIsProof?: boolean;
  readonly hasFolders?: boolean;
  readonly canOverwrite?: boolean;
  readonly unknownLocal?: readonly string[];
  readonly unknownRemote?: readonly string[];
  readonly ignored?: readonly string[];
  readonly refused?: readonly string[];
}

export interface Planned {
  readonly steps: readonly { readonly stage: Stage; readonly key: PathKey; readonly action: Action }[];
  /** "upload a", in stage and key order. */
  readonly words: readonly string[];
  readonly problems: readonly Problem[];
  readonly unchanged: number;
  readonly asked: number;
}

/** Plans a made-up world without any disk or service. */
export async function planWorld(world: WorldOfThree, settings: PlanSettings = {}): Promise<Planned> {
  const steps: { stage: Stage; key: PathKey; action: Action }[] = [];
  const problems: Problem[] = [];
  let asked = 0;
  const fold = settings.foldCase ?? false;
  const groups = joinByKey({
    base: rows(world.base ?? {}, fold, (path, content) => baseEntry(path, content, settings)),
    local: rows(world.local, fold, (path, content) => localEntry(path, content, settings.blind === true ? "now" : "")),
    remote: rows<MirrorEntry>(world.remote, fold, (path, content) =>
      remoteEntry(path, content, settings.blind === true),
    ),
  });
  const triples = toTriples(groups, {
    filter: { includes: (path) => settings.ignored?.includes(path) !== true },
    maxSizeBytes: undefined,
    isUnknown: (side, path) =>
      ((side === "local" ? settings.unknownLocal : settings.unknownRemote) ?? []).includes(path),
    report: (problem) => problems.push(problem),
  });
  const mode = settings.mode ?? "two-way";
  const windows = resolveTriples(
    triples,
    { mode, rehash: false, hashIsProof: settings.hashIsProof ?? true },
    async (question, _triple, sides) => {
      asked += 1;
      const side = question === "local-hash" ? world.local : world.remote;
      const path = question === "local-hash" ? sides.local?.path : sides.remote?.path;
      return Promise.resolve(hashOf(side[path ?? ""] ?? ""));
    },
  );
  const options = {
    mode,
    conflictRule: settings.conflictRule ?? ("keep-both" as const),
    canMove: true,
    canDelete: true,
    canDownload: true,
    canOverwrite: settings.canOverwrite ?? true,
    hasFolders: settings.hasFolders ?? true,
    emptyFolders: true,
    refusal: (path: SyncPath) => (settings.refused?.includes(path) === true ? "refused" : undefined),
  };
  const { unchanged } = await planPaths(windows, options, (stage, key, action) => steps.push({ stage, key, action }));
  steps.sort((a, b) => placeOf(a.stage) - placeOf(b.stage) || direction(a.stage) * compareKeys(a.key, b.key));
  return { steps, problems, unchanged, asked, words: steps.map(({ action }) => wordsFor(action)) };
}

function placeOf(stage: Stage): number {
  return STAGE_ORDER.findIndex((entry) => entry.stage === stage);
}

function direction(stage: Stage): number {
  return STAGE_ORDER.find((entry) => entry.stage === stage)?.order === "descending" ? -1 : 1;
}

function wordsFor(action: Action): string {
  const from = action.kind === "move-local" || action.kind === "move-remote" ? `${action.from} -> ` : "";
  return `${action.kind} ${from}${action.path}`;
}

function hashOf(content: string): ContentHash {
  return `sha256:${content}`;
}

function rows<T extends { readonly path: SyncPath }>(
  tree: Tree,
  foldCase: boolean,
  make: (path: SyncPath, content: string | undefined) => T,
): Row<T>[] {
  const entries = new Map<string, string | undefined>();
  for (const [name, content] of Object.entries(tree)) {
    const path = name.replace(/\/$/, "");
    const parts = path.split("/");
    for (let i = 1; i < parts.length; i++) entries.set(parts.slice(0, i).join("/"), undefined);
    if (!entries.has(path) || !name.endsWith("/")) entries.set(path, name.endsWith("/") ? undefined : content);
  }
  return [...entries]
    .map(([path, content]) => ({ key: toPathKey(toSyncPath(path), foldCase), entry: make(toSyncPath(path), content) }))
    .sort((a, b) => compareKeys(a.key, b.key) || compareKeys(a.entry.path, b.entry.path));
}

function localEntry(path: SyncPath, content: string | undefined, salt: string): LocalEntry {
  if (content === undefined) return { kind: "folder", path, inode: `d:${path}` };
  const stamp = salt === "now" ? "" : `${path}=${content}`;
  return {
    kind: "file",
    path,
    sizeBytes: content.length,
    modifiedMs: 1000 + content.length,
    inode: `i:${path}`,
    stamp,
  };
}

function remoteEntry(path: SyncPath, content: string | undefined, blind: boolean): RemoteEntry {
  if (content === undefined) return { kind: "folder", path, id: `d:${path}` };
  const hash = blind ? undefined : hashOf(content);
  const version = blind ? undefined : `v:${content}`;
  return { kind: "file", path, id: `f:${path}`, version, sizeBytes: content.length, modifiedMs: 1000, hash };
}

function baseEntry(path: SyncPath, content: string | undefined, settings: PlanSettings): BaseEntry {
  const placed = settings.placed ?? "neither";
  if (content === undefined) {
    return { kind: "folder", path, remotePath: path, inode: `d:${path}`, remoteId: `d:${path}`, placed };
  }
  const hash = hashOf(content);
  const local = {
    sizeBytes: content.length,
    modifiedMs: 1000 + content.length,
    inode: `i:${path}`,
    stamp: `${path}=${content}`,
    hash,
  };
  const remote = { id: `f:${path}`, version: `v:${content}`, sizeBytes: content.length, modifiedMs: 1000, hash };
  return { kind: "file", path, remotePath: path, local, remote, placed };
}
