import { PollArg } from "./args.js";
import { defineRoute, json, type Route } from "./route.js";

interface Poll {
  readonly name: string;
  readonly scope: string;
  /** Of the jobs that may be asked for here. */
  readonly family: string;
}

/** A route at which clients ask what has become of a batch. */
export function pollRoute({ name, scope, family }: Poll): Route {
  return defineRoute({
    name,
    scope,
    argument: PollArg,
    run: async ({ async_job_id }, { account, world }) =>
      json(await world.jobs.poll(family, account.accountId, async_job_id)),
  });
}
