import type { Problem, RemoteEntry } from "../../../lib/model/entry.js";
import type { ListingPage, Provider, RemoteChange } from "../../../providers/provider.js";
import { signal } from "./signal.js";

/** What a listing has shown, all pages together. */
export interface Listed {
  readonly pages: readonly ListingPage[];
  readonly changes: readonly RemoteChange[];
  readonly entries: readonly RemoteEntry[];
  readonly problems: readonly Problem[];
  /** Of the entries. Sorted; folders end in "/". */
  readonly names: readonly string[];
  /** Where to go on, and what the listing is, as the last page says. */
  readonly cursor: string | undefined;
  readonly scope: ListingPage["scope"] | undefined;
}

export async function listAll(provider: Provider, from?: string): Promise<Listed> {
  const pages = await pagesOf(provider, from);
  const changes = pages.flatMap((page) => page.changes);
  const entries = changes.flatMap((change) => (change.kind === "entry" ? [change.entry] : []));
  const problems = changes.flatMap((change) => (change.kind === "problem" ? [change.problem] : []));
  const last = pages.at(-1);
  return { pages, changes, entries, problems, names: namesOf(entries), cursor: last?.cursor, scope: last?.scope };
}

export async function pagesOf(provider: Provider, from?: string): Promise<readonly ListingPage[]> {
  const pages: ListingPage[] = [];
  for await (const page of provider.list(from, signal)) pages.push(page);
  return pages;
}

/** Sorted; folders end in "/". */
export function namesOf(entries: Iterable<RemoteEntry>): readonly string[] {
  return Array.from(entries, (entry) => (entry.kind === "folder" ? `${entry.path}/` : entry.path)).sort();
}
