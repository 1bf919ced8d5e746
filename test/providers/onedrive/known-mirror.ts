import type { RemoteEntry } from "../../../lib/model/entry.js";
import { toSyncPath } from "../../../lib/model/path.js";
import type { KnownItems } from "../../../providers/context.js";
import type { ListingPage, Provider, RemoteChange } from "../../../providers/provider.js";

/** What the engine keeps of listings, as far as a provider gets to see it: every page is taken in before the next is asked for. */
export interface KnownMirror {
  readonly known: KnownItems;
  /** The same provider, whose listings are taken in on their way. */
  follow(provider: Provider): Provider;
  /** As the engine does with what an upload or a new folder has put there. */
  add(entry: RemoteEntry): void;
  /** Sorted; folders end in "/", special entries in "*". */
  paths(): readonly string[];
}

export function createKnownMirror(): KnownMirror {
  let entries = new Map<string, RemoteEntry>();
  let incoming: Map<string, RemoteEntry> | undefined;

  async function* take(pages: AsyncIterable<ListingPage>): AsyncGenerator<ListingPage> {
    try {
      for await (const page of pages) {
        if (page.scope === "full") incoming ??= new Map();
        if (page.scope === "changes" && incoming !== undefined) throw new Error("changes after a complete listing");
        for (const change of page.changes) apply(incoming ?? entries, change, incoming === undefined);
        yield page;
      }
      entries = incoming ?? entries;
    } finally {
      incoming = undefined;
    }
  }

  return {
    known: {
      find: (id) => {
        const all = [...(incoming ?? entries).values()];
        const found = all.find((entry) => entry.kind !== "special" && entry.id === id);
        return found === undefined || found.kind === "special" ? undefined : { kind: found.kind, path: found.path };
      },
    },
    follow: (provider) => ({ ...provider, list: (cursor, signal) => take(provider.list(cursor, signal)) }),
    add: (entry) => void entries.set(keyOf(entry.path), entry),
    paths: () => {
      const marks = { file: "", folder: "/", special: "*" };
      return [...entries.values()].map(({ path, kind }) => path + marks[kind]).sort();
    },
  };
}

function apply(entries: Map<string, RemoteEntry>, change: RemoteChange, isContinued: boolean): void {
  switch (change.kind) {
    case "entry":
      entries.set(keyOf(change.entry.path), change.entry);
      return;
    case "gone":
      for (const key of [...entries.keys()]) if (isAtOrBelow(key, change.path)) entries.delete(key);
      return;
    case "moved": {
      if (!isContinued) throw new Error("a complete listing shows where everything is, not what was moved");
      const { from, to } = change;
      const moved = [...entries].filter(([key]) => isAtOrBelow(key, from));
      if (moved.length === 0) throw new Error(`nothing is known to be at ${from}`);
      for (const [key] of moved) entries.delete(key);
      for (const key of [...entries.keys()]) if (isAtOrBelow(key, to)) entries.delete(key);
      for (const [, entry] of moved) {
        const path = toSyncPath([to, ...entry.path.split("/").slice(from.split("/").length)].join("/"));
        entries.set(keyOf(path), { ...entry, path });
      }
      return;
    }
    case "problem":
      return;
  }
}

function keyOf(path: string): string {
  return path.toLowerCase().normalize("NFC");
}

function isAtOrBelow(key: string, path: string): boolean {
  return key === keyOf(path) || key.startsWith(`${keyOf(path)}/`);
}
