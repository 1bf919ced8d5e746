import type { Parts } from "./paths.js";
import { type Call, operationLink, type Reply } from "./route.js";

export interface Work {
  readonly do: () => void;
  /** What nobody else may write to while it runs. */
  readonly locks: readonly Parts[];
  /** Whether the service usually does this later: for folders that hold something. */
  readonly isUsuallyAsync: boolean;
  /** What the client asked for. */
  readonly forceAsync: boolean;
  /** The answer when it is done at once. */
  readonly done: () => Reply;
}

/** Does the work at once, or answers with the link of an operation that goes on after the answer. */
export function launch(call: Call, work: Work): Reply {
  const { account, fault, world } = call;
  const isForced = work.forceAsync || fault?.kind === "slow-operation" || fault?.kind === "failed-operation";
  const { operations } = world.settings;
  const isAsync = isForced || (operations === "as-usual" ? work.isUsuallyAsync : operations === "async");
  if (!isAsync) {
    work.do();
    return work.done();
  }
  const operation = world.operations.start({
    uid: account.uid,
    work: work.do,
    locks: work.locks,
    polls: fault?.kind === "slow-operation" ? fault.polls : undefined,
    fails: fault?.kind === "failed-operation",
  });
  return { status: 202, value: operationLink(call, operation.id) };
}
