import pLimit from "p-limit";
import type { Sleep } from "../../lib/http/sleep.js";
import { ProviderError } from "../../lib/model/errors.js";
import type { Attempt } from "../provider.js";
import type { DropboxApi } from "./api.js";
import { failed, succeeded } from "../attempts.js";
import { runPatiently } from "./batch.js";
import type { CommitInfo } from "./commit-info.js";
import { toRouteError } from "./errors.js";
import { finishBatchResult, type FileMetadata } from "./schemas.js";

/** A closed upload session that is to become a file. */
export interface Commit {
  readonly sessionId: string;
  readonly sizeBytes: number;
  readonly info: CommitInfo;
}

/**
 * All writes of the account, one at a time: the service answers writes that overlap with too_many_write_operations.
 * Commits that pile up while another write is under way are made with one call.
 */
export interface CommitQueue {
  /** Runs one write while no other is under way. */
  alone<T>(write: () => Promise<T>): Promise<T>;
  /** One attempt per commit, in the order given. Each is conditional, so that making it twice does no harm. */
  finish(commits: readonly Commit[], signal: AbortSignal): Promise<readonly Attempt<FileMetadata>[]>;
  readonly isIdle: boolean;
}

/** The most that the service takes in one call. */
const MAX_COMMITS = 1000;

interface Waiting {
  readonly commit: Commit;
  readonly signal: AbortSignal;
  readonly settle: (attempt: Attempt<FileMetadata>) => void;
  readonly fail: (reason: unknown) => void;
}

export function createCommitQueue(api: DropboxApi, sleep: Sleep): CommitQueue {
  const turn = pLimit(1);
  let waiting: Waiting[] = [];

  function enqueue(commit: Commit, signal: AbortSignal): Promise<Attempt<FileMetadata>> {
    return new Promise((settle, fail) => waiting.push({ commit, signal, settle, fail }));
  }

  async function finishWaiting(): Promise<void> {
    const first = waiting[0];
    if (first === undefined) return;
    // One call has one signal: whoever gives up takes nobody else along.
    const group = waiting.filter(({ signal }) => signal === first.signal).slice(0, MAX_COMMITS);
    const taken = new Set(group);
    waiting = waiting.filter((one) => !taken.has(one));
    try {
      const commits = group.map(({ commit }) => commit);
      const run = (some: readonly Commit[]): ReturnType<CommitQueue["finish"]> => finishBatch(api, some, first.signal);
      const attempts = await runPatiently(commits, run, sleep, first.signal);
      group.forEach(({ settle, fail }, at) => {
        const attempt = attempts[at];
        if (attempt === undefined) fail(unexpected());
        else settle(attempt);
      });
    } catch (error) {
      for (const { fail } of group) fail(error);
    }
  }

  return {
    alone: (write) => turn(write),
    finish: async (commits, signal) => {
      const results = commits.map((commit) => enqueue(commit, signal));
      // As many turns as it may take; those that find nothing left cost nothing.
      for (let left = commits.length; left > 0; left -= MAX_COMMITS) void turn(finishWaiting);
      return await Promise.all(results);
    },
    get isIdle() {
      return turn.activeCount + turn.pendingCount === 0;
    },
  };
}

async function finishBatch(
  api: DropboxApi,
  commits: readonly Commit[],
  signal: AbortSignal,
): Promise<readonly Attempt<FileMetadata>[]> {
  const entries = commits.map(({ sessionId, sizeBytes, info }) => ({
    cursor: { session_id: sessionId, offset: sizeBytes },
    commit: info,
  }));
  const call = {
    operation: "upload",
    subject: commits.length === 1 ? commits[0]?.info.path : `${commits.length} files`,
    route: "files/upload_session/finish_batch_v2",
    arg: { entries },
    answer: finishBatchResult,
    repeatable: true,
  };
  const { entries: results } = await api.rpc(call, signal);
  if (results.length !== commits.length) throw unexpected();
  return results.map((result, at) => {
    if (result[".tag"] === "success") return succeeded(result);
    return failed(toRouteError(result.failure, { operation: "upload", subject: commits[at]?.info.path }));
  });
}

function unexpected(): ProviderError {
  return new ProviderError("malformed", "upload: the answer has not as many entries as were sent; run again later");
}
