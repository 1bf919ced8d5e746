import * as z from "zod";
import type { Answer } from "../shared/answer.js";
import { header } from "../shared/header.js";
import { noteMisuse } from "../shared/note-misuse.js";
import type { Account } from "./accounts.js";
import { bodyText, type Exchange } from "./exchange.js";
import { badRequest } from "./failures.js";

/** Who calls a route, and with what. */
export interface Call extends Exchange {
  readonly account: Account;
}

export type Work = (call: Call) => Answer | Promise<Answer>;

/** One method of the API. */
export interface Route {
  readonly name: string;
  readonly method: "GET" | "POST" | "PATCH";
  /** As in "/v1/albums/{id}:batchAddMediaItems". */
  readonly path: string;
  /** A token with one of these may call it; with none of them listed, nobody may. */
  readonly scopes: readonly string[];
  /** Writes exclude each other in one account. */
  readonly isWrite: boolean;
  /** Counts against the uploads of a minute instead of the writes. */
  readonly isUpload: boolean;
  /** Checks the request in itself; throws what the service would answer. */
  prepare(exchange: Exchange, id: string): Promise<Work>;
}

export interface RouteDefinition<Query, Body> extends Pick<Route, "name" | "method" | "path" | "scopes"> {
  readonly isWrite?: boolean;
  readonly query?: z.ZodType<Query>;
  readonly body?: z.ZodType<Body>;
  /** Refuses what the schemas let pass, before the request is looked at any further. */
  readonly check?: (argument: Argument<Query, Body>, exchange: Exchange) => void;
  readonly run: (argument: Argument<Query, Body>, call: Call) => Answer | Promise<Answer>;
}

interface Argument<Query, Body> {
  readonly id: string;
  readonly query: Query;
  readonly body: Body;
}

/** A route whose argument is JSON and query. Members that the service does not know are refused, as it does. */
export function defineRoute<Query, Body>(definition: RouteDefinition<Query, Body>): Route {
  const { name, method, path, scopes, isWrite = false, run } = definition;
  return {
    name,
    method,
    path,
    scopes,
    isWrite,
    isUpload: false,
    prepare: async (exchange, id) => {
      const query = parseQuery(exchange, definition.query);
      const body = await parseBody(exchange, definition.body);
      exchange.logged.argument = { ...(id === "" ? {} : { id }), ...asObject(query), ...asObject(body) };
      definition.check?.({ id, query, body }, exchange);
      return (call) => run({ id, query, body }, call);
    },
  };
}

const NoArgument = z.strictObject({});

/** Parameters that every Google API takes; they change nothing here. */
const COMMON_PARAMETERS: ReadonlySet<string> = new Set(["alt", "prettyPrint", "key", "quotaUser", "$.xgafv"]);

function parseQuery<Query>({ url }: Exchange, schema: z.ZodType<Query> | undefined): Query {
  const raw: Record<string, string | string[]> = {};
  for (const name of new Set(url.searchParams.keys())) {
    if (COMMON_PARAMETERS.has(name)) continue;
    const values = url.searchParams.getAll(name);
    raw[name] = values.length === 1 ? (values[0] ?? "") : values;
  }
  return parse(schema ?? emptySchema(), raw, "Cannot bind query parameter.");
}

async function parseBody<Body>(exchange: Exchange, schema: z.ZodType<Body> | undefined): Promise<Body> {
  const text = await bodyText(exchange);
  if (schema === undefined) {
    if (text !== "") throw badRequest("Invalid JSON payload received: this method has no body.");
    return parse(emptySchema(), {}, "");
  }
  const type = header(exchange, "content-type") ?? "";
  if (!type.startsWith("application/json")) noteMisuse(exchange, `a JSON body sent as ${JSON.stringify(type)}`);
  return parse(schema, parseJson(text), "Cannot find field.");
}

/** For routes that take nothing at this place. Their type parameter is whatever an empty object satisfies. */
function emptySchema<T>(): z.ZodType<T> {
  return z.custom<T>((value) => NoArgument.safeParse(value).success, "there is nothing to say here");
}

function parseJson(text: string): unknown {
  try {
    return text === "" ? {} : JSON.parse(text);
  } catch {
    throw badRequest("Invalid JSON payload received. Parsing terminated before end of input.");
  }
}

function parse<T>(schema: z.ZodType<T>, raw: unknown, unknownName: string): T {
  const result = schema.safeParse(raw);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const where = issue?.path.join(".") ?? "";
  if (issue?.code === "unrecognized_keys") {
    throw badRequest(
      `Invalid JSON payload received. Unknown name "${issue.keys.join()}" at '${where}': ${unknownName}`,
    );
  }
  throw badRequest(`Invalid value at '${where}': ${issue?.message ?? "unknown"}`);
}

function asObject(value: unknown): object {
  return typeof value === "object" && value !== null ? value : {};
}
