import { createRequire } from "node:module";
import process from "node:process";
import { UsageError } from "../model/errors.js";

/** What goes in and out. No integers beyond 2^53: reading one throws. Bytes are only used as a bound that sorts after all text. */
export type SqlValue = string | number | null | Uint8Array;

export type SqlRow = Readonly<Record<string, SqlValue>>;

/** The part of the `node:sqlite` interface that is used here; every release of it and of its twin package has it. */
export interface Connection {
  exec(sql: string): void;
  prepare(sql: string): Statement;
  close(): void;
}

export interface Statement {
  run(...values: SqlValue[]): { readonly changes: number | bigint };
  get(...values: SqlValue[]): SqlRow | undefined;
  all(...values: SqlValue[]): readonly SqlRow[];
}

export interface ConnectionOptions {
  readonly readOnly: boolean;
  /** Newer releases are defensive unless told otherwise, and then keep a journal even where none is wanted. */
  readonly defensive: boolean;
}

interface SqliteModule {
  readonly DatabaseSync: new (path: string, options: ConnectionOptions) => Connection;
}

const MISSING =
  "no SQLite here: this platform has no prebuilt copy for Node.js 20; please use Node.js 22.13 or newer, which brings its own";

/** Opens a raw connection. `path` may be a "file:" URL where the release understands them. */
export function connect(path: string, options: ConnectionOptions): Connection {
  loaded ??= load();
  return new loaded.DatabaseSync(path, options);
}

/** Loaded at the first use, so that commands without state never pay for it. */
let loaded: SqliteModule | undefined;

/** Node's own SQLite where there is one (22.13 and newer), else the package that brings the same interface to Node 20. */
function load(): SqliteModule {
  const builtin = withoutSqliteWarning(() => process.getBuiltinModule("node:sqlite"));
  if (isSqliteModule(builtin)) return builtin;
  const fallback = requirePackage();
  if (isSqliteModule(fallback)) return fallback;
  throw new UsageError(MISSING);
}

function requirePackage(): unknown {
  try {
    return createRequire(import.meta.url)("@photostructure/sqlite");
  } catch (error) {
    throw new UsageError(MISSING, { cause: error });
  }
}

/**
 * Loading the built-in module prints an ExperimentalWarning in Node 22, which cron would mail at every run. This is the one place
 * outside of `bin` that touches `process`: the warning can only be caught here, and only while the module is loaded.
 */
function withoutSqliteWarning(read: () => unknown): unknown {
  const emitWarning = process.emitWarning.bind(process);
  process.emitWarning = (warning: string | Error, ...rest: never[]) => {
    const text = typeof warning === "string" ? warning : warning.message;
    if (!text.includes("SQLite")) emitWarning(warning, ...rest);
  };
  try {
    return read();
  } catch {
    // A release that knows the module's name but not the module.
    return undefined;
  } finally {
    process.emitWarning = emitWarning;
  }
}

function isSqliteModule(module: unknown): module is SqliteModule {
  return typeof module === "object" && module !== null && "DatabaseSync" in module;
}
