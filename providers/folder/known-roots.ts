import type { ProviderContext } from "../context.js";

type ProviderMemory = ProviderContext["memory"];

/** What a root shows of itself. */
export interface Signs {
  /** "device:inode" */
  readonly inode: string;
  /** Undefined when nothing was ever written there. */
  readonly marker: string | undefined;
}

/**
 * The name under which this job knows the root. The rules:
 * - A marker decides alone: inodes repeat (every disk's top folder has the same one), markers do not.
 * - A marker never seen before belongs to the root known by this inode, if that one had none: another machine wrote it.
 * - Without a marker the inode decides, unless the root known by it had a marker: then this is another disk in its
 *   place, or somebody removed the marker, and nobody can tell which.
 */
export function recallRoot(memory: ProviderMemory, { inode, marker }: Signs): string {
  const byMarker = marker === undefined ? undefined : memory.get(MARKER + marker);
  const known = byMarker ?? memory.get(INODE + inode);
  if (known !== undefined) return known;
  return marker === undefined ? freeName(memory, `inode:${inode}`) : `marker:${marker}`;
}

/** Keeps what the root is called, so that its name stays the same once it has a marker. */
export function rememberRoot(memory: ProviderMemory, { inode, marker }: Signs, name: string): void {
  put(memory, marker === undefined ? INODE + inode : MARKER + marker, name);
  if (marker !== undefined && memory.get(INODE + inode) === name) memory.set(INODE + inode, undefined);
}

/** Before a marker is written, which may happen just when the machine dies. */
export function announceMarker(memory: ProviderMemory, marker: string, name: string): void {
  put(memory, MARKER + marker, name);
}

/** What all names in the memory begin with. */
export const ROOT_MEMORY = "root-";

const MARKER = `${ROOT_MEMORY}marker:`;
const INODE = `${ROOT_MEMORY}inode:`;

/** A root that once had a marker keeps its name for itself. */
function freeName(memory: ProviderMemory, wanted: string): string {
  const taken = new Set(memory.entries(MARKER).map(([, name]) => name));
  let name = wanted;
  for (let i = 2; taken.has(name); i++) name = `${wanted}#${i}`;
  return name;
}

function put(memory: ProviderMemory, key: string, value: string): void {
  if (memory.get(key) !== value) memory.set(key, value);
}
