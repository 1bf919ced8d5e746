import type { RemoteEntry } from "../model/entry.js";
import type { PathKey, SyncPath } from "../model/path.js";
import type { SqlRow, SqlValue } from "./sqlite.js";
import type { MirrorEntry, Row } from "./types.js";
import {
  pathColumn,
  toKey,
  toOptionalHash,
  toOptionalNumber,
  toOptionalText,
  toPath,
  toText,
  toWord,
} from "./values.js";

const KINDS = ["file", "folder", "special", "gone"] as const;

/** The value of the kind column for tombstones. */
export const GONE = KINDS.indexOf("gone");

export const REMOTE_COLUMNS = "key, path, kind, id, version, size, modified, hash, type";

/** The values of `REMOTE_COLUMNS`. */
export function toRemoteColumns(key: PathKey, entry: MirrorEntry): SqlValue[] {
  const place = [key, pathColumn(key, entry.path), KINDS.indexOf(entry.kind)];
  switch (entry.kind) {
    case "file":
      return [
        ...place,
        entry.id ?? null,
        entry.version ?? null,
        entry.sizeBytes ?? null,
        entry.modifiedMs ?? null,
        entry.hash ?? null,
        null,
      ];
    case "folder":
      return [...place, entry.id ?? null, null, null, null, null, null];
    case "special":
      return [...place, null, null, null, null, null, entry.type];
    case "gone":
      return [...place, null, null, null, null, null, null];
  }
}

export function toRemoteRow(row: SqlRow): Row<MirrorEntry> {
  const key = toKey(row["key"]);
  return { key, entry: toEntry(toPath(key, row["path"]), row) };
}

function toEntry(path: SyncPath, row: SqlRow): RemoteEntry | MirrorEntry {
  const kind = toWord(KINDS, row["kind"]);
  switch (kind) {
    case "file":
      return {
        kind,
        path,
        id: toOptionalText(row["id"]),
        version: toOptionalText(row["version"]),
        sizeBytes: toOptionalNumber(row["size"]),
        modifiedMs: toOptionalNumber(row["modified"]),
        hash: toOptionalHash(row["hash"]),
      };
    case "folder":
      return { kind, path, id: toOptionalText(row["id"]) };
    case "special":
      return { kind, path, type: toText(row["type"]) };
    case "gone":
      return { kind, path };
  }
}
