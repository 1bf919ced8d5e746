import type { Command } from "./command.js";
import { runAndReport } from "./run-and-report.js";

/** Makes both sides agree. */
export const sync: Command = (context) => runAndReport(context, false);
