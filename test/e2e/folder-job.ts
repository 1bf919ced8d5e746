import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { expect } from "vitest";
import { plant, readTree } from "./disk-tree.js";
import { inTemporaryDirectory } from "./executable.js";
import type { Ran } from "./executable.js";
import { Job } from "./job.js";

/** Texts of files by path; null for folders, and "-> target" for links. */
export type Texts = Readonly<Record<string, string | null>>;

/** A job between two folders, in a directory of its own. */
export interface FolderJob {
  readonly directory: string;
  readonly local: string;
  readonly remote: string;
  readonly state: string;
  readonly job: Job;
}

/** Both sides hold these files, and an unchanged run has agreed on them unless `isNew`. */
export async function withFolderJob(
  files: Texts,
  use: (at: FolderJob) => Promise<void>,
  { isNew = false }: { readonly isNew?: boolean } = {},
): Promise<void> {
  await inTemporaryDirectory(async (directory) => {
    const [local, remote, state] = [join(directory, "local"), join(directory, "remote"), join(directory, "state")];
    const job = new Job({ local, remote: `folder:${remote}`, state });
    await mkdir(remote);
    await mkdir(local);
    await write(local, files);
    if (!isNew) await job.syncWell();
    await use({ directory, local, remote, state, job });
  });
}

export async function write(root: string, files: Texts): Promise<void> {
  for (const [path, content] of Object.entries(files)) {
    if (content === null) {
      await mkdir(join(root, path), { recursive: true });
      continue;
    }
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), content);
  }
}

/** What stands below the root, without what trisync keeps for itself. */
export async function textsIn(root: string): Promise<Texts> {
  const { tree } = await readTree(root);
  const texts = [...tree].map(([path, node]) => {
    const text = node.kind === "file" ? node.content : node.kind === "link" ? `-> ${node.target}` : null;
    return [path, text] as const;
  });
  return Object.fromEntries(texts.sort(([a], [b]) => (a < b ? -1 : 1)));
}

export async function link(root: string, path: string, target: string): Promise<void> {
  await plant(root, path, { kind: "link", target }, 0);
}

/** The run ended so, its messages say all of this, it is no bug, and it has shown no secret. */
export function expectEnd(
  ran: Pick<Ran, "code" | "stdout" | "stderr"> & Partial<Pick<Ran, "signal">>,
  code: number,
  says: readonly (string | RegExp)[],
  secrets: readonly string[] = [],
): void {
  const shown = `${ran.stdout}\n${ran.stderr}`;
  expect(ran.code, `${shown}\n${ran.signal ?? ""}`).toBe(code);
  for (const part of says) expect(ran.stderr).toMatch(part);
  expect(shown).not.toMatch(/this is a bug|\n {4}at /);
  for (const secret of secrets) expect(shown).not.toContain(secret);
}
