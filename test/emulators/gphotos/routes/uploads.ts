import type { Answer } from "../../shared/answer.js";
import { header } from "../../shared/header.js";
import { noteMisuse } from "../../shared/note-misuse.js";
import { textAnswer } from "../answer.js";
import type { Exchange } from "../exchange.js";
import { ApiError, badRequest } from "../failures.js";
import type { Call, Route, Work } from "../route.js";
import { APPEND_SCOPE } from "../scopes.js";
import type { Session } from "../uploads.js";

/** The five commands of a resumable upload, and the upload in one request. */
export type UploadCommand = "raw" | "start" | "upload" | "finalize" | "query" | "cancel";

/** What kind of upload request this is, by its headers; undefined when it is none that exists. */
export function uploadCommand(exchange: Pick<Exchange, "request">): UploadCommand | undefined {
  const command = header(exchange, "x-goog-upload-command")?.toLowerCase();
  if (command === undefined)
    return header(exchange, "x-goog-upload-protocol")?.toLowerCase() === "raw" ? "raw" : undefined;
  const words = command.split(",").map((word) => word.trim());
  if (words.join() === "upload,finalize" || words.join() === "finalize") return "finalize";
  return COMMANDS.find((one) => words.join() === one);
}

const COMMANDS = ["start", "upload", "query", "cancel"] as const;

export const uploadRoutes: ReadonlyMap<UploadCommand, Route> = new Map([
  ["raw", uploadRoute("raw", prepareRaw)],
  ["start", uploadRoute("start", prepareStart)],
  ["upload", uploadRoute("upload", prepareChunk)],
  ["finalize", uploadRoute("finalize", prepareChunk)],
  ["query", uploadRoute("query", prepareQuery)],
  ["cancel", uploadRoute("cancel", prepareCancel)],
]);

function uploadRoute(command: UploadCommand, prepare: (exchange: Exchange) => Work): Route {
  return {
    name: `uploads.${command}`,
    method: "POST",
    path: "/v1/uploads",
    scopes: [APPEND_SCOPE],
    isWrite: false,
    isUpload: command === "raw" || command === "start",
    prepare: async (exchange) => prepare(exchange),
  };
}

function prepareRaw(exchange: Exchange): Work {
  const filename = filenameOf(exchange);
  const type = header(exchange, "content-type") ?? "";
  if (type !== "application/octet-stream") noteMisuse(exchange, `bytes sent as ${JSON.stringify(type)}`);
  if (header(exchange, "content-length") === undefined) noteMisuse(exchange, "an upload without Content-Length");
  if (exchange.body.sizeBytes === 0) noteMisuse(exchange, "an empty file");
  return ({ account, body, world }) => {
    const { token } = world.uploads.finish({ accountId: account.accountId, bytes: body, filename });
    return textAnswer(200, token);
  };
}

function prepareStart(exchange: Exchange): Work {
  const filename = filenameOf(exchange);
  const rawSize = header(exchange, "x-goog-upload-raw-size");
  if (header(exchange, "x-goog-upload-protocol")?.toLowerCase() !== "resumable") {
    throw badRequest("X-Goog-Upload-Protocol must be resumable to start a session.");
  }
  if (rawSize === undefined || !/^\d+$/.test(rawSize)) throw badRequest("X-Goog-Upload-Raw-Size is missing.");
  if (header(exchange, "x-goog-upload-content-type") === undefined) {
    noteMisuse(exchange, "X-Goog-Upload-Content-Type is missing");
  }
  assertEmptyBody(exchange);
  return ({ account, host, request, world }) => {
    const rawSizeBytes = Number(rawSize);
    const session = world.uploads.start({ accountId: account.accountId, rawSizeBytes, filename });
    const origin = baseOf({ host, request });
    const query = new URLSearchParams({ upload_id: session.uploadId, upload_protocol: "resumable" });
    return sessionAnswer(session, {
      "X-Goog-Upload-URL": `${origin}/v1/uploads?${query.toString()}`,
      "X-Goog-Upload-Control-URL": `${origin}/v1/uploads?${query.toString()}`,
      "X-Goog-Upload-Chunk-Granularity": String(world.settings.granularityBytes),
    });
  };
}

/** A part of the file; the last one ends it and brings the token. */
function prepareChunk(exchange: Exchange): Work {
  const isLast = uploadCommand(exchange) === "finalize";
  const offset = chunkOffset(exchange);
  if (offset === undefined) throw badRequest("X-Goog-Upload-Offset is missing.");
  if (header(exchange, "content-length") === undefined) throw badRequest("Content-Length is missing.");
  return (call) => {
    const session = findSession(call);
    const { received, rawSizeBytes } = session;
    const bytes = call.body;
    const granularity = call.world.settings.granularityBytes;
    const endByte = received.sizeBytes + bytes.sizeBytes;
    if (offset !== received.sizeBytes) {
      throw badRequest(`Invalid request. The upload offset should be ${String(received.sizeBytes)}.`);
    }
    if (endByte > rawSizeBytes) throw badRequest("Invalid request. There were more bytes than announced.");
    if (isLast && endByte < rawSizeBytes) throw badRequest("Invalid request. There were fewer bytes than announced.");
    if (!isLast && bytes.sizeBytes % granularity !== 0) {
      throw badRequest(`Invalid request. The chunk must be a multiple of ${String(granularity)}.`);
    }
    call.world.uploads.append(session, bytes);
    return isLast ? finish(call, session) : sessionAnswer(session);
  };
}

function finish({ account, world }: Call, session: Session): Answer {
  session.status = "final";
  const { received, filename } = session;
  const { token } = world.uploads.finish({ accountId: account.accountId, bytes: received, filename });
  return textAnswer(200, token, { "X-Goog-Upload-Status": "final" });
}

function prepareQuery(exchange: Exchange): Work {
  assertEmptyBody(exchange);
  return (call) => {
    const session = findSession(call, ["active", "final", "cancelled"]);
    return sessionAnswer(session, { "X-Goog-Upload-Size-Received": String(session.received.sizeBytes) });
  };
}

function prepareCancel(exchange: Exchange): Work {
  assertEmptyBody(exchange);
  return (call) => {
    const session = findSession(call);
    session.status = "cancelled";
    return sessionAnswer(session);
  };
}

/** The offset of a chunk; undefined when the header is missing or no number. */
export function chunkOffset(exchange: Pick<Exchange, "request">): number | undefined {
  const offset = header(exchange, "x-goog-upload-offset");
  return offset !== undefined && /^\d+$/.test(offset) ? Number(offset) : undefined;
}

function findSession(call: Call, states: readonly Session["status"][] = ["active"]): Session {
  const { account, fault, url, world } = call;
  const uploadId = url.searchParams.get("upload_id") ?? "";
  if (fault?.kind === "lost-session") world.uploads.dropSession(uploadId);
  const session = world.uploads.session(uploadId);
  if (session?.accountId !== account.accountId) {
    throw new ApiError(404, "NOT_FOUND", "Upload session not found.", { flatCode: 5 });
  }
  if (!states.includes(session.status)) throw badRequest(`The upload is already ${session.status}.`);
  return session;
}

function sessionAnswer({ status }: Session, headers: Readonly<Record<string, string>> = {}): Answer {
  return textAnswer(200, "", { "X-Goog-Upload-Status": status, ...headers });
}

function assertEmptyBody(exchange: Exchange): void {
  if (exchange.body.sizeBytes > 0) throw badRequest("Invalid request. This command has no body.");
  if (header(exchange, "content-length") !== "0") noteMisuse(exchange, "Content-Length: 0 is missing");
}

/** The name in the header: ASCII only in practice, and never a path. */
function filenameOf(exchange: Exchange): string | undefined {
  const name = header(exchange, "x-goog-upload-file-name");
  if (name === undefined) return undefined;
  if (!/^[\x20-\x7e]*$/.test(name)) noteMisuse(exchange, "X-Goog-Upload-File-Name is not ASCII");
  if (/[/\\]/.test(name)) noteMisuse(exchange, "a path as X-Goog-Upload-File-Name");
  return name;
}

/** As the client reached us: by the port of the origin, or by the real name through TLS. */
function baseOf({ request }: Pick<Exchange, "host" | "request">): string {
  const scheme = "encrypted" in request.socket ? "https" : "http";
  return `${scheme}://${request.headers.host ?? "localhost"}`;
}
