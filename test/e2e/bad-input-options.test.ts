import { chmod, mkdir, rm, writeFile } from "node:fs/promises";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { rowsTried } from "./effort.js";
import { inTemporaryDirectory, trisync } from "./executable.js";
import type { Ran, RunOptions } from "./executable.js";
import { expectEnd, textsIn, write } from "./folder-job.js";
import type { Texts } from "./folder-job.js";
import { withoutPrivileges } from "./privileges.js";

const SECRET = "s3cret-refresh-token";

interface Place {
  readonly directory: string;
  readonly sides: readonly string[];
  /** Runs with LOCAL, REMOTE and --state. */
  sync(args: readonly string[], options?: RunOptions): Promise<Ran>;
  /** Runs with these arguments alone. */
  bare(args: readonly string[], options?: RunOptions): Promise<Ran>;
}

/** Two folders with a file in LOCAL. After `use` nothing must have been made or changed, and a healthy run goes through. */
async function refused(files: Texts, use: (place: Place) => Promise<void>): Promise<void> {
  await inTemporaryDirectory(async (directory) => {
    await write(directory, { "local/a.txt": "1", remote: null, ...files });
    const sides = [join(directory, "local"), `folder:${join(directory, "remote")}`];
    const state = ["--state", join(directory, "state")];
    const bare: Place["bare"] = (args, options) => trisync(args, { cwd: directory, ...options });
    const sync: Place["sync"] = (args, options) => bare([...sides, ...state, ...args], options);
    const before = await textsIn(directory);
    await use({ directory, sides, sync, bare });
    expect(await textsIn(directory), "nothing was made or changed").toEqual(before);
    const healthy = await trisync([...sides, ...state]);
    expect(healthy.code, healthy.stderr).toBe(0);
    expect(await textsIn(join(directory, "remote"))).toEqual({ "a.txt": "1" });
  });
}

describe("what the command line says wrong is refused before anything is done", () => {
  const mistakes = [
    {
      title: "an unknown option",
      args: ["--conflct", "newer"],
      says: [/unknown option.*conflct.*--conflict/, /--help/],
    },
    { title: "an unknown mode", args: ["--mode", "bakcup"], says: [/--mode must be one of two-way, backup.*"bakcup"/] },
    { title: "an option without its value", args: ["--max-delete"], says: [/--help|needs a value/, /max-delete/] },
    {
      title: "an option given twice",
      args: ["--mode", "backup", "--mode", "mirror"],
      says: [/--mode is given more than once/],
    },
    { title: "two answers to one question", args: ["--local", "/elsewhere"], says: [/LOCAL is given twice/] },
    { title: "a third side", args: ["/another"], says: [/another/, /--help|too many/] },
    {
      title: "several mistakes, all named at once",
      args: ["--max-size", "many", "--trash-days", "-1", "--if-locked", "perhaps", "--concurrency", "0"],
      says: [/--max-size.*"many"/, /--trash-days.*-1/, /--if-locked.*"perhaps"/, /--concurrency.*"0"/],
    },
  ] as const;

  test.each(rowsTried(mistakes))("$title", async ({ args, says }) => {
    await refused({}, async ({ sync }) => {
      expectEnd(await sync(args), 2, says);
    });
  });

  const remotes = [
    { title: "an unknown provider", remote: "dorpbox:/Docs", says: /no provider "dorpbox".*did you mean "dropbox"/ },
    { title: "a path where there are none", remote: "flickr:/Docs", says: /expected flickr: alone.*"flickr:\/Docs"/ },
    { title: "a remote without a provider", remote: "/Docs", says: /PROVIDER:PATH.*"\/Docs"/ },
    { title: "a remote that climbs", remote: "dropbox:/Docs/../..", says: /"\.\." is not a folder name/ },
    { title: "a relative remote path", remote: "dropbox:Docs", says: /must begin with "\/"/ },
  ] as const;

  test.each(rowsTried(remotes))("$title", async ({ remote, says }) => {
    await refused({}, async ({ bare, sides, directory }) => {
      expectEnd(await bare([sides[0] ?? "", remote, "--state", join(directory, "state")]), 2, [says]);
    });
  });

  test("no sides at all", async () => {
    await refused({}, async ({ bare, directory }) => {
      expectEnd(await bare(["sync"]), 2, [/no LOCAL/, /no REMOTE/, join(directory, ".env")]);
    });
  });
});

describe("what is wrong with an env file is refused before anything is done", () => {
  const WRONG = [
    "TRISYNC_MODE=sideways",
    "TRISYNC_MAX_DELETE=half",
    "TRISYNC_REHASH=perhaps",
    "TRISYNC_BANDWIDTH=fast",
    "TRISYNC_MAX_DURATION=-5",
    "TRISYNC_CONCURENCY=4",
    `DROPBOX_REFRESH_TOKEN=${SECRET}`,
  ].join("\n");
  const NAMES = ["TRISYNC_MODE", "TRISYNC_MAX_DELETE", "TRISYNC_REHASH", "TRISYNC_BANDWIDTH", "TRISYNC_MAX_DURATION"];

  test.each([".env", "jobs/photos.env"])("wrong types in %s, each named with variable and file", async (name) => {
    await refused({ [name]: WRONG }, async ({ sync, directory }) => {
      const ran = await sync(name === ".env" ? [] : ["--env-file", name]);
      const file = join(directory, name);
      expectEnd(
        ran,
        2,
        [`${file}: there is no option TRISYNC_CONCURENCY; did you mean TRISYNC_CONCURRENCY?`],
        [SECRET],
      );
      for (const variable of NAMES) expect(ran.stderr).toContain(`${variable} in ${file} must be`);
    });
  });

  test("lines that are none, without what they hold", async () => {
    const text = `TRISYNC_MODE=backup\nDROPBOX_REFRESH_TOKEN ${SECRET}\nDROPBOX_APP_SECRET="${SECRET}\n`;
    await refused({ ".env": text }, async ({ sync, directory }) => {
      expectEnd(
        await sync([]),
        2,
        [`${join(directory, ".env")}, line 2: is not NAME=value`, /line 3.*DROPBOX_APP_SECRET/],
        [SECRET],
      );
    });
  });

  test("binary content", async () => {
    await refused({ "job.env": `\0\0${SECRET}` }, async ({ sync, directory }) => {
      expectEnd(
        await sync(["--env-file", "job.env"]),
        2,
        [`${join(directory, "job.env")} is not a text file`],
        [SECRET],
      );
    });
  });

  const unusable = [
    { title: "that is not there", files: {}, file: "gone.env", mode: undefined, says: "does not exist" },
    {
      title: "that is a folder",
      files: { "jobs/a.env": "" },
      file: "jobs",
      mode: undefined,
      says: "is a folder; give",
    },
    {
      title: "that may not be read",
      files: { "job.env": `DROPBOX_REFRESH_TOKEN=${SECRET}` },
      file: "job.env",
      mode: 0o000,
      says: "cannot be read (EACCES)",
    },
  ] as const;

  test.each(rowsTried(unusable))("an env file $title", async ({ files, file, mode, says }) => {
    await refused(files, async ({ sync, directory }) => {
      const path = join(directory, file);
      if (mode !== undefined) await chmod(path, mode);
      const options = await withoutPrivileges();
      const named = await sync([], { ...options, env: { TRISYNC_ENV_FILE: path } });
      const flagged = await sync(["--env-file", path], options);
      if (mode !== undefined) await chmod(path, 0o600);
      expectEnd(named, 2, [`the env file ${path} ${says}`], [SECRET]);
      // Node has an option of that name too, and must not get to see it.
      expectEnd(flagged, 2, [`the env file ${path} ${says}`], [SECRET]);
    });
  });

  test("a credential's file that is not there", async () => {
    const env = `DROPBOX_APP_KEY=key\nDROPBOX_REFRESH_TOKEN_FILE=token.txt\n`;
    await refused({ ".env": env }, async ({ bare, sides, directory }) => {
      const ran = await bare([sides[0] ?? "", "dropbox:/Docs", "--state", join(directory, "state")]);
      expectEnd(ran, 2, ["DROPBOX_REFRESH_TOKEN_FILE", join(directory, "token.txt")]);
      await rm(join(directory, "state"), { recursive: true });
    });
  });
});

describe("a scheduler that gives nothing", () => {
  const nothing = { through: ["env", "-i"], cwd: "/" };

  test("needs only what the env file says", async () => {
    await inTemporaryDirectory(async (directory) => {
      const [local, remote, state] = ["local", "remote", "state"].map((name) => join(directory, name));
      await write(directory, { "local/a.txt": "1", remote: null });
      const job = [
        `TRISYNC_LOCAL=${local ?? ""}`,
        `TRISYNC_REMOTE=folder:${remote ?? ""}`,
        `TRISYNC_STATE=${state ?? ""}`,
      ];
      await writeFile(join(directory, "job.env"), job.join("\n"));
      const ran = await trisync(["--env-file", join(directory, "job.env")], nothing);
      expectEnd(ran, 0, []);
      expect(await textsIn(remote ?? "")).toEqual({ "a.txt": "1" });
    });
  });

  test("and no configuration is told all the places that were searched", async () => {
    expectEnd(await trisync([], nothing), 2, [/no LOCAL/, /no REMOTE/, /command line, the environment and \/\.env/]);
  });

  test("and no home gets its state in the home of its user, or is told", async () => {
    await inTemporaryDirectory(async (directory) => {
      await write(directory, { "local/a.txt": "1", remote: null });
      await mkdir(join(directory, "xdg"));
      const sides = [join(directory, "local"), `folder:${join(directory, "remote")}`];
      const xdg = { through: ["env", "-i", `XDG_STATE_HOME=${join(directory, "xdg")}`], cwd: "/" };
      expectEnd(await trisync(sides, xdg), 0, []);
      expect(existsSync(join(directory, "xdg/trisync/jobs"))).toBe(true);
    });
  });
});
