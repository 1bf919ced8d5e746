import type { Settings } from "./settings.js";

export interface Tag {
  readonly id: string;
  /** As it was typed. */
  readonly raw: string;
  /** As lists show it, and what makes two tags equal. */
  readonly clean: string;
  readonly isMachine: boolean;
}

export interface MachineTag {
  readonly namespace: string;
  readonly predicate: string;
  readonly value: string;
}

/** Splits what a client sends: separated by spaces, a tag with spaces in double quotes. */
export function splitTags(text: string): readonly string[] {
  const tags = text.match(/(?:"[^"]*"|[^\s"])+/g) ?? [];
  return tags.map((tag) => tag.replaceAll('"', "").trim()).filter((tag) => tag !== "");
}

/** `namespace:predicate=value`; undefined for any other tag. */
export function parseMachineTag(raw: string): MachineTag | undefined {
  const parts = /^([a-z][a-z0-9_]*):([a-z][a-z0-9_]*)=(.*)$/is.exec(raw);
  if (parts === null) return undefined;
  const [, namespace = "", predicate = "", value = ""] = parts;
  return { namespace: namespace.toLowerCase(), predicate: predicate.toLowerCase(), value };
}

/** Lower case, without spaces and punctuation; a machine tag keeps its `:` and `=`. */
export function cleanTag(raw: string, { machineTagPunctuation }: Pick<Settings, "machineTagPunctuation">): string {
  const machine = parseMachineTag(raw);
  if (machine === undefined) return withoutPunctuation(raw);
  const { namespace, predicate, value } = machine;
  const clean = machineTagPunctuation === "lost" ? withoutPunctuation(value) : value.toLowerCase().replace(/\s/g, "");
  return `${namespace}:${predicate}=${clean}`;
}

function withoutPunctuation(text: string): string {
  return text.toLowerCase().replace(/[^\p{L}\p{N}\p{M}]/gu, "");
}

/** Tags in addition to others: those whose clean form is there already are left out. */
export function addTags(
  existing: readonly Tag[],
  raws: readonly string[],
  { settings, newId }: { readonly settings: Settings; readonly newId: () => string },
): readonly Tag[] {
  const tags = new Map(existing.map((tag) => [tag.clean, tag]));
  for (const long of raws) {
    const raw = long.slice(0, settings.tagLength);
    const clean = cleanTag(raw, settings);
    if (clean === "" || tags.has(clean)) continue;
    tags.set(clean, { id: newId(), raw, clean, isMachine: parseMachineTag(raw) !== undefined });
  }
  return [...tags.values()];
}
