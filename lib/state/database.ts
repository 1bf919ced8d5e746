import { LocalError } from "../model/errors.js";
import { DamagedValueError, isDamage, translateError } from "./sql-errors.js";
import { connect } from "./sqlite.js";
import type { Connection, SqlRow, SqlValue, Statement } from "./sqlite.js";

export interface DatabaseOptions {
  readonly pragmas: readonly string[];
  readonly readOnly?: boolean;
  /** Told once when a query finds the file damaged, so that the next run need not trust it. */
  readonly onDamage?: () => void;
}

/** Single writes that may be lost together with the process are gathered into transactions of this many. */
const BATCH_WRITES = 20_000;

/** Throws `UsageError` or `LocalError`, as all methods of the result do, naming the directory. */
export function openDatabase(path: string, options: DatabaseOptions): Database {
  try {
    const connection = connect(path, { readOnly: options.readOnly ?? false, defensive: false });
    try {
      for (const pragma of options.pragmas) connection.exec(`PRAGMA ${pragma}`);
    } catch (error) {
      connection.close();
      throw error;
    }
    return new Database(connection, path, options.onDamage);
  } catch (error) {
    throw translateError(error, path);
  }
}

/** One SQLite connection with its prepared statements, its open transaction, and errors put into words. */
export class Database {
  readonly #statements = new Map<string, Statement>();
  #writesInBatch = 0;
  #inTransaction = false;
  /** The first error that left no room. What is written without a journal is broken after it, and no damage to anything that is kept. */
  #noRoom: LocalError | undefined;

  constructor(
    private readonly connection: Connection,
    private readonly path: string,
    private readonly onDamage: (() => void) | undefined,
  ) {}

  exec(sql: string): void {
    this.#guard(() => {
      this.connection.exec(sql);
    });
  }

  /** Resolves to how many rows were changed. */
  run(sql: string, ...values: SqlValue[]): number {
    return this.#guard(() => Number(this.#prepare(sql).run(...values).changes));
  }

  /** `decode` may throw `DamagedValueError`. */
  get<T>(sql: string, values: readonly SqlValue[], decode: (row: SqlRow) => T): T | undefined {
    return this.#guard(() => {
      const row = this.#prepare(sql).get(...values);
      return row === undefined ? undefined : decode(row);
    });
  }

  all<T>(sql: string, values: readonly SqlValue[], decode: (row: SqlRow) => T): readonly T[] {
    return this.#guard(() =>
      this.#prepare(sql)
        .all(...values)
        .map(decode),
    );
  }

  /** A number that the query always yields, as counts do. */
  count(sql: string, ...values: SqlValue[]): number {
    return this.#guard(() => {
      const value = Object.values(this.#prepare(sql).get(...values) ?? {})[0];
      if (typeof value !== "number") throw new DamagedValueError("a count without a number");
      return value;
    });
  }

  /** As `run`, for writes that need not be durable on their own: they are committed many at a time. */
  batched(sql: string, ...values: SqlValue[]): void {
    this.#guard(() => {
      if (this.#writesInBatch === 0 && !this.#inTransaction) this.connection.exec("BEGIN");
      this.#prepare(sql).run(...values);
      if (!this.#inTransaction) this.#writesInBatch++;
    });
    if (this.#writesInBatch >= BATCH_WRITES) this.endBatch();
  }

  endBatch(): void {
    if (this.#writesInBatch === 0) return;
    this.#writesInBatch = 0;
    this.#guard(() => {
      this.connection.exec("COMMIT");
    });
  }

  /** All of `work` or nothing of it, durable before it returns. Transactions do not nest. */
  transaction<T>(work: () => T): T {
    this.endBatch();
    this.exec("BEGIN IMMEDIATE");
    this.#inTransaction = true;
    try {
      const result = work();
      this.exec("COMMIT");
      return result;
    } catch (error) {
      this.#rollBack();
      throw error;
    } finally {
      this.#inTransaction = false;
    }
  }

  close(): void {
    this.#statements.clear();
    this.#guard(() => {
      this.connection.close();
    });
  }

  #rollBack(): void {
    try {
      this.connection.exec("ROLLBACK");
    } catch {
      // After some errors, a full disk among them, SQLite has rolled back by itself; the first error is what counts.
    }
  }

  #prepare(sql: string): Statement {
    const known = this.#statements.get(sql);
    if (known !== undefined) return known;
    const statement = this.connection.prepare(sql);
    this.#statements.set(sql, statement);
    return statement;
  }

  #guard<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      if (isDamage(error) && this.#noRoom !== undefined) throw this.#noRoom;
      if (isDamage(error)) this.onDamage?.();
      const inWords = translateError(error, this.path);
      if (inWords instanceof LocalError && inWords.code === "full") this.#noRoom ??= inWords;
      throw inWords;
    }
  }
}
