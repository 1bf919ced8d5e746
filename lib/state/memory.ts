import type { Database } from "./database.js";
import type { ProviderMemory } from "./types.js";
import { toText } from "./values.js";

export function createMemory(db: Database): ProviderMemory {
  return {
    get: (name) => db.get("SELECT value FROM main.memory WHERE name = ?", [name], (row) => toText(row["value"])),
    set: (name, value) => {
      db.transaction(() => {
        if (value === undefined) db.run("DELETE FROM main.memory WHERE name = ?", name);
        else db.run("INSERT OR REPLACE INTO main.memory (name, value) VALUES (?, ?)", name, value);
      });
    },
    entries: (prefix) =>
      db.all(
        "SELECT name, value FROM main.memory WHERE name >= ? AND substr(name, 1, length(?)) = ? ORDER BY name",
        [prefix, prefix, prefix],
        (row) => [toText(row["name"]), toText(row["value"])] as const,
      ),
  };
}
