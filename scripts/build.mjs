// Bundles the executable into dist/: `node scripts/build.mjs [--force]`. With --force it builds even when nothing changed,
// and leaves nothing of earlier builds behind; that is for packing a release.
//
// A build never touches a file that a running trisync may still load: chunks carry the hash of their content in their
// name and are added beside the old ones, and the entry, which names its chunks, is replaced last by a rename. So two
// builds at once, or a build during a run, always leave a dist/ that works.
import { createHash, randomUUID } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import process from "node:process";
import { fileURLToPath, pathToFileURL } from "node:url";

const ROOT = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "..");
const DIST = path.join(ROOT, "dist");
const ENTRY = path.join(DIST, "bin", "cli.js");
const STAMP = path.join(DIST, ".build-stamp");
const SOURCES = [
  "bin",
  "lib",
  "providers",
  "package.json",
  "package-lock.json",
  "scripts/build.mjs",
  "scripts/lazy-list-format.mjs",
  "scripts/licences.mjs",
  "scripts/no-http2.mjs",
  "scripts/string-width.cjs",
];

const HASHBANG = /^#!.*\n/;

/**
 * Node takes `--env-file` for an option of its own, wherever it stands, unless `--` comes first: it would read the job's file itself and
 * end with 9 where that is missing. `env -S node --` is not everywhere, so a shell starts Node. To JavaScript the second line is a text and a comment.
 */
const LAUNCHER = '#!/usr/bin/env sh\n":" //; exec node -- "$0" "$@"\n';

/** Chunks of an earlier build are kept this long for processes that were started from it and still load on demand. */
const OLD_CHUNK_DAYS = 7;

/** Builds unless dist/ was made from exactly these sources. Returns whether it built. */
export async function build({ force = false } = {}) {
  // The stamp is taken before the sources are read: a file saved during the build makes the next one build again.
  const stamp = stampSources();
  if (!force && isBuilt(stamp)) return false;
  const files = await bundle();
  const entry = files.find((file) => file.path === ENTRY);
  if (entry === undefined) throw new Error(`the bundle has no ${path.relative(ROOT, ENTRY)}`);
  for (const file of files) {
    if (file !== entry) replaceFile(file.path, file.contents, 0o644);
  }
  replaceFile(entry.path, entry.contents, 0o755);
  replaceFile(STAMP, stamp, 0o644);
  removeChunks({ except: new Set(files.map((file) => file.path)), olderThanDays: force ? 0 : OLD_CHUNK_DAYS });
  return true;
}

export function isUpToDate() {
  return isBuilt(stampSources());
}

function isBuilt(stamp) {
  return fs.existsSync(ENTRY) && readIfThere(STAMP) === stamp;
}

/** Names, sizes and times of everything the bundle is made from: differs after an edit, a removal and a checkout. */
function stampSources() {
  const hash = createHash("sha256");
  for (const source of SOURCES) {
    for (const file of listFiles(path.join(ROOT, source))) {
      const { size, mtimeMs } = fs.statSync(file);
      hash.update(`${path.relative(ROOT, file)}\0${size}\0${mtimeMs}\n`);
    }
  }
  return hash.digest("hex");
}

function listFiles(start) {
  const stats = fs.statSync(start, { throwIfNoEntry: false });
  if (stats === undefined) return [];
  if (!stats.isDirectory()) return [start];
  const names = fs.readdirSync(start).sort();
  return names.flatMap((name) => listFiles(path.join(start, name)));
}

async function bundle() {
  // Loaded only when there is something to build: setup.mjs asks isUpToDate() before the packages are installed.
  const [esbuild, { collectLicences }] = await Promise.all([import("esbuild"), import("./licences.mjs")]);
  const { version } = JSON.parse(fs.readFileSync(path.join(ROOT, "package.json"), "utf8"));
  const result = await esbuild.build({
    absWorkingDir: ROOT,
    entryPoints: { "bin/cli": "bin/cli.ts" },
    outdir: DIST,
    chunkNames: "chunks/[name]-[hash]",
    write: false,
    metafile: true,
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "node",
    target: "node20.19",
    // Native code cannot be bundled; it is an ordinary (optional) dependency of the package.
    external: ["@photostructure/sqlite"],
    alias: { "http2-wrapper": "./scripts/no-http2.mjs", "string-width": "./scripts/string-width.cjs" },
    define: {
      __TRISYNC_VERSION__: JSON.stringify(version),
      // What CommonJS packages take for granted, an ES module has to make for itself.
      __filename: "import.meta.filename",
      __dirname: "import.meta.dirname",
      "Intl.ListFormat": "LazyListFormat",
    },
    inject: ["scripts/lazy-list-format.mjs"],
    banner: {
      js: 'import { createRequire as __createRequire } from "node:module";\nconst require = __createRequire(import.meta.url);',
    },
    legalComments: "none",
    minifyWhitespace: true,
    minifySyntax: true,
    logLevel: "warning",
  });
  assertImportsMatch(result);
  const licences = collectLicences(ROOT, Object.keys(result.metafile.inputs));
  return [
    ...result.outputFiles.map(({ path: file, text }) => ({ path: file, contents: text.replace(HASHBANG, LAUNCHER) })),
    { path: path.join(DIST, "LICENCES.txt"), contents: licences },
  ];
}

/**
 * A bundled CommonJS package has a default export only: `const { parse } = await import("dotenv")` works from the sources
 * and is undefined in the bundle. Throws when the bundle takes a name from a chunk that does not export it.
 */
function assertImportsMatch({ outputFiles, metafile }) {
  for (const file of outputFiles) {
    for (const [, names, target] of file.text.matchAll(/\{([^{}]*)\}\s*=\s*await import\("(\.[^"]+)"\)/g)) {
      const chunk = path
        .relative(ROOT, path.resolve(path.dirname(file.path), target))
        .split(path.sep)
        .join("/");
      const wanted = names.split(",").map((name) => name.split(":")[0].trim());
      const missing = wanted.filter((name) => name !== "" && !metafile.outputs[chunk].exports.includes(name));
      if (missing.length === 0) continue;
      const { entryPoint } = metafile.outputs[chunk];
      throw new Error(`${entryPoint} is CommonJS: take ${missing.join(", ")} from the default export of import()`);
    }
  }
}

/** Old or new, never half: the content goes to a temporary file that is then renamed over the target. */
function replaceFile(file, contents, mode) {
  fs.mkdirSync(path.dirname(file), { recursive: true });
  const temporary = `${file}.${randomUUID()}.tmp`;
  fs.writeFileSync(temporary, contents, { mode });
  fs.renameSync(temporary, file);
}

function removeChunks({ except, olderThanDays }) {
  const oldestMs = Date.now() - olderThanDays * 24 * 60 * 60 * 1000;
  for (const file of listFiles(path.join(DIST, "chunks"))) {
    if (except.has(file)) continue;
    const stats = fs.statSync(file, { throwIfNoEntry: false });
    if (stats !== undefined && stats.mtimeMs < oldestMs) fs.rmSync(file, { force: true });
  }
}

function readIfThere(file) {
  try {
    return fs.readFileSync(file, "utf8");
  } catch (error) {
    if (error.code === "ENOENT") return undefined;
    throw error;
  }
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(fs.realpathSync(process.argv[1])).href) {
  await build({ force: process.argv.includes("--force") });
}
