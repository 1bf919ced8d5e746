import pLimit from "p-limit";
import { LocalError, ProviderError, REACTIONS } from "../model/errors.js";
import type { LocalFile, Problem, RemoteFile } from "../model/entry.js";
import { algorithmsFor, algorithmsOf, type ContentHash } from "../model/hash.js";
import type { PathKey } from "../model/path.js";
import type { Folder } from "../local/types.js";
import type { Provider } from "../../providers/provider.js";
import type { JobState } from "../state/types.js";
import type { Hashes } from "./file-moves.js";
import type { FolderMoves } from "./folder-moves.js";
import { UNAVAILABLE_IN_A_ROW } from "./execute-failure.js";
import { pathBefore } from "./rebase.js";
import type { AnswerQuestion } from "./resolve.js";

export interface HashSources {
  readonly state: Pick<JobState, "hashes">;
  readonly folder: Pick<Folder, "hash">;
  readonly provider: Pick<Provider, "hash" | "capabilities">;
  readonly rehash: boolean;
  /** Folders whose files are planned under their new names, and are read where they still lie. */
  readonly moves: Pick<FolderMoves, "local" | "remote">;
  readonly report: (problem: Problem) => void;
  readonly signal: AbortSignal;
}

/** Files read at the same time to find their hashes. */
const READERS = 4;

/** Finds out hashes by reading, each local one once per version of the file. */
export function createHashes(sources: HashSources): Hashes & { readonly answer: AnswerQuestion } {
  const limit = pLimit(READERS);
  const local = (key: PathKey, file: LocalFile, ...others: KnownHash[]): Promise<ContentHash | undefined> =>
    unlessUnreadable(() => limit(() => hashLocal(sources, { key, file, others })));
  const remote = (file: RemoteFile): Promise<ContentHash | undefined> =>
    unlessUnreadable(() => limit(() => hashRemote(sources, file)));
  let unavailableInARow = 0;
  const assertReachable = (error: unknown): void => {
    if (!(error instanceof ProviderError) || error.code !== "unavailable") return;
    unavailableInARow += 1;
    if (unavailableInARow >= UNAVAILABLE_IN_A_ROW) throw error;
  };
  const answer: AnswerQuestion = async (question, triple, sides) => {
    try {
      if (question === "remote-hash") {
        const file = sides.remote;
        const hash = file === undefined ? undefined : await limit(() => hashRemote(sources, file));
        unavailableInARow = 0;
        return hash;
      }
      const file = sides.local;
      const others = [sides.base?.local.hash, sides.remote?.hash];
      return file === undefined ? undefined : await limit(() => hashLocal(sources, { key: triple.key, file, others }));
    } catch (error) {
      const problem = toProblem(error, triple.localPath);
      if (problem === undefined) throw error;
      assertReachable(error);
      sources.report(problem);
      return "unreadable";
    }
  };
  const areSame = async (a: LocalFile, b: LocalFile): Promise<boolean> => {
    const [one, other] = await Promise.all(
      [a, b].map((file) => unlessUnreadable(() => limit(() => digest(sources, file)))),
    );
    return one !== undefined && one === other;
  };
  return { local, remote, areSame, answer };
}

type KnownHash = ContentHash | undefined;

interface LocalQuestion {
  readonly key: PathKey;
  readonly file: LocalFile;
  /** What the answer is to be compared with. */
  readonly others: readonly KnownHash[];
}

async function hashLocal(sources: HashSources, { key, file, others }: LocalQuestion): Promise<ContentHash> {
  const { state, folder, provider, rehash, moves, signal } = sources;
  const cached = rehash || file.stamp === "" ? undefined : state.hashes.get(key, file.stamp);
  const algorithms = algorithmsFor(provider.capabilities.hash, [...others, cached]);
  const known = algorithmsOf(cached);
  if (cached !== undefined && algorithms.every((algorithm) => known.includes(algorithm))) return cached;
  const place = { ...file, path: pathBefore(file.path, moves.remote) };
  const hash = await folder.hash(place, algorithms, signal);
  if (file.stamp !== "") state.hashes.put(key, file.stamp, hash);
  return hash;
}

/** Collisions of this one are out of reach. */
async function digest({ folder, moves, signal }: HashSources, file: LocalFile): Promise<ContentHash> {
  return folder.hash({ ...file, path: pathBefore(file.path, moves.remote) }, ["sha256"], signal);
}

async function hashRemote(
  { provider, moves, signal }: HashSources,
  file: RemoteFile,
): Promise<ContentHash | undefined> {
  return provider.hash({ ...file, path: pathBefore(file.path, moves.local) }, signal);
}

/** A file that cannot be read now is left alone in this run. */
function toProblem(error: unknown, path: string): Problem | undefined {
  if (error instanceof LocalError)
    return { side: "local", path, code: "unreadable", message: error.message, covers: undefined };
  if (!(error instanceof ProviderError) || REACTIONS[error.code] !== "report") return undefined;
  return { side: "remote", path, code: "unreadable", message: error.message, covers: undefined };
}

/** For moves, which are an economy: without the hash the files are transferred. */
async function unlessUnreadable(read: () => Promise<ContentHash | undefined>): Promise<ContentHash | undefined> {
  try {
    return await read();
  } catch (error) {
    if (toProblem(error, "") === undefined) throw error;
    return undefined;
  }
}
