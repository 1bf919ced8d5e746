import { mkdtemp, rm } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { openDropboxTarget } from "./dropbox-target.js";
import { openFlickrTarget } from "./flickr-target.js";
import { openFolderTarget } from "./folder-target.js";
import { openGooglePhotosTarget } from "./gphotos-target.js";
import { describeHashSpeed, measureHashSpeed } from "./hash-speed.js";
import { openOneDriveTarget } from "./onedrive-target.js";
import { toJson } from "./json.js";
import { USAGE, readOptions } from "./options.js";
import type { Options, Sizes } from "./options.js";
import { createRclone, findRclone } from "./rclone.js";
import { runStory } from "./run-story.js";
import type { Result } from "./run-story.js";
import { describeStartUp, measureStartUp } from "./start-up.js";
import { toTable } from "./table.js";
import type { Service, Target } from "./target.js";
import { createTrisync } from "./trisync.js";
import { chooseStories } from "./workloads.js";
import type { Story } from "./workloads.js";
import { openYandexTarget } from "./yandex-target.js";

/** What keeping times costs shows with many files. */
const SMALL_TIMES = ["keep", "ignore"] as const;
const LARGE_TIMES = ["keep"] as const;

process.exitCode = await main(process.argv.slice(2));

/** Resolves to the exit code: 1 when a workload failed or trees differed, 2 when there is nothing to run. */
async function main(args: readonly string[]): Promise<number> {
  let options: Options | undefined;
  try {
    options = readOptions(args);
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : String(error)}\n${USAGE}`);
    return 2;
  }
  if (options === undefined) {
    console.log(USAGE);
    return 0;
  }
  const runs = planRuns(options);
  const isAsked = (workload: string): boolean => options.only.some((name) => workload.startsWith(name));
  if (runs.length === 0 && !isAsked("start-up") && !isAsked("hash")) {
    console.error(`no workload of that name\n${USAGE}`);
    return 2;
  }
  const signal = listenForSignals();
  const hashSpeed = isAsked("hash") ? measureHashSpeed() : undefined;
  if (hashSpeed !== undefined && !options.json) console.log(describeHashSpeed(hashSpeed));
  const startUp = isAsked("start-up") ? await measureStartUp(options.directory, signal) : undefined;
  if (startUp !== undefined && !options.json) console.log(describeStartUp(startUp));
  const rclone = await findRclone();
  if (rclone === undefined) console.error("rclone is not installed: nothing to compare with.");
  const { results, failures } = await runAll(runs, options, { hasRclone: rclone !== undefined, signal });
  const about = { node: process.version, rclone: rclone ?? null, cores: availableParallelism(), ...options.sizes };
  if (options.json) console.log(toJson(results, { ...about, startUp: startUp ?? null, hashSpeed: hashSpeed ?? null }));
  return failures === 0 && !signal.aborted ? 0 : 1;
}

interface Run {
  readonly story: Story;
  readonly open: (directory: string) => Promise<Target>;
}

function planRuns(options: Options): readonly Run[] {
  const { services, sizes } = options;
  return services.flatMap((service) => {
    // Its aims are stated for half of what the others get.
    const ownSizes = service === "onedrive" ? halfOf(sizes) : sizes;
    const stories = chooseStories(options, ownSizes).filter((story) => story.services.includes(service));
    return stories.flatMap((story) => openersOf(service, story, options).map((open) => ({ story, open })));
  });
}

function openersOf(service: Service, story: Story, { latenciesMs }: Options): readonly Run["open"][] {
  switch (service) {
    case "folder":
      return [async (directory) => openFolderTarget(directory)];
    case "dropbox":
      return latenciesMs.map((latencyMs) => () => openDropboxTarget(latencyMs));
    case "onedrive":
      return latenciesMs.map((latencyMs) => () => openOneDriveTarget(latencyMs));
    case "flickr":
      return latenciesMs.map((latencyMs) => () => openFlickrTarget(latencyMs));
    case "gphotos":
      return latenciesMs.map((latencyMs) => () => openGooglePhotosTarget(latencyMs));
    case "yandex":
      return latenciesMs.flatMap((latencyMs) =>
        (story.name === "large" ? LARGE_TIMES : SMALL_TIMES).map((times) => () => openYandexTarget(latencyMs, times)),
      );
  }
}

function halfOf(sizes: Sizes): Sizes {
  return { ...sizes, smallFiles: sizes.smallFiles / 2, largeBytes: sizes.largeBytes / 2 };
}

/** A failed run is reported and the next one begun: one hour of measuring is not lost to its first minute. */
async function runAll(
  runs: readonly Run[],
  options: Options,
  how: { readonly hasRclone: boolean; readonly signal: AbortSignal },
): Promise<{ readonly results: readonly Result[]; readonly failures: number }> {
  const results: Result[] = [];
  let failures = 0;
  for (const run of runs) {
    if (how.signal.aborted) break;
    try {
      for await (const result of measureRun(run, options, how)) {
        results.push(result);
        if (!options.json) console.log(toTable(result, options.sizes.areFull));
      }
    } catch (error) {
      failures += 1;
      console.error(error);
    }
  }
  return { results, failures };
}

async function* measureRun(
  { story, open }: Run,
  options: Options,
  { hasRclone, signal }: { readonly hasRclone: boolean; readonly signal: AbortSignal },
): AsyncGenerator<Result> {
  const directory = await mkdtemp(join(options.directory, "trisync-bench-"));
  try {
    const target = await open(directory);
    try {
      const contenders = [createTrisync(target, directory, signal)];
      if (hasRclone && target.rclone !== undefined) {
        contenders.push(createRclone(target.rclone, directory, signal));
      }
      yield* runStory(story, target, { contenders, directory });
    } finally {
      await target.close();
    }
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** Aborts on the first signal, so that what was begun is cleaned up. */
function listenForSignals(): AbortSignal {
  const controller = new AbortController();
  for (const name of ["SIGINT", "SIGTERM"] as const) {
    process.once(name, () => {
      controller.abort(new Error(name));
    });
  }
  return controller.signal;
}
