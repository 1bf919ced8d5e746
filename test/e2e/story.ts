import { mkdir, readdir, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { expect } from "vitest";
import type { CloudAccount, Environment } from "./cloud-account.js";
import { readTree } from "./disk-tree.js";
import { inTemporaryDirectory, trisync } from "./executable.js";
import type { Ran } from "./executable.js";
import { Job } from "./job.js";

/** Texts by relative path, null for folders; folders that hold something need not be named. */
export type Texts = Readonly<Record<string, string | null>>;

let stories = 0;

/** Tells one story in a new folder here and a new one in the account, both holding `base` and in step. */
export async function inStory(
  account: CloudAccount,
  base: Texts,
  tell: (story: Story) => Promise<void>,
): Promise<void> {
  await inTemporaryDirectory(async (directory) => {
    stories += 1;
    const folder = `/Story ${String(stories)}`;
    const story = new Story(account, { directory, folder, env: await account.signIn() });
    await mkdir(story.local);
    for (const [path, text] of Object.entries(base)) await story.write(path, text);
    if (Object.keys(base).length > 0) await story.job.syncWell();
    await account.forgetRequests();
    await tell(story);
  });
}

/** One job between a folder here and one in the account, with what people do on either side. */
export class Story {
  readonly local: string;
  readonly job: Job;

  readonly directory: string;
  /** The folder in the account, as "/Story 1". */
  readonly folder: string;

  constructor(
    readonly account: CloudAccount,
    { directory, folder, env }: { readonly directory: string; readonly folder: string; readonly env: Environment },
  ) {
    this.directory = directory;
    this.folder = folder;
    this.local = join(directory, "local");
    this.job = new Job({ local: this.local, remote: account.url(folder), state: join(directory, "state"), env });
  }

  /** Writes here: a text, or with null a folder. */
  async write(path: string, text: string | null): Promise<void> {
    const absolute = join(this.local, path);
    await mkdir(text === null ? absolute : dirname(absolute), { recursive: true });
    if (text !== null) await writeFile(absolute, text);
  }

  async move(from: string, to: string): Promise<void> {
    await mkdir(dirname(join(this.local, to)), { recursive: true });
    await rename(join(this.local, from), join(this.local, to));
  }

  async delete(path: string): Promise<void> {
    await rm(join(this.local, path), { recursive: true });
  }

  /** Writes there: a text, or with null a folder. */
  async writeThere(path: string, text: string | null): Promise<void> {
    await (text === null ? this.account.mkdir(this.there(path)) : this.account.write(this.there(path), text));
  }

  async moveThere(from: string, to: string): Promise<void> {
    await this.account.move(this.there(from), this.there(to));
  }

  async deleteThere(path: string): Promise<void> {
    await this.account.delete(this.there(path));
  }

  /** The path in the account. */
  there(path: string): string {
    return `${this.folder}/${path}`;
  }

  async textsHere(): Promise<Texts> {
    const { tree } = await readTree(this.local);
    const texts = [...tree].map(([path, node]) => [path, node.kind === "file" ? node.content : null] as const);
    return inOrder(texts);
  }

  async textsThere(): Promise<Texts> {
    return inOrder(Object.entries(await this.account.texts(this.folder)));
  }

  async textsInTrash(): Promise<readonly string[]> {
    return (await readTree(this.local)).trashed;
  }

  /** Expects exactly this on both sides. */
  async expectBoth(wanted: Texts): Promise<void> {
    const all = withFolders(wanted);
    expect(await this.textsHere(), "here").toEqual(all);
    expect(await this.textsThere(), "there").toEqual(all);
  }

  /** Expects the same on both sides, and returns it. */
  async expectSame(): Promise<Texts> {
    const here = await this.textsHere();
    expect(await this.textsThere(), "there as here").toEqual(here);
    return here;
  }

  restore(args: readonly string[]): Promise<Ran> {
    return trisync(["restore", ...args, "--local", this.local, "--state", this.job.places.state]);
  }

  /** Names as the disk has them. */
  async namesHere(folder = ""): Promise<readonly string[]> {
    return (await readdir(join(this.local, folder))).filter((name) => name !== ".trisync").sort();
  }
}

function withFolders(texts: Texts): Texts {
  const folders = Object.keys(texts).flatMap((path) => {
    const parts = path.split("/");
    return parts.slice(1).map((_, i) => [parts.slice(0, i + 1).join("/"), null] as const);
  });
  return inOrder([...folders, ...Object.entries(texts)]);
}

function inOrder(entries: readonly (readonly [string, string | null])[]): Texts {
  return Object.fromEntries([...entries].sort(([a], [b]) => (a < b ? -1 : 1)));
}
