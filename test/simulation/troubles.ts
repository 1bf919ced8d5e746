import type { MemoryProvider } from "../support/memory-provider.js";
import type { DiskCall } from "../support/simulated-disk.js";
import { drawEdits, isPossible } from "./drawn-worlds.js";
import type { Drawing } from "./drawn-worlds.js";
import type { RunOptions } from "./machine.js";
import { editMeanwhile } from "./whole.js";
import type { Whole } from "./whole.js";

/** One thing that goes wrong in a run, with words for the failure message. */
export interface Trouble {
  readonly words: string;
  readonly options: RunOptions;
  /** Ends it. */
  readonly over: () => void;
}

type DrawTrouble = (whole: Whole, drawing: Drawing) => Trouble;

/** Something of every kind that disks, services, people and power supplies do. */
export function drawTrouble(whole: Whole, drawing: Drawing): Trouble {
  return drawing.random.pick(TROUBLES)(whole, drawing);
}

const TROUBLES: readonly DrawTrouble[] = [
  drawDeath,
  drawDeath,
  drawListingTrouble,
  drawServiceTrouble,
  drawServiceTrouble,
  drawUploadTrouble,
  drawRevBump,
  drawMeanwhile,
  drawMeanwhile,
  drawDiskTrouble,
  drawDiskTrouble,
  drawFullState,
];

const nothing = (): void => undefined;

function drawDeath(_: Whole, { random }: Drawing): Trouble {
  const [dieAt, isPowerLoss] = [1 + random.below(60), random.chance(0.5)];
  return {
    words: `${isPowerLoss ? "power loss" : "kill"} at ${dieAt}`,
    options: { dieAt, isPowerLoss },
    over: nothing,
  };
}

function drawListingTrouble(_: Whole, { random }: Drawing): Trouble {
  const drawn = random.below(4);
  const number = random.below(6);
  return fault(`listing trouble ${drawn} ${number}`, ({ faults }) => {
    if (drawn === 0) faults.listFailsAfterPages = number;
    if (drawn === 1) faults.listLeavesOut = 1 + number;
    if (drawn === 2) faults.emptyPages = true;
    if (drawn === 3) faults.duplicates = true;
  });
}

function drawServiceTrouble({ cloud }: Whole, { random }: Drawing): Trouble {
  const drawn = random.below(5);
  const number = random.below(30);
  const paths = Object.keys(cloud.tree());
  return fault(`service trouble ${drawn} ${number}`, ({ faults }) => {
    const used = cloud.all().reduce((sum, entry) => sum + (entry.kind === "file" ? entry.bytes.length : 0), 0);
    if (drawn === 0) faults.quotaBytes = used + number;
    if (drawn === 1) faults.unauthorizedFromCall = number;
    if (drawn === 2) faults.isUnavailable = true;
    if (drawn === 3) faults.downloadsEndAfter = number;
    if (drawn === 4) for (const path of paths) if (random.chance(0.5)) faults.withoutHash.add(path);
  });
}

function drawUploadTrouble(whole: Whole, { random }: Drawing): Trouble {
  const [isCut, count] = [random.chance(0.4), 1 + random.below(3)];
  if (isCut)
    for (const content of [...Object.values(whole.start.local), ...whole.added])
      whole.spoiled.add(content.slice(0, -1));
  return fault(isCut ? `${count} uploads cut` : `${count} answers to uploads lost`, ({ faults }) => {
    if (isCut) faults.truncatedUploads = count;
    else faults.ambiguousUploads = count;
  });
}

function fault(words: string, trouble: (provider: MemoryProvider) => void): Trouble {
  return { words, options: { trouble }, over: nothing };
}

/** Somebody else writes the very file just before we do. */
function drawRevBump(whole: Whole, { random, fresh }: Drawing): Trouble {
  let left = 1 + random.below(3);
  let wait = random.below(4);
  return fault(`${left} bumps after ${wait} writes`, ({ faults }) => {
    faults.beforeWrite = (path) => {
      if (wait-- > 0 || left-- <= 0) return;
      if (isPossible(`write ${path}`, whole.cloud.tree())) editMeanwhile(whole, `R write ${path} ${fresh()}`);
    };
  });
}

/** People go on with their work. In the one-way modes only on the target: what its source holds in the end is then what it held. */
function drawMeanwhile(whole: Whole, drawing: Drawing): Trouble {
  const { random, mode } = drawing;
  const moments = new Set(Array.from({ length: 1 + random.below(3) }, () => 1 + random.below(50)));
  let effects = 0;
  const made: string[] = [];
  const only = {
    "two-way": undefined,
    backup: "remote",
    mirror: "remote",
    fetch: "local",
    "mirror-down": "local",
    outbox: "remote",
  } as const;
  return {
    get words() {
      return `meanwhile: ${made.join(", ")}`;
    },
    options: {
      onEffect: () => {
        if (!moments.has(++effects)) return;
        for (const words of drawEdits(whole, drawing, only[mode] ?? (random.chance(0.5) ? "local" : "remote"))) {
          made.push(words);
          editMeanwhile(whole, words);
        }
      },
    },
    over: nothing,
  };
}

const WRITING: readonly DiskCall[] = ["create", "write", "mkdir", "sync", "sync-folder", "rename", "link"];
const ANY: readonly DiskCall[] = [...WRITING, "unlink", "rmdir", "lstat", "readdir", "open", "read", "set-times"];

function drawDiskTrouble({ machine }: Whole, { random }: Drawing): Trouble {
  const code = random.pick(["ENOSPC", "EACCES", "EIO"] as const);
  const calls = code === "ENOSPC" ? WRITING : random.chance(0.5) ? WRITING : ANY;
  const call = random.pick(calls);
  const [from, length] = [random.below(12), random.chance(0.3) ? Infinity : 1 + random.below(4)];
  let count = 0;
  return {
    words: `${code} for ${call} number ${from} and ${length - 1} more`,
    options: {
      trouble: () => {
        machine.disk.fail = (asked) => {
          if (asked !== call) return undefined;
          const number = count++;
          return number >= from && number < from + length ? code : undefined;
        };
      },
    },
    over: () => {
      machine.disk.fail = undefined;
    },
  };
}

function drawFullState(_: Whole, { random }: Drawing): Trouble {
  const stateFullFrom = 1 + random.below(6);
  return { words: `state full from ${stateFullFrom}`, options: { stateFullFrom }, over: nothing };
}
