import { execFile } from "node:child_process";
import { createServer } from "node:net";
import { appendFile, mkdir, readdir, rename, rm, unlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import * as z from "zod";
import { rowsTried } from "./effort.js";
import { useDropbox } from "./dropbox-account.js";
import type { DropboxAccount } from "./dropbox-account.js";
import { expectEnd, link, textsIn, withFolderJob, write } from "./folder-job.js";
import { inTemporaryDirectory } from "./executable.js";
import { Job } from "./job.js";

const run = promisify(execFile);
const account = useDropbox();

/** Names that every disk of Unix takes, however odd. */
const ODD = [
  "two\nlines",
  "dot.",
  "space ",
  " lead",
  "back\\slash",
  "bell\u0007",
  "red\u001b[31m",
  "x".repeat(255),
  "-rf",
  "~",
];

/** A name whose bytes are no UTF-8. */
const INVALID = Buffer.from([0x62, 0x61, 0x64, 0xff, 0xfe]);

describe("names that are hard to write", () => {
  test("go through a folder and back unharmed, and never reach the terminal as they are", async () => {
    const files = Object.fromEntries(ODD.map((name) => [name, name]));
    await withFolderJob(
      files,
      async ({ local, remote, job }) => {
        const finished = await job.syncWell(["-v"]);
        expect(finished.summary).toMatchObject({ uploaded: ODD.length, failed: 0, skipped: 0 });
        expect(finished.stdout + finished.stderr).not.toMatch(/\u0007|\u001b/);
        expect(await textsIn(remote)).toEqual(files);
        await write(remote, Object.fromEntries(ODD.map((name) => [name, "changed there"])));
        await job.syncWell();
        expect(await textsIn(local)).toEqual(await textsIn(remote));
        await job.syncNothing();
      },
      { isNew: true },
    );
  });

  test("but are no text are told in every run, and hold nothing else up", async () => {
    await withFolderJob({ "a.txt": "1", "docs/b.txt": "2" }, async ({ local, remote, job }) => {
      const bad = Buffer.concat([Buffer.from(`${local}/docs/`), INVALID]);
      await writeFile(bad, "precious");
      await write(local, { "docs/c.txt": "3" });
      for (let round = 1; round <= 2; round++) {
        const ran = await job.run("sync");
        expectEnd(ran, 3, [/docs\/bad.*not valid Unicode text; rename it/]);
        expect(ran.stderr.match(/not valid Unicode/g)).toHaveLength(1);
        expect(await textsIn(remote)).toEqual({ "a.txt": "1", docs: null, "docs/b.txt": "2", "docs/c.txt": "3" });
      }
      await rename(bad, join(local, "docs/good.txt"));
      await job.syncWell();
      expect(await textsIn(remote)).toMatchObject({ "docs/good.txt": "precious" });
    });
  });

  test("and are no text on the remote side are left alone there", async () => {
    await withFolderJob({ "a.txt": "1" }, async ({ local, remote, job }) => {
      const bad = Buffer.concat([Buffer.from(`${remote}/`), INVALID]);
      await writeFile(bad, "precious");
      await write(remote, { "b.txt": "2" });
      expectEnd(await job.run("sync"), 3, [/bad.*not valid Unicode text; rename it/]);
      expect(await textsIn(local)).toEqual({ "a.txt": "1", "b.txt": "2" });
      expect(await readdir(Buffer.from(remote), "buffer")).toContainEqual(INVALID);
      await unlink(bad);
      await job.syncNothing();
    });
  });

  test("and that Dropbox refuses are each reported once a run, with the reason; their neighbours go through", async () => {
    const refused = {
      "notes.": /ends in a dot/,
      "notes ": /ends in a space/,
      "back\\slash": /no backslash/,
      "Thumbs.db.": /ends in a dot/,
      "deep./inside.txt": /ends in a dot/,
    };
    const taken = { "two\nlines": "1", ["é".repeat(127)]: "2", ["x".repeat(255)]: "3", "plain.txt": "4" };
    await withDropboxJob("Refused", async ({ local, job, remote }) => {
      const texts = Object.fromEntries(Object.keys(refused).map((name) => [name, name]));
      await write(local, { ...texts, ...taken });
      for (let round = 1; round <= 2; round++) {
        const finished = await job.sync();
        expectEnd(finished, 3, []);
        expect(finished.summary).toMatchObject({ uploaded: round === 1 ? 4 : 0, failed: 0 });
        for (const [path, reason] of Object.entries(refused)) {
          const lines = finished.stderr.split("\n").filter((line) => line.includes(`trisync: ${path}: `));
          expect(lines, path).toHaveLength(1);
          expect(lines[0]).toMatch(reason);
        }
        expect(await account().texts(remote)).toEqual(taken);
      }
      expect(await textsIn(local), "nothing is lost").toMatchObject({ ...texts, ...taken });
      for (const name of ["notes.", "notes ", "back\\slash", "Thumbs.db."]) {
        await rename(join(local, name), join(local, `ok-${name.length.toString()}-${name.charCodeAt(4).toString()}`));
      }
      await rename(join(local, "deep."), join(local, "deep"));
      await job.syncWell();
      expect(await account().texts(remote)).toEqual(await textsIn(local));
    });
  });
});

describe("a rename to a name that Dropbox refuses", () => {
  test("of a file or a folder deletes nothing there", async () => {
    await withDropboxJob("Renamed", async ({ local, remote, job }) => {
      await write(local, { "a.txt": "1", "docs/b.txt": "2", "docs/c.txt": "3", "edited.txt": "4" });
      await job.syncWell();
      const there = await account().texts(remote);
      await rename(join(local, "a.txt"), join(local, "a."));
      await rename(join(local, "docs"), join(local, "docs."));
      await rename(join(local, "edited.txt"), join(local, "edited."));
      await appendFile(join(local, "edited."), " and more");
      await unlink(join(local, "docs./c.txt"));
      for (let round = 1; round <= 2; round++) {
        expectEnd(await job.sync(), 3, [
          /trisync: a\.: .*ends in a dot.*Rename it/,
          /trisync: docs\.: .*ends in a dot/,
          /trisync: edited\.: .*ends in a dot/,
        ]);
        expect(await account().texts(remote)).toEqual(there);
      }
      await rename(join(local, "a."), join(local, "new a.txt"));
      await rename(join(local, "docs."), join(local, "new docs"));
      await rename(join(local, "edited."), join(local, "edited.txt"));
      await job.syncWell();
      expect(await account().texts(remote)).toEqual({
        "edited.txt": "4 and more",
        "new a.txt": "1",
        "new docs": null,
        "new docs/b.txt": "2",
      });
      await job.syncNothing();
    });
  });
});

describe("two names that are one on the other side", () => {
  const pairs = [
    { title: "by case", names: ["Report.txt", "report.txt"] },
    { title: "by normalisation", names: ["caf\u00e9.txt", "cafe\u0301.txt"] },
  ] as const;

  test.each(rowsTried(pairs))(
    "on Dropbox, $title: one is synchronised, the other reported, neither lost",
    async ({ title, names }) => {
      await withDropboxJob(`Twins ${title}`, async ({ local, remote, job }) => {
        await write(local, { [names[0]]: "first", [names[1]]: "second", "other.txt": "3" });
        const before = await textsIn(local);
        const finished = await job.sync();
        expectEnd(finished, 3, [/rename one of them/]);
        const there = await account().texts(remote);
        expect(Object.keys(there)).toHaveLength(2);
        for (let round = 1; round <= 2; round++) {
          const again = await job.sync();
          expectEnd(again, 3, [/rename one of them/]);
          expect(again.outcomes, "nothing goes back and forth").toEqual([]);
          expect(await account().texts(remote)).toEqual(there);
          expect(await textsIn(local)).toEqual(before);
        }
        const [loser] = names.filter((name) => before[name] !== Object.values(there).find((text) => text !== "3"));
        await rename(join(local, loser ?? ""), join(local, "renamed.txt"));
        await job.syncWell();
        expect(Object.values(await account().texts(remote)).sort()).toEqual(["3", "first", "second"]);
        await job.syncNothing();
      });
    },
  );

  test("folders by case keep what is in both of them", async () => {
    await withDropboxJob("Twin folders", async ({ local, remote, job }) => {
      await write(local, { "Docs/a.txt": "1", "docs/b.txt": "2" });
      const before = await textsIn(local);
      expectEnd(await job.sync(), 3, [/rename one of them/]);
      const there = await account().texts(remote);
      const again = await job.sync();
      expectEnd(again, 3, [/rename one of them/]);
      expect(again.outcomes).toEqual([]);
      expect(await account().texts(remote)).toEqual(there);
      expect(await textsIn(local)).toEqual(before);
      await rename(join(local, "docs"), join(local, "others"));
      await job.syncWell();
      expect(Object.values(await account().texts(remote)).sort()).toEqual(["1", "2", null, null]);
    });
  });

  test("through a folder: case goes through, twins by normalisation are one name", async () => {
    await withFolderJob(
      { "Report.txt": "1", "report.txt": "2", "caf\u00e9.txt": "3", "cafe\u0301.txt": "4" },
      async ({ local, remote, job }) => {
        const before = await textsIn(local);
        for (let round = 1; round <= 2; round++) {
          expectEnd(await job.run("sync"), 3, [/two entries are named.*rename one of them/]);
          expect(await textsIn(remote)).toEqual({ "Report.txt": "1", "report.txt": "2", "caf\u00e9.txt": "3" });
          expect(await textsIn(local)).toEqual(before);
        }
        await rename(join(local, "cafe\u0301.txt"), join(local, "tea.txt"));
        await job.syncWell();
        expect(await textsIn(remote)).toMatchObject({ "caf\u00e9.txt": "3", "tea.txt": "4" });
      },
      { isNew: true },
    );
  });
});

describe("what is no file", () => {
  test("a pipe, a socket and links that lead in circles are left alone, and the run ends", async () => {
    await withFolderJob({ "a.txt": "1", "docs/b.txt": "2" }, async ({ directory, local, remote, job }) => {
      await run("mkfifo", [join(local, "pipe")]);
      const server = createServer().listen(join(local, "socket"));
      await write(directory, { "outside/secret.txt": "not ours" });
      await link(local, "loop", ".");
      await link(local, "docs/up", "..");
      await link(local, "ping", "pong");
      await link(local, "pong", "ping");
      await link(local, "outside", join(directory, "outside"));
      await link(local, "dangling", "nowhere");
      await write(local, { "c.txt": "3" });
      const before = await textsIn(local);
      try {
        const finished = await job.syncWell();
        expect(finished.summary).toMatchObject({ uploaded: 1, failed: 0 });
        const told = await job.run("sync", ["-v"]);
        for (const path of ["pipe", "socket", "loop", "docs/up", "ping", "outside", "dangling"]) {
          expect(told.stderr).toMatch(new RegExp(`^trisync: ${path}: `, "m"));
        }
        await job.syncNothing();
        expect(await textsIn(remote)).toEqual({ "a.txt": "1", "c.txt": "3", docs: null, "docs/b.txt": "2" });
        expect(await textsIn(local)).toEqual(before);
      } finally {
        server.close();
      }
    });
  });

  const impostors = [
    { title: "a pipe", make: (path: string) => run("mkfifo", [path]) },
    { title: "a link", make: (path: string) => link("/", path, "/etc/hostname") },
  ] as const;

  test.each(rowsTried(impostors))("$title in the place of a file does not pass for its deletion", async ({ make }) => {
    await withFolderJob({ "a.txt": "1", "b.txt": "2" }, async ({ local, remote, job }) => {
      await unlink(join(local, "a.txt"));
      await make(join(local, "a.txt"));
      for (let round = 1; round <= 2; round++) {
        expectEnd(await job.run("sync"), 3, [/a\.txt: .*Put a file or folder back, or leave the path out/]);
        expect(await textsIn(remote)).toEqual({ "a.txt": "1", "b.txt": "2" });
      }
      await unlink(join(local, "a.txt"));
      await write(local, { "a.txt": "new" });
      await job.syncWell();
      expect(await textsIn(remote)).toEqual({ "a.txt": "new", "b.txt": "2" });
    });
  });

  test("a link in the place of a folder does not pass for the deletion of what was in it", async () => {
    await withFolderJob({ "a.txt": "1", "d/b.txt": "2", "d/c.txt": "3" }, async ({ directory, local, remote, job }) => {
      await rename(join(local, "d"), join(directory, "moved out"));
      await link(local, "d", join(directory, "moved out"));
      expectEnd(await job.run("sync"), 3, [/trisync: d: /]);
      expect(await textsIn(remote)).toEqual({ "a.txt": "1", d: null, "d/b.txt": "2", "d/c.txt": "3" });
      await rm(join(local, "d"));
      await rename(join(directory, "moved out"), join(local, "d"));
      await job.syncNothing();
    });
  });
});

describe("hostile names from the service", () => {
  const entry = (name: string, path: string): unknown => ({
    ".tag": "file",
    name,
    path_lower: path.toLowerCase(),
    path_display: path,
    id: `id:${Buffer.from(path).toString("hex")}`,
    rev: "0123456789abcdef0",
    size: 4,
    client_modified: "2026-01-01T00:00:00Z",
    server_modified: "2026-01-01T00:00:00Z",
    content_hash: "a".repeat(64),
    is_downloadable: true,
  });
  const folder = (name: string, path: string): unknown => ({
    ".tag": "folder",
    name,
    path_lower: path.toLowerCase(),
    path_display: path,
    id: `id:${Buffer.from(path).toString("hex")}`,
  });
  const HOSTILE = [
    entry("..", "/Hostile/.."),
    entry(".", "/Hostile/."),
    entry("", "/Hostile/"),
    entry("/abs", "/Hostile//abs"),
    entry("../../up", "/Hostile/../../up"),
    entry("a\0b", "/Hostile/a\0b"),
    entry("back\\slash", "/Hostile/back\\slash"),
    entry("abs", "/abs"),
    entry("sibling", "/HostileToo/sibling"),
    folder("..", "/Hostile/dots"),
    entry("under-dots", "/Hostile/dots/under-dots"),
    folder("a/../..", "/Hostile/climb"),
    entry("under-climb", "/Hostile/climb/under-climb"),
    entry(".trisync", "/Hostile/.trisync"),
  ];

  test("are reported, lead nowhere, and hold nothing else up", async () => {
    await withDropboxJob("Hostile", async ({ directory, local, remote, job }) => {
      await account().write(`${remote}/good.txt`, "good");
      const page = await listing(account(), remote);
      const body = JSON.stringify({ ...page, entries: [...page.entries, ...HOSTILE] });
      await account().fault({
        route: "files/list_folder",
        kind: "status",
        status: 200,
        body,
        contentType: "application/json",
      });
      const outside = await readdir(directory);
      const finished = await job.sync();
      expectEnd(finished, 3, [/entry of a name that no file here can have. Rename it on Dropbox/]);
      expect(await textsIn(local)).toEqual({ "good.txt": "good" });
      expect(finished.summary.downloaded).toBe(1);
      expect((await readdir(directory)).sort(), "nothing next to the root").toEqual([...outside, "state"].sort());
      expect(await account().texts(remote), "nothing is deleted there").toEqual({ "good.txt": "good" });
      await account().resetCursors();
      await job.syncWell();
      await job.syncNothing();
    });
  });
});

interface DropboxJob {
  readonly directory: string;
  readonly local: string;
  /** The folder's path on Dropbox. */
  readonly remote: string;
  readonly job: Job;
}

async function withDropboxJob(name: string, use: (at: DropboxJob) => Promise<void>): Promise<void> {
  await inTemporaryDirectory(async (directory) => {
    const local = join(directory, "local");
    await mkdir(local);
    const job = new Job({ local, remote: `dropbox:/${name}`, state: join(directory, "state"), env: account().env });
    await use({ directory, local, remote: `/${name}`, job });
  });
}

const pageSchema = z.looseObject({ entries: z.array(z.unknown()), has_more: z.literal(false) });

/** A true page with a true cursor, to be made worse. */
async function listing({ emulator }: DropboxAccount, path: string): Promise<z.infer<typeof pageSchema>> {
  const response = await fetch(`${emulator.apiUrl}/2/files/list_folder`, {
    method: "POST",
    headers: { Authorization: `Bearer ${emulator.accessToken}`, "Content-Type": "application/json" },
    body: JSON.stringify({ path, recursive: true, limit: 2000, include_non_downloadable_files: true }),
  });
  return pageSchema.parse(await response.json());
}
