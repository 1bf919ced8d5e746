interface Wanted {
  readonly children: Map<string, Wanted>;
}

/**
 * Leaves of a value what a `fields` parameter names: names with commas between them, dots for depth. A name alone stands for
 * all that it holds; where deeper names are given as well, only those. Unknown names are ignored.
 */
export function project(value: unknown, fields: string | null): unknown {
  if (fields === null || fields === "") return value;
  return keep(value, parse(fields));
}

function parse(fields: string): Wanted {
  const top: Wanted = { children: new Map() };
  for (const field of fields.split(",")) {
    let at = top;
    for (const name of field.trim().split(".")) {
      const next = at.children.get(name) ?? { children: new Map<string, Wanted>() };
      at.children.set(name, next);
      at = next;
    }
  }
  return top;
}

function keep(value: unknown, wanted: Wanted): unknown {
  if (wanted.children.size === 0) return value;
  if (Array.isArray(value)) return value.map((item: unknown) => keep(item, wanted));
  if (typeof value !== "object" || value === null) return value;
  const kept = Object.entries(value).flatMap(([name, inner]): [string, unknown][] => {
    const child = wanted.children.get(name);
    return child === undefined ? [] : [[name, keep(inner, child)]];
  });
  return Object.fromEntries(kept);
}
