import path from "node:path";

const OUTSIDE = /^node:/;
const PROCESS = /^(node:)?process$/;
const OF_OURS = /^(bin|lib|providers|test|bench|scripts)\//;
const ONE_PROVIDER = /^providers\/[^/]+\//;

/** Engine files, by the beginning of their names, that act or look: all others of the engine only compute. */
export const ACTING_ENGINE = [
  "run",
  "identity",
  "observe",
  "make-plan",
  "find-hashes",
  "execute",
  "transfer",
  "confirm",
  "settle",
];

/**
 * Which part of the program may import what. The first row whose `files` match a file counts for it.
 * `may`: the files of ours that it may import, all when left out. `mayNot`: anything that it may not import besides.
 */
const ROWS = [
  { files: /^lib\/model\//, may: /^lib\/model\//, mayNot: OUTSIDE },
  { files: /^lib\/hash\//, may: /^lib\/(model|hash)\// },
  { files: /^lib\/http\//, may: /^(lib\/(model|http)\/|providers\/(provider|context)\.)/ },
  { files: /^lib\/local\//, may: /^(lib\/(model|hash|local)\/|providers\/provider\.)/ },
  { files: /^lib\/state\/sqlite\./, may: /^lib\/(model|state)\//, mayProcess: true },
  { files: /^lib\/state\//, may: /^(lib\/(model|state|local)\/|providers\/(provider|context)\.)/ },
  {
    files: new RegExp(`^lib/engine/(${ACTING_ENGINE.join("|")})`),
    may: /^(lib\/(model|hash|engine|local|state)\/|providers\/provider\.)/,
  },
  {
    files: /^lib\/engine\//,
    may: /^(lib\/(model|engine)\/|lib\/(local|state)\/types\.|providers\/provider\.)/,
    mayNot: OUTSIDE,
  },
  { files: /^lib\/report\//, may: /^lib\/((model|engine|local|state|report)\/|config\/(options|world)\.|version\.)/ },
  { files: /^lib\//, mayNot: ONE_PROVIDER },
  { files: /^bin\//, may: /^lib\//, mayProcess: true },
  { files: /^providers\/index\./, may: /^(lib\/model|providers)\// },
  { files: /^providers\/[^/]+$/, mayNot: ONE_PROVIDER },
  {
    files: /^providers\/folder\//,
    may: /^(lib\/(model|hash|local)|providers\/folder)\/|^providers\/(provider|context)\./,
  },
  {
    files: /^providers\//,
    may: /^lib\/(model|hash|http)\/|^providers\/(provider|context|memory|attempts|bad-name|refusals|signed-in)\./,
    mayOwnFolder: true,
  },
];

/** An ESLint rule that holds imports, re-exports and `import()` to the rows above. */
export const layers = {
  meta: {
    type: "problem",
    schema: [],
    messages: { forbidden: "{{file}} may not import {{target}}: see the table in ARCHITECTURE.md." },
  },
  create(context) {
    const file = toProjectPath(context.cwd, context.filename);
    const row = ROWS.find(({ files }) => files.test(file));
    if (row === undefined) return {};

    function check({ source }) {
      if (typeof source?.value !== "string") return;
      const target = resolveImport(file, source.value);
      if (mayImport(row, file, target)) return;
      context.report({ node: source, messageId: "forbidden", data: { file, target } });
    }
    return {
      ImportDeclaration: check,
      ExportNamedDeclaration: check,
      ExportAllDeclaration: check,
      ImportExpression: check,
    };
  },
};

function mayImport(row, file, target) {
  if (PROCESS.test(target)) return row.mayProcess === true;
  if (row.mayNot?.test(target)) return false;
  if (!OF_OURS.test(target) || row.may === undefined) return true;
  return row.may.test(target) || (row.mayOwnFolder === true && path.posix.dirname(target) === path.posix.dirname(file));
}

/** "../model/path.js" in lib/engine/plan.ts -> "lib/model/path.js"; packages and Node's modules as they are written. */
function resolveImport(file, specifier) {
  return specifier.startsWith(".") ? path.posix.join(path.posix.dirname(file), specifier) : specifier;
}

function toProjectPath(root, file) {
  return path.relative(root, file).split(path.sep).join("/");
}
