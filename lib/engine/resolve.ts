import { assess } from "./assess.js";
import type { AssessOptions, FileSides, KnownHashes, Question, Verdict } from "./assess.js";
import type { Triple } from "./triple.js";
import type { ContentHash } from "../model/hash.js";

/** A triple with its verdict; undefined where there is no file to decide on, or a content could not be read. */
export interface Resolved {
  readonly triple: Triple;
  readonly verdict: Verdict | undefined;
  /** A content that mattered could not be read: the path is unknown in this run. */
  readonly unreadable: boolean;
}

/** Finds out a hash. Undefined: cannot be told. "unreadable": the file could not be read, which has been reported. */
export type AnswerQuestion = (
  question: Question["ask"],
  triple: Triple,
  sides: FileSides,
) => Promise<ContentHash | undefined | "unreadable">;

/** Enough to keep several disks and requests busy, little enough to be held in memory. */
const WINDOW = 256;

/** Gives every triple its verdict, in the order given. Hashes of one window are found out at the same time. */
export async function* resolveTriples(
  triples: Iterable<Triple>,
  options: AssessOptions,
  answer: AnswerQuestion,
): AsyncGenerator<readonly Resolved[]> {
  let window: (Resolved | Promise<Resolved>)[] = [];
  for (const triple of triples) {
    window.push(resolveOne(triple, options, answer));
    if (window.length < WINDOW) continue;
    yield await settleAll(window);
    window = [];
  }
  yield await settleAll(window);
}

/** Most windows hold no promise at all, and need not wait. */
function settleAll(
  window: readonly (Resolved | Promise<Resolved>)[],
): readonly Resolved[] | Promise<readonly Resolved[]> {
  const settled = window.filter((resolved): resolved is Resolved => !(resolved instanceof Promise));
  return settled.length === window.length ? settled : Promise.all(window.map(async (resolved) => resolved));
}

function resolveOne(triple: Triple, options: AssessOptions, answer: AnswerQuestion): Resolved | Promise<Resolved> {
  const sides = fileSidesOf(triple);
  const isUndecidable = triple.ignored || triple.unknown.local || triple.unknown.remote;
  const hasFile = sides.base !== undefined || sides.local !== undefined || sides.remote !== undefined;
  if (isUndecidable || !hasFile) return { triple, verdict: undefined, unreadable: false };
  const first = assess(sides, { local: "unasked", remote: "unasked" }, options);
  if (!("ask" in first)) return { triple, verdict: first, unreadable: false };
  return askUntilDecided({ triple, sides, options, answer }, first);
}

async function askUntilDecided(
  job: {
    readonly triple: Triple;
    readonly sides: FileSides;
    readonly options: AssessOptions;
    readonly answer: AnswerQuestion;
  },
  first: Question,
): Promise<Resolved> {
  let known: KnownHashes = { local: "unasked", remote: "unasked" };
  let next: Question | Verdict = first;
  while ("ask" in next) {
    const hash = await job.answer(next.ask, job.triple, withKnown(job.sides, known));
    if (hash === "unreadable" || (next.ask === "local-hash" && hash === undefined)) {
      return { triple: job.triple, verdict: undefined, unreadable: true };
    }
    known = withAnswer(known, next.ask, hash);
    next = assess(job.sides, known, job.options);
  }
  return { triple: job.triple, verdict: next, unreadable: false };
}

function withKnown(sides: FileSides, known: KnownHashes): FileSides {
  const { remote } = sides;
  if (remote === undefined || remote.hash !== undefined || known.remote === "unasked") return sides;
  return { ...sides, remote: { ...remote, hash: known.remote } };
}

function withAnswer(known: KnownHashes, ask: Question["ask"], hash: ContentHash | undefined): KnownHashes {
  if (ask === "remote-hash") return { ...known, remote: hash };
  return { ...known, local: hash ?? "unasked" };
}

/** The files among the three entries of a key; a folder there is the folder pass's business. */
export function fileSidesOf({ base, local, remote }: Triple): FileSides {
  return {
    base: base?.kind === "file" ? base : undefined,
    local: local?.kind === "file" ? local : undefined,
    remote: remote?.kind === "file" ? remote : undefined,
  };
}
