import { SessionAppendArg, SessionAppendBatchArg, SessionStartArg, SessionStartBatchArg } from "../args.js";
import { type Blob, sliceOf } from "../content.js";
import { RouteError, type WireError } from "../failures.js";
import { type Call, defineRoute, json, receivedBody, type Route } from "../route.js";
import { SessionFailure, wholeBody } from "../sessions.js";

const upload = { host: "content", style: "upload", scope: "files.content.write" } as const;

export const uploadSessionRoutes: readonly Route[] = [
  defineRoute({
    ...upload,
    name: "files/upload_session/start",
    argument: SessionStartArg,
    run: (argument, call) => {
      const body = receivedBody(call, argument.content_hash);
      const isConcurrent = argument.session_type === "concurrent";
      if (isConcurrent && body.sizeBytes > 0) throw forbidden(call, "concurrent_session_data_not_allowed");
      if (isConcurrent && argument.close) throw forbidden(call, "concurrent_session_close_not_allowed");
      const session = call.world.sessions.start(call.account.accountId, isConcurrent);
      if (body.sizeBytes > 0 || argument.close) call.world.sessions.append(session, 0, wholeBody(body), argument.close);
      return json({ session_id: session.id });
    },
  }),
  defineRoute({
    name: "files/upload_session/start_batch",
    scope: "files.content.write",
    argument: SessionStartBatchArg,
    run: ({ num_sessions, session_type }, { account, world }) => {
      const isConcurrent = session_type === "concurrent";
      const start = (): string => world.sessions.start(account.accountId, isConcurrent).id;
      return json({ session_ids: Array.from({ length: num_sessions }, start) });
    },
  }),
  defineRoute({
    ...upload,
    name: "files/upload_session/append_v2",
    argument: SessionAppendArg,
    run: (argument, call) => {
      const failure = append(call, argument, wholeBody(receivedBody(call, argument.content_hash)));
      if (failure !== undefined) throw new RouteError(failure);
      return json(null);
    },
  }),
  defineRoute({
    ...upload,
    name: "files/upload_session/append_batch",
    argument: SessionAppendBatchArg,
    run: (argument, call) => {
      const body = receivedBody(call, argument.content_hash);
      return json({ entries: appendAll(call, argument.entries, body) });
    },
  }),
];

interface Append {
  readonly cursor: { readonly session_id: string; readonly offset: number };
  readonly close: boolean;
}

function appendAll(
  call: Call,
  entries: readonly (Append & { readonly length: number })[],
  body: Blob,
): readonly WireError[] {
  const announced = entries.reduce((sum, { length }) => sum + length, 0);
  if (announced !== body.sizeBytes) throw forbidden(call, "length_mismatch");
  let at = 0;
  return entries.map((entry, index) => {
    const piece = sliceOf(body, at, at + entry.length);
    at += entry.length;
    const failure = refusedEntry(call, index) ?? append(call, entry, piece);
    return failure === undefined ? { ".tag": "success" } : { ".tag": "failure", failure };
  });
}

function append(call: Call, { cursor, close }: Append, piece: ReturnType<typeof sliceOf>): WireError | undefined {
  const { sessions } = call.world;
  try {
    sessions.append(sessions.find(call.account.accountId, cursor.session_id), cursor.offset, piece, close);
    return undefined;
  } catch (error) {
    if (!(error instanceof SessionFailure)) throw error;
    if (error.error[".tag"].startsWith("concurrent_session_invalid")) call.misuse(error.error[".tag"]);
    return error.error;
  }
}

function refusedEntry({ fault }: Call, index: number): WireError | undefined {
  if (fault?.kind !== "refuse" || fault.entries?.includes(index) === false) return undefined;
  return { ".tag": fault.tag };
}

function forbidden(call: Call, tag: string): RouteError {
  call.misuse(tag);
  return new RouteError({ ".tag": tag });
}
