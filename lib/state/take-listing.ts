import type { Problem } from "../model/entry.js";
import { toPathKey } from "../model/path.js";
import type { ListingPage } from "../../providers/provider.js";
import type { Database } from "./database.js";
import { putFact } from "./facts.js";
import { Mirror } from "./mirror.js";
import { REMOTE_COLUMNS } from "./remote-rows.js";
import { dropAllProblems, dropProblems, storeProblem, storedProblems } from "./remote-problems.js";

interface Target {
  readonly db: Database;
  readonly mirror: Mirror;
  readonly foldCase: boolean;
}

/**
 * Brings the mirror up to date. Pages of changes are applied one by one, each with its cursor in one transaction; those of a full
 * listing go to a table aside, which takes the mirror's place only when the listing has ended.
 */
export async function takeListing(target: Target, pages: AsyncIterable<ListingPage>): Promise<readonly Problem[]> {
  const passing: Problem[] = [];
  let full: FullListing | undefined;
  for await (const page of pages) {
    if (page.scope === "full") full ??= new FullListing(target);
    if (full === undefined) takeChanges(target, page);
    else full.take(page);
    passing.push(...problemsOf(page).filter(({ covers }) => typeof covers !== "object"));
  }
  full?.becomeMirror();
  return [...passing, ...storedProblems(target.db)];
}

function takeChanges(target: Target, page: ListingPage): void {
  const { db, mirror, foldCase } = target;
  if (mirror.table !== "main.mirror" || mirror.isEmpty()) {
    throw new Error("a listing of changes without a complete one before it");
  }
  db.transaction(() => {
    applyPage(target, mirror, page);
    for (const problem of problemsOf(page)) storeProblem(db, problem, foldCase);
    if (page.cursor !== undefined) putFact(db, "cursor", page.cursor);
  });
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
  }

  take(page: ListingPage): void {
    const { db } = this.target;
    db.transaction(() => {
      applyPage(this.target, this.#rows, page);
    });
    this.#problems.push(...problemsOf(page));
    this.#cursor = page.cursor ?? this.#cursor;
  }

  becomeMirror(): void {
    const { db, mirror, foldCase } = this.target;
    const isKept = this.#cursor !== undefined;
    db.transaction(() => {
      db.run("DELETE FROM main.mirror");
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

function applyPage({ db, foldCase }: Target, rows: Mirror, page: ListingPage): void {
  for (const change of page.changes) {
    switch (change.kind) {
      case "entry": {
        const key = toPathKey(change.entry.path, foldCase);
        rows.put(key, change.entry);
        if (rows.table === "main.mirror") dropProblems(db, key, false);
        break;
      }
      case "gone": {
        const key = toPathKey(change.path, foldCase);
        rows.bury(key, change.path);
        if (rows.table === "main.mirror") dropProblems(db, key, true);
        break;
      }
      case "problem":
        break;
    }
  }
}

function problemsOf(page: ListingPage): readonly Problem[] {
  return page.changes.flatMap((change) => (change.kind === "problem" ? [change.problem] : []));
}
