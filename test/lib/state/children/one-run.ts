import process from "node:process";
import { openJobState } from "../../../../lib/state/job-state.js";

/** Leaves one finished and one unfinished run in the job of argv[2]. */
const [, , dir = ""] = process.argv;
const { state } = openJobState({ dir, mode: "sync", scratchDir: dir });
state.runs.begin({ id: "1", startedMs: 1 });
state.runs.finish({ id: "1", startedMs: 1, finishedMs: 2, exitCode: 0, totals: undefined, message: undefined });
state.runs.begin({ id: "2", startedMs: 2 });
state.close();
