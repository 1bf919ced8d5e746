import { mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { main } from "../../lib/cli.js";
import type { Engine } from "../../lib/commands/engine.js";
import type { JobOptions } from "../../lib/config/options.js";
import type { RunEvents, RunSummary } from "../../lib/engine/types.js";
import { InterruptedError, LockedError, ProviderError } from "../../lib/model/errors.js";
import { jobDirectory } from "../../lib/state/job-directory.js";
import { acquireLock } from "../../lib/state/lock.js";
import packageJson from "../../package.json" with { type: "json" };
import { DEFAULT_OPTIONS } from "../support/default-options.js";
import { createFakeWorld } from "../support/fake-world.js";
import type { FakeWorld, FakeWorldOptions } from "../support/fake-world.js";
import * as build from "../support/report-builders.js";

interface Run {
  readonly job: JobOptions;
  readonly dryRun: boolean;
}

/** The program around an engine that only says what it is told to. */
function start(options: FakeWorldOptions = {}, act: (events: RunEvents) => RunSummary = () => build.summary()) {
  const world = createFakeWorld(options);
  mkdirSync(join(world.dir, "docs"));
  mkdirSync(join(world.dir, "copy"));
  const runs: Run[] = [];
  const engine: Engine = {
    runJob: async (job, dryRun, _world, events) => {
      runs.push({ job, dryRun });
      events.started({ planId: null });
      return act(events);
    },
    explainPath: async (job, path) => [`${path}: synced by ${job.mode}`, "line\u001b two"],
  };
  return { world, runs, trisync: (...argv: string[]) => main(argv, world, async () => engine) };
}

const SIDES = ["docs", "folder:copy"];

describe("help and version", () => {
  test("--version is that of the package", async () => {
    const { world, trisync } = start();
    expect(await trisync("--version")).toBe(0);
    expect(world.out()).toBe(`${packageJson.version}\n`);
    expect(await trisync("sync", "--version")).toBe(0);
  });

  test("--help names every command, in English whatever the language is, on stdout", async () => {
    const { world, trisync } = start({ env: { LANG: "ru_RU.UTF-8", LC_ALL: "ru_RU.UTF-8" } });
    expect(await trisync("--help")).toBe(0);
    for (const name of ["sync", "plan", "status", "explain", "restore", "login", "logout"]) {
      expect(world.out()).toContain(`trisync ${name}`);
    }
    expect(world.out()).toContain("Show version number");
    expect(world.err()).toBe("");
  });
});

describe("which run is started", () => {
  test("sync is the default command", async () => {
    const { world, runs, trisync } = start();
    expect(await trisync(...SIDES)).toBe(0);
    expect(await trisync("sync", ...SIDES)).toBe(0);
    expect(runs.map(({ dryRun }) => dryRun)).toEqual([false, false]);
    expect(runs[0]?.job).toMatchObject({
      ...DEFAULT_OPTIONS,
      local: join(world.dir, "docs"),
      remote: { provider: "folder", target: join(world.dir, "copy"), text: `folder:${join(world.dir, "copy")}` },
      stateDir: join(world.dir, ".local/state/trisync"),
    });
  });

  test("plan is a dry run", async () => {
    const { runs, trisync } = start();
    expect(await trisync("plan", ...SIDES)).toBe(0);
    expect(runs[0]?.dryRun).toBe(true);
  });

  test("every option is parsed", async () => {
    const { world, runs, trisync } = start();
    const flags = [
      ["--mode", "outbox"],
      ["--conflict", "newer"],
      ["--include", "a", "--include", "b,c"],
      ["--exclude", "x"],
      ["--max-size", "10MB"],
      ["--media"],
      ["--max-delete", "7"],
      ["--approve", "0123"],
      ["--concurrency", "4"],
      ["--bandwidth", "1MB/s"],
      ["--max-transfer", "1G"],
      ["--max-duration", "10m"],
      ["--archive", "sent"],
      ["--error-folder", "/srv/refused"],
      ["--state", "state"],
      ["--if-locked", "wait=1m"],
      ["--rehash"],
      ["--times", "ignore"],
      ["--trash-days", "7"],
      ["--permanent-deletes"],
      ["--color", "never"],
      ["-q"],
    ].flat();
    expect(await trisync(...flags, ...SIDES)).toBe(0);
    expect(runs[0]?.job).toMatchObject({
      mode: "outbox",
      conflict: "newer",
      include: ["a", "b,c"],
      exclude: ["x"],
      maxSizeBytes: 10_000_000,
      media: "all",
      maxDelete: { files: 7 },
      approve: "0123",
      concurrency: 4,
      bandwidthBytesPerSecond: 1_000_000,
      maxTransferBytes: 1_000_000_000,
      maxDurationMs: 600_000,
      archive: join(world.dir, "sent"),
      errorFolder: "/srv/refused",
      stateDir: join(world.dir, "state"),
      ifLocked: { waitMs: 60_000 },
      rehash: true,
      times: "ignore",
      albums: "flat",
      trashDays: 7,
      permanentDeletes: true,
      color: "never",
      quiet: true,
    });
  });

  test("a flag goes before the environment, the environment before the env file, and that before the default", async () => {
    const { world, runs, trisync } = start({ env: { TRISYNC_CONFLICT: "local", TRISYNC_TIMES: "ignore" } });
    const file =
      "TRISYNC_MODE=backup\nTRISYNC_CONFLICT=remote\nTRISYNC_TIMES=keep\nTRISYNC_EXCLUDE=a,b\nTRISYNC_REHASH=yes";
    writeFileSync(join(world.dir, ".env"), file);
    expect(await trisync(...SIDES, "--times", "keep", "--no-rehash")).toBe(0);
    expect(runs[0]?.job).toMatchObject({
      mode: "backup",
      conflict: "local",
      times: "keep",
      exclude: ["a", "b"],
      rehash: false,
    });
  });

  test("one env file is one job, and ~ in it is the home", async () => {
    const { world, runs, trisync } = start();
    writeFileSync(
      join(world.dir, "job.env"),
      "TRISYNC_LOCAL=~/docs\nTRISYNC_REMOTE=folder:~/copy\nTRISYNC_VERBOSE=0\n",
    );
    expect(await trisync("--env-file", "job.env")).toBe(0);
    expect(runs[0]?.job.local).toBe(join(world.dir, "docs"));
    expect(runs[0]?.job.remote.target).toBe(join(world.dir, "copy"));
  });

  test("an empty variable counts as unset", async () => {
    const { runs, trisync } = start({ env: { TRISYNC_MODE: "" } });
    expect(await trisync(...SIDES)).toBe(0);
    expect(runs[0]?.job.mode).toBe("two-way");
  });

  test("a link to the folder is the same job", async () => {
    const { world, runs, trisync } = start();
    symlinkSync("docs", join(world.dir, "link"));
    expect(await trisync("link", "folder:copy")).toBe(0);
    expect(runs[0]?.job.local).toBe(join(world.dir, "docs"));
  });

  test("what follows -- is taken as it stands", async () => {
    const { world, runs, trisync } = start();
    mkdirSync(join(world.dir, "-weird"));
    expect(await trisync("--", "-weird", "folder:copy")).toBe(0);
    expect(runs[0]?.job.local).toBe(join(world.dir, "-weird"));
  });

  test("an option without its value does not swallow LOCAL", async () => {
    const { runs, trisync } = start();
    expect(await trisync("--media", ...SIDES, "--color")).toBe(0);
    expect(await trisync("--media", "photos", ...SIDES)).toBe(0);
    expect(runs.map(({ job }) => job.media)).toEqual(["all", "photos"]);
    expect(runs[0]?.job.color).toBe("always");
  });
});

describe("mistakes of the user end with exit code 2, before anything is done", () => {
  const cases: readonly (readonly [title: string, argv: readonly string[], expected: readonly string[]])[] = [
    ["an unknown option", [...SIDES, "--max-delet", "3"], ["max-delet", "did you mean --max-delete?"]],
    ["an option of another command", ["status", "--mode", "backup"], ["unknown option or argument: mode"]],
    ["options of a later version", [...SIDES, "--ping", "http://x"], ["unknown option or argument: ping"]],
    ["too many arguments", [...SIDES, "more"], ["more"]],
    ["too many arguments after --", ["--", ...SIDES, "more"], ["too many arguments: more"]],
    ["an unknown command", ["stauts"], ['did you mean the command "status"?']],
    ["an unknown mode", [...SIDES, "--mode", "both"], ["--mode must be one of two-way, backup", 'not "both"']],
    ["an unknown provider", ["docs", "dropbx:/x"], ['there is no provider "dropbx"', 'did you mean "dropbox"?']],
    ["a provider from Object's prototype", ["docs", "constructor:/x"], ["there is no provider"]],
    ["a remote without provider", ["docs", "/mnt/x"], ["must be PROVIDER:PATH"]],
    ["sides in the wrong order", ["folder:copy", "docs"], ["LOCAL comes first"]],
    ["no sides", [], ["no LOCAL", "no REMOTE", "the command line, the environment and", "/.env (not there)"]],
    ["LOCAL given twice", [...SIDES, "--local", "docs"], ["LOCAL is given twice"]],
    ["an option given twice", [...SIDES, "--mode", "backup", "--mode", "mirror"], ["--mode is given more than once"]],
    ["an option without value", [...SIDES, "--mode"], ["--mode needs a value"]],
    ["an empty side", ["", "folder:copy"], ["--local needs a value"]],
    ["both sides the same", ["docs", "folder:docs"], ["LOCAL and REMOTE are the same folder"]],
    ["both sides the same by a link", ["docs", "folder:link"], ["LOCAL and REMOTE are the same folder"]],
    ["REMOTE inside LOCAL", ["docs", "folder:docs/new/deep"], ["REMOTE lies inside LOCAL"]],
    ["REMOTE inside LOCAL by a link", ["docs", "folder:link/new"], ["REMOTE lies inside LOCAL"]],
    ["LOCAL inside REMOTE", ["docs", "folder:."], ["LOCAL lies inside REMOTE"]],
    ["state that would be synchronised", [...SIDES, "--state", "copy/state"], ["state directory lies inside REMOTE"]],
    ["state that is LOCAL", [...SIDES, "--state", "docs"], ["state directory cannot be LOCAL itself"]],
    ["an archive without outbox", [...SIDES, "--archive", "sent"], ["--archive works only with --mode outbox"]],
    ["an archive inside LOCAL", [...SIDES, "--mode", "outbox", "--archive", "docs/sent"], ["--archive and LOCAL"]],
    [
      "an error folder inside REMOTE",
      [...SIDES, "--mode", "outbox", "--error-folder", "copy/x"],
      ["--error-folder and REMOTE"],
    ],
    ["a missing env file", [...SIDES, "--env-file", "gone.env"], ["gone.env does not exist"]],
    ["a log file that cannot be", [...SIDES, "--log-file", "no/such/log"], ["log file", "ENOENT"]],
    [
      "many at once, all told",
      ["docs", "folder:docs", "--mode", "x", "--max-size", "big", "--trash-days", "-1", "--if-locked", "wait"],
      ["--mode must", "--max-size must", "--trash-days must", "--if-locked must", "are the same folder"],
    ],
  ];
  test.each(cases)("%s", async (_title, argv, expected) => {
    const { world, runs, trisync } = start();
    symlinkSync("docs", join(world.dir, "link"));
    expect(await trisync(...argv)).toBe(2);
    for (const text of expected) expect(world.err()).toContain(text);
    expect(world.out()).toBe("");
    expect(runs).toEqual([]);
  });

  test("the wrong variable is named, with the file it stands in", async () => {
    const { world, trisync } = start({ env: { TRISYNC_MODE: "x" } });
    writeFileSync(
      join(world.dir, ".env"),
      "TRISYNC_MAX_SIZE=big\nTRISYNC_MAXDELETE=3\nTRISYNC_ENV_FILE=other\nOTHER=1",
    );
    expect(await trisync(...SIDES)).toBe(2);
    expect(world.err()).toContain("TRISYNC_MODE must be");
    expect(world.err()).toContain(`TRISYNC_MAX_SIZE in ${world.dir}/.env must be a size`);
    expect(world.err()).toContain("there is no option TRISYNC_MAXDELETE; did you mean TRISYNC_MAX_DELETE?");
    expect(world.err()).toContain("cannot name another one");
  });

  test("a strange variable in the environment is only told of", async () => {
    const { world, trisync } = start({ env: { TRISYNC_JUNK: "1" } });
    expect(await trisync(...SIDES)).toBe(0);
    expect(world.err()).toBe("trisync: the environment variable TRISYNC_JUNK means nothing to trisync\n");
  });

  test("without a home, what was looked at is named", async () => {
    const { world, trisync } = start({ homedir: undefined });
    expect(await trisync(...SIDES)).toBe(2);
    expect(world.err()).toContain("looked at --state, TRISYNC_STATE, XDG_STATE_HOME and HOME");
    expect(await trisync(...SIDES, "--state", "/tmp/s")).toBe(0);
    expect(await trisync("~/docs", "folder:copy", "--state", "/tmp/s")).toBe(2);
  });

  test.each([
    [{ XDG_STATE_HOME: "/xdg" }, "linux", "/xdg/trisync"],
    [{ XDG_STATE_HOME: "relative" }, "linux", "HOME/.local/state/trisync"],
    [{}, "darwin", "HOME/Library/Application Support/trisync"],
  ] as const)("the state lives where the platform keeps such things: %j on %s", async (env, platform, expected) => {
    const { world, runs, trisync } = start({ env, platform });
    expect(await trisync(...SIDES)).toBe(0);
    expect(runs[0]?.job.stateDir).toBe(expected.replace("HOME", world.dir));
  });
});

describe("what is said of a run", () => {
  test("nothing, when nothing changed and nobody looks", async () => {
    const { world, trisync } = start();
    expect(await trisync(...SIDES)).toBe(0);
    expect(world.out() + world.err()).toBe("");
  });

  const changed = (events: RunEvents): RunSummary => {
    events.outcome(build.outcome(build.upload("a")));
    events.outcome(build.outcome(build.conflict("b", "b (conflict)")));
    events.outcome(build.outcome(build.upload("c\nd"), "failed", "the service refuses this name. Rename it."));
    events.problem({
      side: "local",
      path: "e",
      code: "unreadable",
      message: "No permission. Grant it.",
      covers: undefined,
    });
    events.problem({
      side: "local",
      path: "link",
      code: "special",
      message: "A link is left alone.",
      covers: undefined,
    });
    return build.summary({ uploaded: 1, bytesUp: 12, conflicts: 1, failed: 1, exitCode: 3 });
  };

  test("one summary line, and each failure with what to do", async () => {
    const { world, trisync } = start({}, changed);
    expect(await trisync(...SIDES)).toBe(3);
    expect(world.out()).toBe("trisync: 1 uploaded (12 B), 1 conflict, 1 failed, 41 unchanged, in 0.8s\n");
    expect(world.err().split("\n")).toEqual([
      "trisync: b: changed on both sides; the version of this machine is now b (conflict)",
      "trisync: c\\nd: the service refuses this name. Rename it.",
      "trisync: e: No permission. Grant it.",
      "trisync: link: A link is left alone.",
      "",
    ]);
  });

  test("-q takes the summary away, never a failure", async () => {
    const { world, trisync } = start({}, changed);
    expect(await trisync("-q", ...SIDES)).toBe(3);
    expect(world.out()).toBe("");
    expect(world.err()).toContain("c\\nd: the service refuses this name");
    expect(world.err()).not.toContain("conflict)");
  });

  test("links that every run leaves alone are no news", async () => {
    const problem = { side: "local", path: "l", code: "special", message: "A link.", covers: undefined } as const;
    const { world, trisync } = start({}, (events) => {
      events.problem(problem);
      return build.summary();
    });
    expect(await trisync(...SIDES)).toBe(0);
    expect(world.out() + world.err()).toBe("");
  });

  test("--json is one object a line and nothing else on stdout", async () => {
    const { world, trisync } = start({}, changed);
    expect(await trisync("--json", ...SIDES)).toBe(3);
    const lines = world.out().trimEnd().split("\n");
    expect(lines.map((line) => [...line.matchAll(/"(\w+)":/g)].map(([, name]) => name).join())).toEqual([
      "event,version,job,local,remote,mode,planId",
      "event,kind,path,bytes,status,reason",
      "event,kind,path,bytes,status,reason,copy",
      "event,kind,path,bytes,status,reason",
      "event,side,path,code,message",
      "event,side,path,code,message",
      expect.stringMatching(/^event,planId,uploaded,.*seconds,exitCode$/),
    ]);
    expect(JSON.parse(lines[0] ?? "")).toMatchObject({
      job: jobDirectory("/", { local: join(world.dir, "docs"), remote: `folder:${join(world.dir, "copy")}` }).id,
      remote: `folder:${join(world.dir, "copy")}`,
      planId: null,
    });
    expect(world.err()).toContain("c\\nd: the service refuses this name. Rename it.");
  });

  test("on a terminal: a summary also when nothing changed, and a progress display that is gone at the end", async () => {
    const { world, trisync } = start({ terminal: true });
    expect(await trisync(...SIDES)).toBe(0);
    expect(world.out()).toBe("trisync: nothing changed, 41 unchanged, in 0.8s\n");
    expect(world.err()).toContain("looking at the folder");
    expect(world.err()).not.toContain("\n");
  });

  test("plan shows each action and the totals", async () => {
    const { world, trisync } = start({}, (events) => {
      events.action(build.upload("a"));
      events.action(build.forget("b"));
      return build.summary({ unchanged: 5 });
    });
    expect(await trisync("plan", ...SIDES)).toBe(0);
    expect(world.out()).toBe("upload         a  (12 B, new here)\nPlan p1: 1 to upload (12 B), 5 unchanged.\n");
  });

  test("a refusal, with what to do", async () => {
    const { world, trisync } = start({}, () =>
      build.summary({ exitCode: 4, refusal: "would delete 12 files. --approve p1" }),
    );
    expect(await trisync(...SIDES)).toBe(4);
    expect(world.err()).toContain("trisync: would delete 12 files. --approve p1\n");
  });

  test("what ended it early, with everything that was done before", async () => {
    const failure = new ProviderError("unauthorized", "the sign-in has expired; run `trisync login dropbox`");
    const { world, trisync } = start({}, () => build.summary({ exitCode: 12, uploaded: 1, failure }));
    expect(await trisync(...SIDES)).toBe(12);
    expect(world.err()).toBe("trisync: the sign-in has expired; run `trisync login dropbox`\n");
    expect(world.out()).toContain("1 uploaded");
  });

  test("a budget that is used up", async () => {
    const { world, trisync } = start({}, () => build.summary({ exitCode: 6, budgetReached: true }));
    expect(await trisync(...SIDES)).toBe(6);
    expect(world.err()).toContain("the next run goes on from here");
  });

  test("explain prints its lines", async () => {
    const { world, trisync } = start();
    expect(await trisync("explain", "a/b", "--local", "docs", "--remote", "folder:copy")).toBe(0);
    expect(world.out()).toBe("a/b: synced by two-way\nline\\x1b two\n");
  });
});

describe("errors", () => {
  test("an interruption is 130 or 143, whatever it made fail", async () => {
    for (const [name, code] of [
      ["SIGINT", 130],
      ["SIGTERM", 143],
    ] as const) {
      const run: { world?: FakeWorld } = {};
      const { world, trisync } = start({}, () => {
        run.world?.interrupt(new InterruptedError(name));
        throw new DOMException("The operation was aborted", "AbortError");
      });
      run.world = world;
      expect(await trisync(...SIDES)).toBe(code);
      expect(world.err()).toBe(`trisync: interrupted by ${name}\n`);
    }
  });

  test("a bug is 1, with its stack and without secrets", async () => {
    const { world, trisync } = start({ env: { DROPBOX_REFRESH_TOKEN: "the-environment-token" } }, () => {
      throw new TypeError("no the-environment-token, no Bearer abcdefgh, no file-secret-1");
    });
    writeFileSync(join(world.dir, ".env"), "YANDEX_TOKEN=file-secret-1");
    expect(await trisync(...SIDES)).toBe(1);
    expect(world.err()).toMatch(/bug[^]*report[^]*TypeError[^]*cli\.test/);
    for (const secret of ["the-environment-token", "abcdefgh", "file-secret-1"])
      expect(world.err()).not.toContain(secret);
  });

  test("a secret reaches neither stream, even as part of a result", async () => {
    const { world, trisync } = start({ env: { YANDEX_TOKEN: "y0_secret-token" } }, (events) => {
      events.notice("about y0_secret-token");
      events.action(build.upload("y0_secret-token"));
      return build.summary();
    });
    expect(await trisync("plan", "-vv", "--log-file", "log", ...SIDES)).toBe(0);
    const log = readFileSync(join(world.dir, "log"), "utf8");
    for (const text of [world.out(), world.err(), log]) {
      expect(text).toContain("[secret]");
      expect(text).not.toContain("y0_secret-token");
    }
  });
});

describe("logs", () => {
  const act = (events: RunEvents): RunSummary => {
    events.phase("scan");
    events.outcome(build.outcome(build.upload("a")));
    return build.summary({ uploaded: 1 });
  };

  test("--log-file appends a line per outcome, for this user alone", async () => {
    const { world, trisync } = start({}, act);
    const file = join(world.dir, "log");
    expect(await trisync("--log-file", "log", ...SIDES)).toBe(0);
    expect(await trisync("--log-file", "log", ...SIDES)).toBe(0);
    const lines = readFileSync(file, "utf8").trimEnd().split("\n");
    expect(lines.filter((line) => line.includes('"msg":"outcome"'))).toHaveLength(2);
    expect(JSON.parse(lines[1] ?? "")).toMatchObject({ kind: "upload", path: "a", status: "done" });
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(world.err()).toBe("");
  });

  test("-v tells what is done, -vv also how, both on stderr", async () => {
    for (const [flag, hasPhase] of [
      ["-v", false],
      ["-vv", true],
    ] as const) {
      const { world, trisync } = start({}, act);
      expect(await trisync(flag, ...SIDES)).toBe(0);
      expect(world.err()).toContain('"path":"a"');
      expect(world.err().includes('"msg":"scan"')).toBe(hasPhase);
      expect(world.out()).toMatch(/^trisync: 1 uploaded/);
    }
  });

  test("a log on a full disk does not stop the run", async () => {
    const { world, trisync } = start({}, act);
    expect(await trisync("--log-file", "/dev/full", ...SIDES)).toBe(0);
    expect(world.err()).toBe("trisync: the log file cannot be written any more (ENOSPC)\n");
  });
});

describe("while another run of the job is at work", () => {
  function lock(world: FakeWorld): () => void {
    const sides = { local: join(world.dir, "docs"), remote: `folder:${join(world.dir, "copy")}` };
    const { dir } = jobDirectory(join(world.dir, ".local/state/trisync"), sides);
    const held = acquireLock(dir, { pid: 77, startedMs: Date.UTC(2026, 2, 1) });
    if ("heldBy" in held) throw new Error("the lock is taken");
    return held.release;
  }

  test("the run is refused before the engine is loaded, naming who is at work", async () => {
    const { world, runs, trisync } = start();
    const release = lock(world);
    expect(await trisync(...SIDES)).toBe(11);
    expect(world.err()).toMatch(
      /another run of this job is at work \(process 77, running since 2026-03-01 00:00:00 UTC\)/,
    );
    expect(await trisync(...SIDES, "--if-locked", "skip")).toBe(0);
    expect(runs).toEqual([]);
    release();
    expect(await trisync(...SIDES)).toBe(0);
    expect(runs).toHaveLength(1);
  });

  test("a plan and a run that waits go on to the engine", async () => {
    const { world, runs, trisync } = start();
    const release = lock(world);
    expect(await trisync("plan", ...SIDES)).toBe(0);
    expect(await trisync(...SIDES, "--if-locked", "wait=1s")).toBe(0);
    expect(runs).toHaveLength(2);
    release();
  });

  test("--if-locked skip is no failure when the engine meets the lock", async () => {
    const { world, trisync } = start({}, () => {
      throw new LockedError("taken just now");
    });
    expect(await trisync(...SIDES, "--if-locked", "skip")).toBe(0);
    expect(world.err()).toBe("");
    expect(await trisync(...SIDES)).toBe(11);
  });
});
