import { randomBytes } from "node:crypto";
import type { FolderContext } from "./folder-context.js";

/** What a job remembers from run to run. */
interface Memory {
  get(name: string): string | undefined;
  set(name: string, value: string): void;
}

const OWNER = "temporary-files";

/** By this a job tells its temporary files from those of other jobs and machines that share the folder. */
export function rememberOwner(memory: Memory): string {
  const known = memory.get(OWNER);
  if (known !== undefined) return known;
  const owner = randomBytes(6).toString("hex");
  memory.set(OWNER, owner);
  return owner;
}

/** The name of a temporary file of this job. */
export function temporaryName({ owner }: Pick<FolderContext, "owner">, name: string): string {
  return prefixOf(owner) + name;
}

/** Whether a temporary file is of this job, of which only one run is at work at a time. Without an owner every file is. */
export function isOurs({ owner }: Pick<FolderContext, "owner">, name: string): boolean {
  return name.startsWith(prefixOf(owner));
}

function prefixOf(owner: string | undefined): string {
  return owner === undefined ? "" : `${owner}-`;
}
