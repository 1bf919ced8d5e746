import { escapeName } from "../report/escape.js";
import { EXIT } from "../report/exit-codes.js";
import { line as jsonLine } from "../report/json.js";
import { argumentOf } from "./command.js";
import type { Command } from "./command.js";
import { loadJob } from "./load-options.js";

/** Why a path is, or is not, synced, and what the next run would do with it. */
export const explain: Command = async (context) => {
  const { world } = context;
  const path = argumentOf(context, "PATH");
  const job = await loadJob(context);
  const { explainPath } = await context.loadEngine();
  const lines = await explainPath(job, path, world, world.signal);
  if (job.json) world.stdout.write(jsonLine({ event: "explain", path, lines }));
  else for (const text of lines) world.stdout.write(`${escapeName(text)}\n`);
  return EXIT.inStep;
};
