import { type Call, json, type Reply } from "./route.js";

/**
 * Answers a batch: at once with `complete`, or with the id of a job that goes on after the answer.
 * A job holds the write lock until its work is done, as other commits of the account find out.
 */
export async function launch(
  call: Call,
  family: string,
  isUsuallyAsync: boolean,
  work: () => Promise<Readonly<Record<string, unknown>>>,
): Promise<Reply> {
  const { jobs, settings } = call.world;
  const { fault } = call;
  const isForced = fault?.kind === "slow-job" || fault?.kind === "failed-job";
  const isAsync = isForced || (settings.jobs === "as-usual" ? isUsuallyAsync : settings.jobs === "async");
  if (!isAsync) return json({ ".tag": "complete", ...(await work()) });
  const id = jobs.start({
    accountId: call.account.accountId,
    family,
    work,
    polls: fault?.kind === "slow-job" ? fault.polls : undefined,
    failure: fault?.kind === "failed-job" ? fault.error : undefined,
    onDone: call.keepLock(),
  });
  return json({ ".tag": "async_job_id", async_job_id: id });
}
