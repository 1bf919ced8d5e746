import { writeSync } from "node:fs";
import process from "node:process";
import { openJobState } from "../../../../lib/state/job-state.js";
import type { Settlement } from "../../../../lib/state/types.js";
import { toPathKey, toSyncPath } from "../../../../lib/model/path.js";

/** Settles batch after batch in the job of argv[2], and prints the number of each once it is done; never ends by itself. */
const [, , dir = "", size = "50", last = "Infinity"] = process.argv;
const { state } = openJobState({ dir, mode: "sync", scratchDir: dir });
const first = Number(state.memory.get("batches") ?? "0");
writeSync(1, "open\n");
for (let batch = first; batch < first + Number(last); batch++) {
  state.settle(Array.from({ length: Number(size) }, (_, i) => agreed(batch, i)));
  state.settle([moved(batch)]);
  state.memory.set("batches", String(batch + 1));
  writeSync(1, `${batch}\n`);
}
state.close();

function agreed(batch: number, i: number): Settlement {
  const path = toSyncPath(`new/batch ${batch}/file ${i}`);
  const hash = "sha256:00" as const;
  const remote = { id: `${batch}/${i}`, version: "1", sizeBytes: i, modifiedMs: 1, hash };
  return {
    kind: "agreed",
    key: toPathKey(path, false),
    base: {
      kind: "file",
      path,
      remotePath: path,
      local: { sizeBytes: i, modifiedMs: 1, inode: "1:1", stamp: "s".repeat(200), hash },
      remote,
      placed: "neither",
    },
    remote: { kind: "file", path, ...remote },
  };
}

function moved(batch: number): Settlement {
  const place = (path: string) => ({ key: toPathKey(toSyncPath(path), false), path: toSyncPath(path) });
  return { kind: "moved", from: place(`new/batch ${batch}`), to: place(`done/${batch}`), mirrorToo: true };
}
