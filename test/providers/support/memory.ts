import type { ProviderContext } from "../../../providers/context.js";

export type Memory = ProviderContext["memory"];

/** What one job remembers. `values` is there to look into. */
export function createMemory(values = new Map<string, string>()): Memory & { readonly values: Map<string, string> } {
  return {
    values,
    get: (name) => values.get(name),
    set: (name, value) => {
      if (value === undefined) values.delete(name);
      else values.set(name, value);
    },
    entries: (prefix) => [...values].filter(([name]) => name.startsWith(prefix)),
  };
}
