import { execFile } from "node:child_process";
import process from "node:process";
import { promisify } from "node:util";
import type { RunOptions } from "./executable.js";

const run = promisify(execFile);

/** Root without the right to pass over permissions: files of its own that it closed to itself are closed. */
const SETPRIV = [
  "setpriv",
  "--bounding-set=-dac_override,-dac_read_search",
  "--inh-caps=-dac_override,-dac_read_search",
];

/** How to run a child for which permissions count, whoever runs the tests. */
export async function withoutPrivileges(): Promise<Pick<RunOptions, "through">> {
  if (process.getuid?.() !== 0) return {};
  await run(SETPRIV[0] ?? "", [...SETPRIV.slice(1), "true"]);
  return { through: SETPRIV };
}
