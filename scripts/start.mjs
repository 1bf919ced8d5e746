// `npm start -- ARGUMENTS` is trisync with these arguments; `npm start` alone is a demonstration on a made-up tree.
import fs from "node:fs";
import path from "node:path";
import process from "node:process";
import { fileURLToPath, pathToFileURL } from "node:url";

const ENTRY = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "..", "dist", "bin", "cli.js");

if (process.argv.length > 2) await runHere();
else await demonstrate();

/** The program runs in this very process: streams, signals and the exit code need no passing on. */
async function runHere() {
  // npm goes to the project's folder; what the user typed is relative to where they are.
  const { INIT_CWD: userFolder } = process.env;
  if (userFolder !== undefined && fs.existsSync(userFolder)) process.chdir(userFolder);
  process.argv[1] = ENTRY;
  await import(pathToFileURL(ENTRY).href);
}

async function demonstrate() {
  const { runDemonstration } = await import("./demonstration.mjs");
  process.exitCode = await runDemonstration(ENTRY);
}
