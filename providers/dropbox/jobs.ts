import type * as z from "zod";
import type { Sleep } from "../../lib/http/sleep.js";
import { ProviderError } from "../../lib/model/errors.js";
import type { Attempt } from "../provider.js";
import { wordsFor, type Subject } from "../refusals.js";
import type { DropboxApi } from "./api.js";
import { failed, succeeded } from "../attempts.js";
import { runPatiently } from "./batch.js";
import { toRouteError } from "./errors.js";
import type { FailedEntry, JobAnswer } from "./schemas.js";

interface Success {
  readonly ".tag": "success";
}

/** A route that takes many entries and may answer with a job to ask for. */
export interface BatchRoute<A, T extends Success> {
  readonly operation: string;
  readonly route: string;
  readonly checkRoute: string;
  readonly toArg: (entries: readonly A[]) => unknown;
  /** The path for messages about one entry. */
  readonly subjectOf: (entry: A) => string;
  readonly answer: z.ZodType<JobAnswer<T>>;
  readonly repeatable: boolean;
}

const FIRST_POLL_MS = 300;
const LONGEST_POLL_MS = 5_000;

/** With the waits above, a job may take a quarter of an hour. */
const MAX_POLLS = 190;

/** Runs a batch to its end. At most 1,000 entries; one attempt per entry, in the order given. */
export async function runJob<A, T extends Success>(
  { api, sleep }: { readonly api: DropboxApi; readonly sleep: Sleep },
  batch: BatchRoute<A, T>,
  entries: readonly A[],
  signal: AbortSignal,
): Promise<readonly Attempt<T>[]> {
  const about: Subject = { operation: batch.operation, subject: undefined };

  async function runOnce(some: readonly A[]): Promise<readonly Attempt<T>[]> {
    const call = { ...about, route: batch.route, arg: batch.toArg(some), answer: batch.answer };
    let answer = await api.rpc({ ...call, repeatable: batch.repeatable }, signal);
    if (answer[".tag"] === "async_job_id") answer = await poll(answer.async_job_id);
    if (answer[".tag"] === "failed") {
      const { failed: reason } = answer;
      return some.map((entry) => failed(toRouteError(reason, nameEntry(batch, entry))));
    }
    if (answer[".tag"] !== "complete" || answer.entries.length !== some.length) throw unexpected(about);
    const results = answer.entries;
    return some.map((entry, at) => toAttempt(results[at], nameEntry(batch, entry)));
  }

  async function poll(jobId: string): Promise<JobAnswer<T>> {
    for (let polls = 0, pauseMs = FIRST_POLL_MS; polls < MAX_POLLS; polls++) {
      await sleep(pauseMs, signal);
      pauseMs = Math.min(pauseMs * 1.5, LONGEST_POLL_MS);
      const call = { ...about, route: batch.checkRoute, arg: { async_job_id: jobId }, answer: batch.answer };
      const answer = await api.rpc({ ...call, repeatable: true }, signal);
      if (answer[".tag"] !== "in_progress") return answer;
    }
    throw new ProviderError(
      "unavailable",
      `${wordsFor(about)}: Dropbox has not finished it in 15 minutes; run again later`,
    );
  }

  return await runPatiently(entries, runOnce, sleep, signal);
}

function nameEntry<A, T extends Success>(batch: BatchRoute<A, T>, entry: A): Subject {
  return { operation: batch.operation, subject: batch.subjectOf(entry) };
}

function toAttempt<T extends Success>(result: T | FailedEntry | undefined, about: Subject): Attempt<T> {
  if (result === undefined) throw unexpected(about);
  return result[".tag"] === "failure" ? failed(toRouteError(result.failure, about)) : succeeded(result);
}

function unexpected(about: Subject): ProviderError {
  return new ProviderError(
    "malformed",
    `${wordsFor(about)}: the answer is not what Dropbox documents; run again later`,
  );
}
