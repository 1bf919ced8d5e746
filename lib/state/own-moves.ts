import { isKeyBelow } from "../model/path.js";
import type { PathKey } from "../model/path.js";
import type { Database } from "./database.js";
import type { Mirror, Place } from "./mirror.js";
import { moveMirrorRows } from "./move-rows.js";
import { toKey, toNumber, toStoredPath } from "./values.js";

/*
 * Folders that this job renamed on the remote side since the last listing. The mirror shows them under their new names at once. But what
 * others did in such a folder before it was renamed is listed under the old name, if at all: a file deleted then would
 * stay in the mirror for ever. So the mirror takes a listing in as it was before our renames, and learns of those from the listing, too.
 */

interface OwnMove {
  readonly position: number;
  readonly from: Place;
  readonly to: Place;
}

/** The renames that a listing that is being taken in may or may not mention. */
export interface OpenMoves {
  /** The listing says something of this path, which for `subtree` holds for all below it. Inside a transaction of the caller's. */
  readonly mention: (key: PathKey, subtree: boolean) => void;
  /** The listing says that this path is gone, and what was moved into it with it. Inside a transaction of the caller's. */
  readonly mentionGone: (key: PathKey) => void;
  /**
   * The listing has ended. A service may be behind its own answers, for moments or minutes: a rename that the listing is silent about
   * is so all the same. Had somebody undone it, the folder would have been listed, for it has changed once more.
   */
  readonly end: () => void;
}

export class OwnMoves {
  constructor(
    private readonly db: Database,
    private readonly mirror: Mirror,
  ) {}

  /** The rows have been moved. Inside a transaction of the caller's. */
  add(from: Place, to: Place): void {
    const sql = "INSERT INTO main.own_move (position, from_key, from_path, to_key, to_path) VALUES (?, ?, ?, ?, ?)";
    const position = this.db.count("SELECT ifnull(max(position), 0) FROM main.own_move") + 1;
    this.db.run(sql, position, from.key, from.path, to.key, to.path);
  }

  /** Inside a transaction of the caller's. */
  forget(): void {
    this.db.run("DELETE FROM main.own_move");
  }

  /**
   * Before a listing: the mirror is as it was when the last one ended, with all else that was settled since. A rename stays on record until
   * it is mentioned: a listing that breaks off leaves it for the next one, which finds it taken back.
   */
  takeBack(): OpenMoves {
    const silent = new Set(this.#read());
    if (silent.size > 0) {
      this.db.transaction(() => {
        for (const move of [...silent].reverse()) this.#carryOut({ from: move.to, to: move.from });
      });
    }
    const drop = (move: OwnMove): void => {
      silent.delete(move);
      this.db.run("DELETE FROM main.own_move WHERE position = ?", move.position);
    };
    const mention = (key: PathKey, subtree: boolean): void => {
      for (const move of silent) {
        if ([move.from.key, move.to.key].some((at) => at === key || (subtree && isKeyBelow(at, key)))) drop(move);
      }
    };
    return {
      mention,
      mentionGone: (key) => {
        for (const move of silent) {
          if (move.to.key === key || isKeyBelow(move.to.key, key)) this.#carryOut(move);
        }
        mention(key, true);
      },
      end: () => {
        if (silent.size === 0) return;
        this.db.transaction(() => {
          for (const move of silent) this.#carryOut(move);
        });
      },
    };
  }

  #carryOut({ from, to }: Pick<OwnMove, "from" | "to">): void {
    if (isThere(this.mirror, from) && !isThere(this.mirror, to)) moveMirrorRows(this.db, this.mirror.table, from, to);
  }

  #read(): readonly OwnMove[] {
    const sql = "SELECT position, from_key, from_path, to_key, to_path FROM main.own_move ORDER BY position";
    return this.db.all(sql, [], (row) => ({
      position: toNumber(row["position"]),
      from: { key: toKey(row["from_key"]), path: toStoredPath(row["from_path"]) },
      to: { key: toKey(row["to_key"]), path: toStoredPath(row["to_path"]) },
    }));
  }
}

function isThere(mirror: Mirror, { key }: Place): boolean {
  const entry = mirror.get(key);
  return entry !== undefined && entry.kind !== "gone";
}
