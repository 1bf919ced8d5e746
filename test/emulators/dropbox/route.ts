import type * as z from "zod";
import type { Account } from "./accounts.js";
import type { Blob, Content } from "./content.js";
import { BadInput, RouteError, write } from "./failures.js";
import type { Fault } from "./faults.js";
import type { View } from "./view.js";
import type { World } from "./world.js";

/** One request, as a route sees it. */
export interface Call {
  readonly world: World;
  readonly account: Account;
  readonly view: View;
  readonly accessToken: string;
  /** The body of an upload; undefined when it was larger than a request may be. */
  readonly body: Blob | undefined;
  /** What a test wants to go wrong with this request. */
  readonly fault: Fault | undefined;
  readonly misuse: (what: string) => void;
  /** Keeps the write lock after the answer, until the returned function is called. */
  readonly keepLock: () => () => void;
}

export type Reply =
  | { readonly kind: "json"; readonly value: unknown }
  | { readonly kind: "content"; readonly metadata: unknown; readonly content: Content; readonly etag: string };

export interface Route {
  /** The path without "/2/". */
  readonly name: string;
  readonly host: "api" | "content";
  readonly style: "rpc" | "upload" | "download";
  readonly scope: string | undefined;
  /** Commits take the write lock of the account. */
  readonly commits: boolean;
  readonly takesArgument: boolean;
  /** Checks the argument and returns the work that remains. Throws BadInput. */
  readonly prepare: (argument: unknown, source: string) => (call: Call) => Promise<Reply>;
}

interface Definition<Schema extends z.ZodType> {
  readonly name: string;
  readonly host?: "api" | "content";
  readonly style?: "rpc" | "upload" | "download";
  readonly scope: string | undefined;
  readonly commits?: boolean;
  readonly argument: Schema;
  readonly run: (argument: z.output<Schema>, call: Call) => Promise<Reply> | Reply;
}

export function defineRoute<Schema extends z.ZodType>(definition: Definition<Schema>): Route {
  const { name, host = "api", style = "rpc", scope, commits = false, argument: schema, run } = definition;
  const prepare = (argument: unknown, source: string): ((call: Call) => Promise<Reply>) => {
    const parsed = schema.safeParse(argument);
    if (!parsed.success) throw new BadInput(`${source}: ${describe(parsed.error)}`);
    return async (call) => await run(parsed.data, call);
  };
  return { name, host, style, scope, commits, takesArgument: true, prepare };
}

/** A route without argument: the body is empty, or `null` as JSON. */
export function defineVoidRoute(definition: {
  readonly name: string;
  readonly scope: string | undefined;
  readonly run: (call: Call) => Promise<Reply> | Reply;
}): Route {
  const prepare = (argument: unknown, source: string): ((call: Call) => Promise<Reply>) => {
    if (argument !== null) throw new BadInput(`${source}: expected null, got ${typeof argument}`);
    return async (call) => await definition.run(call);
  };
  const { name, scope } = definition;
  return { name, host: "api", style: "rpc", scope, commits: false, takesArgument: false, prepare };
}

export function json(value: unknown): Reply {
  return { kind: "json", value };
}

/** The body of an upload, once it is known to be whole. */
export function receivedBody(call: Call, contentHash: string | null | undefined): Blob {
  if (call.body === undefined) {
    call.misuse("the request body is larger than 150 MiB");
    throw new RouteError({ ".tag": "payload_too_large" });
  }
  if (contentHash !== undefined && contentHash !== null && contentHash !== call.body.hash) {
    call.misuse("content_hash does not match the body");
    throw new RouteError({ ".tag": "content_hash_mismatch" });
  }
  return call.body;
}

/** Throws the refusal that a test wants for this write; `entry` is the place in a batch. */
export function refuseOnDemand(call: Call, entry?: number): void {
  if (call.fault?.kind !== "refuse") return;
  const { tag, entries } = call.fault;
  if (entries === undefined || (entry !== undefined && entries.includes(entry))) throw write(tag);
}

function describe(error: z.ZodError): string {
  const [issue] = error.issues;
  if (issue === undefined) return "invalid";
  const where = issue.path.map((part) => `${String(part)}: `).join("");
  if (issue.code === "unrecognized_keys") return `${where}unknown field '${issue.keys.join("', '")}'`;
  if (issue.code === "invalid_type") return `${where}expected ${issue.expected}, got ${typeof issue.input}`;
  return `${where}${issue.message}`;
}
