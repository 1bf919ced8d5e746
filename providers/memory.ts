import type * as z from "zod";
import type { ProviderContext } from "./context.js";

/** What this job remembers from run to run. */
export type Memory = ProviderContext["memory"];

/** What was remembered under the name; undefined for nothing, and for what an older version wrote in another shape. */
export function recall<T>(memory: Memory, name: string, schema: z.ZodType<T>): T | undefined {
  const text = memory.get(name);
  return text === undefined ? undefined : parseJson(text, schema);
}

/** Undefined for anything but JSON of this shape. */
export function parseJson<T>(text: string, schema: z.ZodType<T>): T | undefined {
  try {
    return schema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

export function remember(memory: Memory, name: string, value: unknown): void {
  memory.set(name, JSON.stringify(value));
}
