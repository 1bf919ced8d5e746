// Makes a fresh clone, or one that was just updated, ready to run: installs the packages and builds the executable,
// each only when needed. It runs before `npm start` and `npm test`, so it uses nothing but Node itself.
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";

const ROOT = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "..");

// Written so that Node versions far too old for the program still get as far as being told so.
void setUp().then((exitCode) => {
  process.exitCode = exitCode;
});

/** Resolves to the exit code: 0 when everything is ready. */
async function setUp() {
  const complaint = complainAboutNode();
  if (complaint !== undefined) return fail(complaint);
  const { build, isUpToDate } = await import("./build.mjs");
  const isReady = () => hasPackages() && isUpToDate();
  if (isReady()) return 0;
  const { holdLock } = await import("./hold-lock.mjs");
  return holdLock(path.join(ROOT, "dist", ".setup-lock"), async () => {
    // Another setup may have done the work while this one waited.
    if (!hasPackages()) {
      const failure = installPackages();
      if (failure !== undefined) return fail(failure);
    }
    await build();
    return 0;
  });
}

/** Undefined when this Node is one of `engines.node`, which is written as "^A.B.C || ^D.E.F || >=G". */
function complainAboutNode() {
  const { engines } = JSON.parse(fs.readFileSync(path.join(ROOT, "package.json"), "utf8"));
  const actual = process.versions.node.split(".").map(Number);
  const fits = engines.node.split("||").some((range) => {
    const wanted = range
      .replace(/[^\d.]/g, "")
      .split(".")
      .map(Number);
    const sameMajor = actual[0] === wanted[0];
    return isAtLeast(actual, wanted) && (sameMajor || range.includes(">="));
  });
  if (fits) return undefined;
  return `trisync needs Node ${engines.node}, and this is Node ${process.versions.node}. Install a newer one from https://nodejs.org.`;
}

function isAtLeast(actual, wanted) {
  for (let i = 0; i < wanted.length; i++) {
    if (actual[i] !== wanted[i]) return actual[i] > wanted[i];
  }
  return true;
}

/** npm writes its own copy of the lock file last of all, so that copy's age is when an install was last finished. */
function hasPackages() {
  const installed = fs.statSync(path.join(ROOT, "node_modules", ".package-lock.json"), { throwIfNoEntry: false });
  if (installed === undefined) return false;
  // An install without development packages cannot build.
  if (!fs.existsSync(path.join(ROOT, "node_modules", "esbuild"))) return false;
  return installed.mtimeMs >= fs.statSync(path.join(ROOT, "package-lock.json")).mtimeMs;
}

/** Returns what went wrong, or undefined. npm is heard only when it fails. */
function installPackages() {
  process.stderr.write("trisync: installing packages, which takes a minute the first time …\n");
  const flags = ["ci", "--include=dev", "--include=optional", "--no-audit", "--no-fund"];
  const npm = process.env.npm_execpath;
  const options = { cwd: ROOT, encoding: "utf8", maxBuffer: 64 * 1024 * 1024 };
  const result =
    npm === undefined
      ? spawnSync(["npm", ...flags].join(" "), { ...options, shell: true })
      : spawnSync(process.execPath, [npm, ...flags], options);
  if (result.status === 0) return undefined;
  return `npm ci failed (${result.error?.message ?? result.signal ?? `exit code ${result.status}`}):\n${result.stdout ?? ""}${result.stderr ?? ""}`;
}

function fail(message) {
  process.stderr.write(`${message.trimEnd()}\n`);
  return 1;
}
