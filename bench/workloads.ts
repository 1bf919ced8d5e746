import type { Direction, Place } from "./contender.js";
import type { Options, Sizes } from "./options.js";
import type { Service } from "./target.js";
import {
  changeSmallTree,
  makeLargeTree,
  makePhotos,
  makeSmallTree,
  makeTwins,
  PHOTOS_PER_ALBUM,
  renameHalf,
} from "./trees.js";

/** Runs that stand on one another, in this order: each finds what the ones before it have left. */
export interface Story {
  readonly name: "small" | "large" | "disk" | "photos" | "photos-up";
  /** Where it makes sense. */
  readonly services: readonly Service[];
  /** Makes the local tree; `remote` is the directory of the other side, where it is one. */
  begin(local: string, remote: string): Promise<void>;
  readonly steps: readonly Step[];
}

export interface Step {
  /** Undefined: has to be done, is not measured. */
  readonly workload: Workload | undefined;
  readonly title: string;
  readonly direction: Direction;
  /** Starts with an empty local folder, as on another machine. */
  readonly isFresh: boolean;
  prepare(place: Place): Promise<void>;
}

export type Workload = "first" | "unchanged" | "changed" | "renamed" | "down" | "large-up" | "large-down" | "disk";

/** The stories with the workloads that were asked for, each cut off after the last of them. */
export function chooseStories({ only }: Options, sizes: Sizes): readonly Story[] {
  const isWanted = ({ workload }: Step): boolean => only.some((name) => workload?.startsWith(name) === true);
  return [smallStory(sizes), largeStory(sizes), diskStory(sizes), photosStory(sizes), photosUpStory(sizes)]
    .map((story) => {
      const steps = story.steps.slice(0, story.steps.findLastIndex(isWanted) + 1);
      return { ...story, steps: steps.map((step) => (isWanted(step) ? step : { ...step, workload: undefined })) };
    })
    .filter(({ steps }) => steps.length > 0);
}

const FOR_FILES: readonly Service[] = ["dropbox", "onedrive", "yandex", "folder"];

function smallStory({ smallFiles: files }: Sizes): Story {
  return {
    name: "small",
    services: FOR_FILES,
    begin: (local) => makeSmallTree(local, files),
    steps: [
      step("first", `${String(files)} files of 4 KiB up, first run`, {}),
      step("unchanged", `${String(files)} files, no change`, {}),
      step("changed", `${String(files)} files, 1 % changed`, { prepare: ({ local }) => changeSmallTree(local, files) }),
      step("renamed", `a directory of ${String(files / 2)} files renamed`, {
        prepare: ({ local }) => renameHalf(local),
      }),
      step("down", `${String(files)} files of 4 KiB down, fresh folder`, { direction: "down", isFresh: true }),
    ],
  };
}

function largeStory({ largeBytes }: Sizes): Story {
  const size = `${String(largeBytes / 1024 ** 2)} MiB`;
  return {
    name: "large",
    services: FOR_FILES,
    begin: (local) => makeLargeTree(local, largeBytes),
    steps: [
      step("large-up", `one file of ${size} up`, {}),
      step("large-down", `one file of ${size} down`, { direction: "down", isFresh: true }),
    ],
  };
}

function diskStory({ diskFiles: files }: Sizes): Story {
  return {
    name: "disk",
    services: ["folder"],
    begin: (local, remote) => makeTwins(local, remote, files),
    // The first run only finds that both trees hold the same.
    steps: [
      { ...step("disk", "", {}), workload: undefined },
      step("disk", `${String(files)} tiny files on disk, no change`, {}),
    ],
  };
}

/** For a service that gives photos back as they were. */
function photosStory({ smallFiles: photos }: Sizes): Story {
  const { begin, steps } = photosUpStory({ smallFiles: photos });
  const down = step("down", `${String(photos)} photos down, fresh folder`, { direction: "down", isFresh: true });
  return { name: "photos", services: ["flickr"], begin, steps: [...steps, down] };
}

function photosUpStory({ smallFiles: photos }: Pick<Sizes, "smallFiles">): Story {
  return {
    name: "photos-up",
    services: ["gphotos"],
    begin: (local) => makePhotos(local, photos),
    steps: [
      step("first", `${String(photos)} photos in albums of ${String(PHOTOS_PER_ALBUM)} up, first run`, {}),
      step("unchanged", `${String(photos)} photos, no change`, {}),
    ],
  };
}

function step(workload: Workload, title: string, rest: Partial<Omit<Step, "workload" | "title">>): Step {
  return { workload, title, direction: "up", isFresh: false, prepare: async () => undefined, ...rest };
}
