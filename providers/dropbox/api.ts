import type { Readable } from "node:stream";
import * as z from "zod";
import { parseAnswer } from "../../lib/http/answers.js";
import type { HttpAnswer, HttpBody, HttpClient, HttpRequest } from "../../lib/http/types.js";
import { ProviderError } from "../../lib/model/errors.js";
import { wordsFor, type Subject } from "../refusals.js";
import type { Addresses } from "./config.js";
import { StatusError, tagsOf, toRouteError } from "./errors.js";
import { parseJson } from "../memory.js";
import { fileMetadata, type FileMetadata } from "./schemas.js";

/** One call of a route. `route` is written without the leading "/2/". */
export interface Call<T> extends Subject {
  readonly route: string;
  /** Undefined for routes without an argument. */
  readonly arg: unknown;
  readonly answer: z.ZodType<T>;
  /** Whether the call may be made again when it is unknown if the service has carried it out. */
  readonly repeatable: boolean;
}

export interface Download {
  readonly metadata: FileMetadata;
  readonly body: Readable;
}

/** The value of Dropbox-API-Path-Root, which decides what "/" is. */
export interface PathRoot {
  /** Undefined when the header is not to be sent. */
  header(signal: AbortSignal): Promise<string | undefined>;
  /** Called when the service says that the root is another one by now. */
  refresh(signal: AbortSignal): Promise<void>;
  /** Called when the service says that this app may not name a root at all. */
  forbid(): void;
}

/**
 * The routes of the service, in its three request styles. Rejects with `RouteError` for a 409, which callers translate
 * by its tags, and with other `ProviderError`s for everything else.
 */
export interface DropboxApi {
  /** Argument and answer are JSON. */
  rpc<T>(call: Call<T>, signal: AbortSignal): Promise<T>;
  /** The argument is a header, the body are bytes, the answer is JSON. */
  send<T>(call: Call<T>, bytes: Buffer, signal: AbortSignal): Promise<T>;
  /** The bytes from `start` on of what is at `path` now; the caller compares the version. */
  download(path: string, start: number, about: Subject, signal: AbortSignal): Promise<Download>;
  readonly requests: number;
  close(): void;
}

export function createDropboxApi(http: HttpClient, addresses: Addresses, pathRoot: PathRoot): DropboxApi {
  const wire: Wire = { http, addresses, pathRoot };
  return {
    rpc: (call, signal) => rpc(wire, call, signal),
    send: (call, bytes, signal) => send(wire, call, bytes, signal),
    download: (path, start, about, signal) => download(wire, { ...about, path, start }, signal),
    get requests() {
      return http.requests;
    },
    close: () => http.close(),
  };
}

interface Wire {
  readonly http: HttpClient;
  readonly addresses: Addresses;
  readonly pathRoot: PathRoot;
}

async function rpc<T>({ http, addresses, pathRoot }: Wire, call: Call<T>, signal: AbortSignal): Promise<T> {
  const body: HttpBody | undefined = call.arg === undefined ? undefined : { kind: "json", value: call.arg };
  const url = `${addresses.api}/2/${call.route}`;
  const sendOnce = (headers: Headers): Promise<HttpAnswer> => http.send(toRequest(call, url, headers, body), signal);
  return parse(call, await exchange(pathRoot, call, sendOnce, signal));
}

async function send<T>(
  { http, addresses, pathRoot }: Wire,
  call: Call<T>,
  bytes: Buffer,
  signal: AbortSignal,
): Promise<T> {
  // The content type is needed even where there are no bytes.
  const body: HttpBody = { kind: "bytes", bytes, contentType: "application/octet-stream" };
  const url = `${addresses.content}/2/${call.route}`;
  const argument = { "dropbox-api-arg": headerJson(call.arg) };
  const sendOnce = (headers: Headers): Promise<HttpAnswer> =>
    http.send(toRequest(call, url, { ...headers, ...argument }, body), signal);
  return parse(call, await exchange(pathRoot, call, sendOnce, signal));
}

async function download(
  { http, addresses, pathRoot }: Wire,
  { path, start, ...about }: Subject & { readonly path: string; readonly start: number },
  signal: AbortSignal,
): Promise<Download> {
  const call = { ...about, route: "files/download", arg: { path }, answer: fileMetadata, repeatable: true };
  const url = `${addresses.content}/2/${call.route}`;
  const own = { "dropbox-api-arg": headerJson(call.arg), ...(start > 0 ? { range: `bytes=${start}-` } : {}) };
  let body: Readable | undefined;
  const openOnce = async (headers: Headers): Promise<HttpAnswer> => {
    const answer = await http.open(toRequest(call, url, { ...headers, ...own }, undefined), signal);
    if (isGood(answer.status)) body = answer.body;
    return { ...answer, text: isGood(answer.status) ? "" : await readText(answer.body) };
  };
  const answer = await exchange(pathRoot, call, openOnce, signal);
  if (body === undefined) throw new ProviderError("malformed", `${wordsFor(call)}: an answer without content`);
  try {
    if (start > 0) assertRange(call, answer, start);
    if (answer.headers["dropbox-api-result"] === undefined) throw notDropbox(call);
    return { metadata: parse(call, { ...answer, text: answer.headers["dropbox-api-result"] ?? "" }), body };
  } catch (error) {
    body.destroy();
    throw error;
  }
}

/** Makes the call, and once more when the service only wanted another path root. */
async function exchange(
  pathRoot: PathRoot,
  call: Call<unknown>,
  shoot: (headers: Headers) => Promise<HttpAnswer>,
  signal: AbortSignal,
): Promise<HttpAnswer> {
  const first = await shoot(await rootHeader(pathRoot, call, signal));
  if (isGood(first.status)) return first;
  if (first.status === 422) await pathRoot.refresh(signal);
  else if (isRootForbidden(first)) pathRoot.forbid();
  else throw errorOf(call, first);
  const second = await shoot(await rootHeader(pathRoot, call, signal));
  if (!isGood(second.status)) throw errorOf(call, second);
  return second;
}

async function rootHeader(pathRoot: PathRoot, call: Call<unknown>, signal: AbortSignal): Promise<Headers> {
  const root = call.route.startsWith("files/") ? await pathRoot.header(signal) : undefined;
  return root === undefined ? {} : { "dropbox-api-path-root": root };
}

type Headers = Readonly<Record<string, string>>;

/** Statuses whose answer tells more than the number. */
const TELLING = [400, 401, 403, 409, 413, 422, 431];

function toRequest(call: Call<unknown>, url: string, headers: Headers, body: HttpBody | undefined): HttpRequest {
  const { operation, subject, repeatable } = call;
  const request = { operation, subject, method: "POST", url, headers, repeatable, accept: TELLING } as const;
  return body === undefined ? request : { ...request, body };
}

/** JSON that may stand in a header: everything beyond ASCII as \uXXXX. */
export function headerJson(value: unknown): string {
  return JSON.stringify(value).replace(
    /[\u007f-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

function isGood(status: number): boolean {
  return status >= 200 && status < 300;
}

function parse<T>(call: Call<T>, answer: HttpAnswer): T {
  return parseAnswer(call.answer, answer, wordsFor(call));
}

function notDropbox(about: Subject): ProviderError {
  const what = "the answer does not come from Dropbox, perhaps from the sign-in page of this network";
  return new ProviderError("malformed", `${wordsFor(about)}: ${what}; run again later`);
}

function assertRange(about: Subject, answer: HttpAnswer, start: number): void {
  if (answer.status === 206 && answer.headers["content-range"]?.startsWith(`bytes ${start}-`) === true) return;
  throw new ProviderError("malformed", `${wordsFor(about)}: the answer is another range than was asked for`);
}

/** Error answers are short; whatever is longer is none of Dropbox's. */
const MAX_ERROR_CHARS = 64 * 1024;

async function readText(body: Readable): Promise<string> {
  let text = "";
  body.setEncoding("utf8");
  for await (const chunk of body) {
    text += String(chunk);
    if (text.length > MAX_ERROR_CHARS) break;
  }
  return text;
}

const errorAnswer = z.object({ error: z.unknown() });

function errorOf(about: Subject, answer: HttpAnswer): ProviderError {
  const json = parseJson(answer.text, errorAnswer);
  if (answer.status === 409 && json !== undefined) return toRouteError(json.error, about);
  if (answer.status === 401) return unauthorized(about, json?.error);
  if (answer.status === 400) return badRequest(about, answer.text);
  const tags = json === undefined ? "" : `: ${tagsOf(json.error).join("/")}`;
  const message = `${wordsFor(about)}: Dropbox answered with status ${answer.status}${tags}`;
  return new StatusError("rejected", message, answer.status);
}

const SIGN_IN_AGAIN =
  "run `trisync login dropbox`, or set DROPBOX_APP_KEY and DROPBOX_REFRESH_TOKEN, or DROPBOX_ACCESS_TOKEN, anew";

function unauthorized(about: Subject, error: unknown): ProviderError {
  const [tag] = tagsOf(error);
  if (tag === "missing_scope") {
    const scope = z.object({ required_scope: z.string().regex(SCOPE) }).safeParse(error).data?.required_scope;
    return missingScope(about, scope);
  }
  const reason = tag === "user_suspended" ? "the account is suspended" : "the sign-in to Dropbox is no longer valid";
  return new ProviderError("unauthorized", `${wordsFor(about)}: ${reason}; ${SIGN_IN_AGAIN}`);
}

const SCOPE = /^[a-z_.]{1,64}$/;

function missingScope(about: Subject, scope: string | undefined): ProviderError {
  const named = scope === undefined ? "a permission" : `the permission ${scope}`;
  return new ProviderError(
    "unauthorized",
    `${wordsFor(about)}: the sign-in to Dropbox lacks ${named}; enable it for the app in Dropbox's app console, ` +
      "then run `trisync login dropbox` again",
  );
}

/** Answers with 400 are plain text for developers. They are told apart by it and never repeated: they quote the request. */
function badRequest(about: Subject, text: string): ProviderError {
  if (/access token is malformed|invalid authorization value/i.test(text)) return unauthorized(about, undefined);
  const scope = /required scope\s+['"]?([a-z_.]+[a-z])/i.exec(text)?.[1];
  if (scope !== undefined && SCOPE.test(scope)) return missingScope(about, scope);
  return new StatusError("rejected", `${wordsFor(about)}: Dropbox does not take this request (status 400)`, 400);
}

/** Apps that see only their own folder may not name a path root. */
function isRootForbidden(answer: HttpAnswer): boolean {
  return answer.status === 400 && /path.?root/i.test(answer.text) && /sandbox|app.?folder/i.test(answer.text);
}
