import { SessionFinishArg, SessionFinishBatchArg } from "../args.js";
import { commitFile } from "../commit.js";
import type { FileEntry } from "../entries.js";
import { nest, RouteError, type WireError, WriteFailure } from "../failures.js";
import { launch } from "../launch.js";
import { fileMetadata } from "../metadata.js";
import { pollRoute } from "../poll-route.js";
import { type Call, defineRoute, json, receivedBody, refuseOnDemand, type Route } from "../route.js";
import { SessionFailure, wholeBody } from "../sessions.js";

const SCOPE = "files.content.write";

export const finishSessionRoutes: readonly Route[] = [
  defineRoute({
    name: "files/upload_session/finish",
    host: "content",
    style: "upload",
    scope: SCOPE,
    commits: true,
    argument: SessionFinishArg,
    run: async (argument, call) => {
      const body = receivedBody(call, argument.content_hash);
      try {
        const offset = appendLastPiece(call, argument, wholeBody(body));
        return json(fileMetadata(call.view, await commitSession(call, argument, offset)));
      } catch (error) {
        throw asFinishError(call, error);
      }
    },
  }),
  defineRoute({
    name: "files/upload_session/finish_batch_v2",
    scope: SCOPE,
    commits: true,
    argument: SessionFinishBatchArg,
    run: async ({ entries }, call) => json({ entries: await finishAll(call, entries) }),
  }),
  defineRoute({
    name: "files/upload_session/finish_batch",
    scope: SCOPE,
    commits: true,
    argument: SessionFinishBatchArg,
    run: ({ entries }, call) =>
      launch(call, "finish_batch", true, async () => ({ entries: await finishAll(call, entries) })),
  }),
  pollRoute({ name: "files/upload_session/finish_batch/check", scope: SCOPE, family: "finish_batch" }),
];

async function finishAll(call: Call, entries: readonly SessionFinishArg[]): Promise<readonly WireError[]> {
  const answers: WireError[] = [];
  for (const [index, entry] of entries.entries()) answers.push(await finishEntry(call, entry, index));
  return answers;
}

async function finishEntry(call: Call, entry: SessionFinishArg, index: number): Promise<WireError> {
  try {
    const { sessions } = call.world;
    const session = sessions.find(call.account.accountId, entry.cursor.session_id);
    if (!session.isClosed) {
      call.misuse("finish_batch of a session that was not closed");
      throw new SessionFailure({ ".tag": "not_closed" });
    }
    const file = await commitSession(call, entry, entry.cursor.offset, index);
    return { ".tag": "success", ...fileMetadata(call.view, file) };
  } catch (error) {
    const failure = asFinishError(call, error);
    if (!(failure instanceof RouteError)) throw failure;
    return nest("failure", failure.error);
  }
}

/** Adds the body of finish to the session and returns the offset that is reached. The bytes stay if the commit fails. */
function appendLastPiece(call: Call, { cursor }: SessionFinishArg, piece: ReturnType<typeof wholeBody>): number {
  const { sessions } = call.world;
  const session = sessions.find(call.account.accountId, cursor.session_id);
  const length = piece.endByte - piece.startByte;
  if (length === 0) return cursor.offset;
  if (session.isConcurrent) {
    call.misuse("data in the finish of a concurrent session");
    throw new SessionFailure({ ".tag": "concurrent_session_data_not_allowed" });
  }
  sessions.append(session, cursor.offset, piece, false);
  return cursor.offset + length;
}

async function commitSession(
  call: Call,
  argument: SessionFinishArg,
  offset: number,
  entry?: number,
): Promise<FileEntry> {
  const { sessions } = call.world;
  const session = sessions.find(call.account.accountId, argument.cursor.session_id);
  const content = await sessions.assemble(session, offset);
  refuseOnDemand(call, entry);
  const file = commitFile(call.view, argument.commit, content);
  sessions.drop(session);
  return file;
}

const OWN_TAGS = new Set([
  "concurrent_session_data_not_allowed",
  "concurrent_session_not_closed",
  "concurrent_session_missing_data",
]);

function asFinishError(call: Call, error: unknown): unknown {
  if (error instanceof SessionFailure) {
    const tag = error.error[".tag"];
    if (tag.startsWith("concurrent_")) call.misuse(tag);
    return new RouteError(OWN_TAGS.has(tag) ? error.error : nest("lookup_failed", error.error));
  }
  if (!(error instanceof WriteFailure)) return error;
  const isLock = error.error[".tag"] === "too_many_write_operations";
  return new RouteError(isLock ? error.error : nest("path", error.error));
}
