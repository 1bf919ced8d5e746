import { BadInput } from "./failures.js";
import type { Route } from "./route.js";

export interface RawRequest {
  readonly method: string;
  readonly query: URLSearchParams;
  readonly header: (name: string) => string | undefined;
  /** The body of an RPC request as text; "" for uploads, whose body is not the argument. */
  readonly text: string;
  readonly bodyBytes: number;
  readonly argHeaderBytes: number;
}

const JSON_TYPES = [
  "application/json",
  "application/json; charset=utf-8",
  "application/json;charset=utf-8",
  "text/plain; charset=dropbox-cors-hack",
];
const BYTE_TYPES = ["application/octet-stream", "text/plain; charset=dropbox-cors-hack"];

/** Finds the JSON argument where the style of the route has it. Throws BadInput. */
export function readArgument(route: Route, request: RawRequest): { readonly value: unknown; readonly source: string } {
  assertMethod(route, request);
  if (request.header("content-encoding") !== undefined) {
    throw new BadInput('Unexpected HTTP "Content-Encoding" header.');
  }
  if (route.style === "rpc") return { value: readBody(route, request), source: "request body" };
  if (route.style === "upload") assertContentType(request, BYTE_TYPES);
  else assertNoBody(request);
  return readHeader(request);
}

function assertMethod(route: Route, { method }: RawRequest): void {
  if (method === "POST" || (method === "GET" && route.style === "download")) return;
  throw new BadInput(
    `Your request's HTTP request method is "${method}".  This function only accepts the HTTP request method "POST".`,
  );
}

function readBody(route: Route, request: RawRequest): unknown {
  const type = request.header("content-type");
  if (!route.takesArgument && request.text === "" && type === undefined) return null;
  assertContentType(request, JSON_TYPES);
  return parse(request.text, "request body");
}

function readHeader(request: RawRequest): { readonly value: unknown; readonly source: string } {
  const header = request.header("dropbox-api-arg");
  const parameter = request.query.get("arg");
  if (header === undefined && parameter === null) {
    throw new BadInput('Must provide HTTP header "Dropbox-API-Arg" or URL parameter "arg".');
  }
  if (header === undefined)
    return { value: parse(parameter ?? "", 'URL parameter "arg"'), source: 'URL parameter "arg"' };
  if (header.length > request.argHeaderBytes) throw new BadInput("Request Header Fields Too Large", 431);
  // The front server refuses raw bytes above 0x7f before the API sees them.
  if (!/^[\t\x20-\x7e]*$/.test(header)) throw new BadInput("non-ASCII bytes in a header", 400, true);
  const source = 'HTTP header "Dropbox-API-Arg"';
  return { value: parse(header, source), source };
}

function assertContentType({ header }: RawRequest, allowed: readonly string[]): void {
  const type = header("content-type");
  if (type === undefined || type === "") throw new BadInput('Missing or empty HTTP "Content-Type" header.');
  if (allowed.includes(type.toLowerCase())) return;
  const expected = allowed.map((one) => `"${one}"`).join(", ");
  throw new BadInput(`Bad HTTP "Content-Type" header: "${type}".  Expecting one of ${expected}.`);
}

function assertNoBody({ header, bodyBytes }: RawRequest): void {
  const type = header("content-type");
  if (type !== undefined && !type.startsWith("text/plain") && type !== "application/octet-stream") {
    throw new BadInput(`Bad HTTP "Content-Type" header: "${type}".  Expecting one of "application/octet-stream".`);
  }
  if (bodyBytes > 0) throw new BadInput("request body must be empty for a download");
}

function parse(text: string, source: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new BadInput(`${source}: could not decode input as JSON`);
  }
}
