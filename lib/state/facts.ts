import type { Database } from "./database.js";
import type { FactName, JobFacts } from "./types.js";
import { toText } from "./values.js";

/** A fact that only this folder knows: whether the mirror in the state file is the outcome of a complete listing. */
type OwnFactName = "mirror-listed";

export type StoredFactName = FactName | OwnFactName;

export function createFacts(db: Database): JobFacts {
  return {
    get: (name) => getFact(db, name),
    set: (name, value) => {
      db.transaction(() => {
        putFact(db, name, value);
      });
    },
  };
}

export function getFact(db: Database, name: StoredFactName): string | undefined {
  return db.get("SELECT value FROM main.fact WHERE name = ?", [name], (row) => toText(row["value"]));
}

/** Inside a transaction of the caller's. */
export function putFact(db: Database, name: StoredFactName, value: string | undefined): void {
  if (value === undefined) db.run("DELETE FROM main.fact WHERE name = ?", name);
  else db.run("INSERT OR REPLACE INTO main.fact (name, value) VALUES (?, ?)", name, value);
}

/** Counts the runs that changed the base: one step per run, however often it is told. */
export class Generation {
  #ofThisRun: number | undefined;

  constructor(private readonly db: Database) {}

  /** Inside a transaction of the caller's. */
  grow(): void {
    this.#ofThisRun ??= Number(getFact(this.db, "generation") ?? "0") + 1;
    putFact(this.db, "generation", String(this.#ofThisRun));
  }
}
