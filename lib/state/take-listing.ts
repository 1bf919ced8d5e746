import type { Problem } from "../model/entry.js";
import { toPathKey } from "../model/path.js";
import type { ListingPage, RemoteChange } from "../../providers/provider.js";
import type { Database } from "./database.js";
import { putFact } from "./facts.js";
import { Mirror } from "./mirror.js";
import { moveListed } from "./move-listed.js";
import type { OpenMoves, OwnMoves } from "./own-moves.js";
import { REMOTE_COLUMNS } from "./remote-rows.js";
import { dropAllProblems, dropProblems, moveProblems, storeProblem, storedProblems } from "./remote-problems.js";

interface Target {
  readonly db: Database;
  readonly mirror: Mirror;
  readonly ownMoves: OwnMoves;
  readonly foldCase: boolean;
}

/**
 * Brings the mirror up to date. Pages of changes are applied one by one, each with its cursor in one transaction; those of a full
 * listing go to a table aside, which takes the mirror's place only when the listing has ended.
 */
export async function takeListing(target: Target, pages: AsyncIterable<ListingPage>): Promise<readonly Problem[]> {
  const passing: Problem[] = [];
  const openMoves = target.ownMoves.takeBack();
  let full: FullListing | undefined;
  try {
    for await (const page of pages) {
      if (page.scope === "full") full ??= new FullListing(target);
      if (full === undefined) takeChanges(target, page, openMoves);
      else full.take(page);
      passing.push(...problemsOf(page).filter(({ covers }) => typeof covers !== "object"));
    }
    if (full === undefined) openMoves.end();
    else full.becomeMirror();
  } finally {
    target.mirror.expect(undefined);
  }
  return [...passing, ...storedProblems(target.db)];
}

function takeChanges(target: Target, page: ListingPage, openMoves: OpenMoves): void {
  const { db, mirror, foldCase } = target;
  if (mirror.table !== "main.mirror" || mirror.isEmpty()) {
    throw new Error("a listing of changes without a complete one before it");
  }
  db.transaction(() => {
    for (const change of page.changes) applyNews(target, change, openMoves);
    for (const problem of problemsOf(page)) storeProblem(db, problem, foldCase);
    if (page.cursor !== undefined) putFact(db, "cursor", page.cursor);
  });
}

/** One change to a mirror that is kept. */
function applyNews({ db, mirror, foldCase }: Target, change: RemoteChange, openMoves: OpenMoves): void {
  switch (change.kind) {
    case "entry": {
      const key = toPathKey(change.entry.path, foldCase);
      openMoves.mention(key, false);
      mirror.put(key, change.entry);
      dropProblems(db, key, false);
      return;
    }
    case "gone": {
      const key = toPathKey(change.path, foldCase);
      openMoves.mentionGone(key);
      mirror.bury(key, change.path);
      dropProblems(db, key, true);
      return;
    }
    case "moved": {
      const from = { key: toPathKey(change.from, foldCase), path: change.from };
      const to = { key: toPathKey(change.to, foldCase), path: change.to };
      for (const { key } of [from, to]) openMoves.mention(key, true);
      if (moveListed(db, mirror, from, to)) moveProblems(db, from, to, foldCase);
      return;
    }
    case "problem":
      return;
  }
}

/** A complete listing on its way in. */
class FullListing {
  readonly #rows: Mirror;
  readonly #problems: Problem[] = [];
  #cursor: string | undefined;

  constructor(private readonly target: Target) {
    const { db, mirror } = target;
    const table = mirror.table === "scratch.listing_a" ? "scratch.listing_b" : "scratch.listing_a";
    db.endBatch();
    db.exec(`DELETE FROM ${table}`);
    this.#rows = new Mirror(db, table);
    mirror.expect(this.#rows);
  }

  take(page: ListingPage): void {
    const { db, foldCase } = this.target;
    db.transaction(() => {
      gatherPage(this.#rows, page, foldCase);
    });
    this.#problems.push(...problemsOf(page));
    this.#cursor = page.cursor ?? this.#cursor;
  }

  becomeMirror(): void {
    const { db, mirror, foldCase } = this.target;
    const isKept = this.#cursor !== undefined;
    db.transaction(() => {
      db.run("DELETE FROM main.mirror");
      this.target.ownMoves.forget();
      if (isKept)
        db.run(`INSERT INTO main.mirror (${REMOTE_COLUMNS}) SELECT ${REMOTE_COLUMNS} FROM ${this.#rows.table}`);
      putFact(db, "mirror-listed", isKept ? "yes" : undefined);
      putFact(db, "cursor", this.#cursor);
      dropAllProblems(db);
      for (const problem of this.#problems) storeProblem(db, problem, foldCase);
    });
    mirror.use(isKept ? "main.mirror" : this.#rows.table);
  }
}

/** What one page of a complete listing shows. */
function gatherPage(rows: Mirror, page: ListingPage, foldCase: boolean): void {
  for (const change of page.changes) {
    switch (change.kind) {
      case "entry":
        rows.put(toPathKey(change.entry.path, foldCase), change.entry);
        break;
      case "gone":
        rows.bury(toPathKey(change.path, foldCase), change.path);
        break;
      case "moved":
        throw new Error("a complete listing shows where everything is, not from where it was moved");
      case "problem":
        break;
    }
  }
}

function problemsOf(page: ListingPage): readonly Problem[] {
  return page.changes.flatMap((change) => (change.kind === "problem" ? [change.problem] : []));
}
