import type { Command } from "./command.js";
import { runAndReport } from "./run-and-report.js";

/** Shows what `sync` would do, and changes nothing. */
export const plan: Command = (context) => runAndReport(context, true);
