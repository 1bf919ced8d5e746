import { createHash } from "node:crypto";
import type { ProviderContext } from "../context.js";

/** What all jobs of one project on this machine know together, by name. */
export interface Notes {
  /** Replaces the note by what `change` makes of it, while no other job can. Durable before it returns the new one. */
  update(name: "day" | "new-albums", change: (note: string | undefined) => string): string;
}

/** Jobs of one Google Cloud project share its notes, whoever is signed in: the number before the dash in a client's id names it. */
export function createNotes(
  { shared, memory }: Pick<ProviderContext, "shared" | "memory">,
  project: { readonly clientId: string; readonly api: string },
): Notes {
  const number = /^\d+(?=-)/.exec(project.clientId)?.[0] ?? project.clientId;
  const id = createHash("sha256")
    .update(JSON.stringify([project.api, number]))
    .digest("hex")
    .slice(0, 16);
  return {
    update: (name, change) => {
      if (shared !== undefined) return shared.update(`gphotos ${id} ${name}`, change);
      const note = change(memory.get(name));
      memory.set(name, note);
      return note;
    },
  };
}
