import { ApiFailure } from "./failures.js";
import type { Photo } from "./photo.js";
import { arg, type Call } from "./route.js";
import { cleanTag, parseMachineTag } from "./tags.js";

const MAX_ALL = 16;
const MAX_ANY = 8;

interface Term {
  readonly namespace: string;
  readonly predicate: string | undefined;
  /** In its clean form. */
  readonly value: string | undefined;
}

/** `ns:pred="value"`, `ns:pred=`, `ns:`, with `*` for any part; several separated by commas. */
export function machineTagFilter(call: Call): (photo: Photo) => boolean {
  const text = arg(call, "machine_tags");
  if (text === undefined || text === "") return () => true;
  const terms = (text.match(/(?:"[^"]*"|[^",])+/g) ?? []).map((term) => parseTerm(call, term));
  const known = terms.filter((term) => term !== undefined);
  if (known.length === 0) throw new ApiFailure(11, "No valid machine tags", { isMisuse: true });
  const isAll = arg(call, "machine_tag_mode") === "all";
  if (known.length > (isAll ? MAX_ALL : MAX_ANY)) {
    throw new ApiFailure(12, "Exceeded maximum allowable machine tags", { isMisuse: true });
  }
  return (photo) => {
    const isThere = (term: Term): boolean => hasTag(photo, term);
    return isAll ? known.every(isThere) : known.some(isThere);
  };
}

function parseTerm({ world }: Call, text: string): Term | undefined {
  const parts = /^([a-z*][a-z0-9_]*):(?:([a-z*][a-z0-9_]*)(?:=(.*))?)?$/i.exec(text.trim());
  if (parts === null) return undefined;
  const [, namespace = "", predicate, quoted = ""] = parts;
  const value = quoted.replaceAll('"', "");
  const clean = cleanTag(`a:b=${value}`, world.settings).slice("a:b=".length);
  return {
    namespace: namespace.toLowerCase(),
    predicate: predicate?.toLowerCase(),
    value: value === "" || value === "*" ? undefined : clean,
  };
}

function hasTag({ tags }: Photo, { namespace, predicate, value }: Term): boolean {
  return tags.some(({ clean, isMachine }) => {
    const machine = isMachine ? parseMachineTag(clean) : undefined;
    if (machine === undefined) return false;
    const isNamespace = namespace === "*" || namespace === machine.namespace;
    const isPredicate = predicate === undefined || predicate === "*" || predicate === machine.predicate;
    return isNamespace && isPredicate && (value === undefined || value === machine.value);
  });
}
