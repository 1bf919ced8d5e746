import type { Field } from "./signature.js";

/** The parameters of a request, wherever they stood. */
export class Fields {
  constructor(
    readonly query: readonly Field[],
    readonly body: readonly Field[],
    readonly header: readonly Field[],
  ) {}

  get all(): readonly Field[] {
    return [...this.query, ...this.body, ...this.header];
  }

  get(name: string): string | undefined {
    return this.all.find(([one]) => one === name)?.[1];
  }

  /** Names that stand there more than once. */
  repeated(): readonly string[] {
    const names = this.all.map(([name]) => name);
    return [...new Set(names.filter((name, index) => names.indexOf(name) !== index))];
  }

  /** Everything but what belongs to OAuth. */
  arguments(): Readonly<Record<string, string>> {
    return Object.fromEntries(this.all.filter(([name]) => !name.startsWith("oauth_")));
  }
}

/** Pairs of application/x-www-form-urlencoded text, in their order. */
export function decodeForm(text: string): readonly Field[] {
  return [...new URLSearchParams(text)];
}

/** The parameters of an `Authorization: OAuth` header; `realm` takes no part in the signature. */
export function decodeAuthorization(value: string | undefined): readonly Field[] {
  const parts = /^OAuth\s+(.*)$/is.exec(value ?? "");
  if (parts === null) return [];
  const pairs = [...(parts[1] ?? "").matchAll(/([^\s,=]+)="([^"]*)"/g)];
  return pairs
    .map(([, name = "", encoded = ""]): Field => [decodeURIComponent(name), decodeURIComponent(encoded)])
    .filter(([name]) => name !== "realm");
}
