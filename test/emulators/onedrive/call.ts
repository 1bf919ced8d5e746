import * as z from "zod";
import type { Answer } from "../shared/answer.js";
import { collectAll } from "../shared/bytes.js";
import type { Account } from "./accounts.js";
import type { Address } from "./address.js";
import type { Blob } from "./content.js";
import type { Denial, Drive } from "./drive.js";
import type { Exchange } from "./exchange.js";
import { badRequest, notFound, refusal } from "./failures.js";
import { cTagOf, eTagOf } from "./ids.js";
import type { Item } from "./items.js";
import { isPersonal } from "./kinds.js";
import { assertName, keyOf } from "./names.js";
import type { ConflictBehavior } from "./sessions.js";
import type { World } from "./world.js";

/** Who asks. */
export interface Caller {
  /** The person; undefined for the app itself. */
  readonly account: Account | undefined;
  readonly scopes: readonly string[];
}

/** A request to a drive that has been let in. */
export interface Call {
  readonly world: World;
  readonly exchange: Exchange;
  readonly address: Address;
  readonly drive: Drive;
  readonly caller: Caller;
}

export type Route = (call: Call) => Promise<Answer> | Answer;

export function header({ exchange }: Call, name: string): string | undefined {
  return exchange.headers[name];
}

/** Keeps for the test what a careful client would not have done. */
export function noteMisuse({ world, exchange }: Pick<Call, "world" | "exchange">, what: string): void {
  world.misuse.push(`${exchange.logged.route}: ${what}`);
}

/** The item that the path names. */
export function resolveItem(call: Call): Item {
  const { drive, address, world } = call;
  const start = resolveStart(call);
  let item: Item | undefined = start;
  for (const name of address.item?.path ?? []) item = item === undefined ? undefined : drive.child(item, name);
  if (item === undefined) {
    for (const name of address.item?.path ?? []) assertSpelling(name);
    throw notFound();
  }
  const isRead = call.exchange.method === "GET";
  const isHidden = isRead && item.createdMs + world.settings.itemLagMs > world.clock.nowMs() && item !== drive.root;
  if (isHidden) throw notFound();
  assertAllowed(drive, item, isRead ? "read" : call.exchange.method === "DELETE" ? "delete" : "write");
  return item;
}

/** Where something is to be put by name, with what stands there already. */
export interface Target {
  readonly parent: Item;
  readonly name: string;
  readonly item: Item | undefined;
}

export function resolveTarget(
  call: Call,
  mode: { readonly createParents: boolean; readonly isFolder?: boolean },
): Target {
  const { address, drive, world } = call;
  const path = address.item?.path ?? [];
  const name = path.at(-1);
  if (name === undefined) throw badRequest("this request needs a name in its path");
  let parent = resolveStart(call);
  for (const part of path.slice(0, -1)) {
    const next = drive.child(parent, part);
    if (next === undefined && !mode.createParents) throw notFound();
    if (next === undefined)
      assertName(part, { kind: drive.kind, isFolder: true, parentPath: drive.pathOf(parent) }, world.settings);
    parent = next ?? drive.addFolder(parent, part);
  }
  if (parent.kind !== "folder") throw refusal(409, "nameAlreadyExists", { message: "A parent is not a folder" });
  const item = drive.child(parent, name);
  const isFolder = mode.isFolder ?? false;
  if (item === undefined)
    assertName(name, { kind: drive.kind, isFolder, parentPath: drive.pathOf(parent) }, world.settings);
  assertAllowedAt(drive, joinPath(drive.pathOf(parent), name), "write");
  return { parent, name, item };
}

/** Throws what a test has tied to this path or one above. */
function assertAllowed(drive: Drive, item: Item, on: "read" | "write" | "delete"): void {
  if (drive.denials.size > 0) assertAllowedAt(drive, drive.pathOf(item), on);
}

export function assertAllowedAt(drive: Drive, path: string, on: Denial["on"]): void {
  if (drive.denials.size === 0) return;
  const parts = path.split("/");
  for (let length = parts.length; length > 0; length -= 1) {
    const denial = drive.denials.get(keyOf(parts.slice(0, length).join("/")));
    if (denial === undefined || (denial.on !== on && denial.on !== "all")) continue;
    throw refusal(denial.status, denial.code, { message: denial.message });
  }
}

export function joinPath(parent: string, name: string): string {
  return parent === "" ? name : `${parent}/${name}`;
}

/** Throws 412 when `If-Match` or `If-None-Match` says no. */
export function assertPreconditions(call: Call, item: Item | undefined): void {
  const [ifMatch, ifNoneMatch] = [header(call, "if-match"), header(call, "if-none-match")];
  if (ifMatch !== undefined && !matches(call.drive, item, ifMatch)) throw preconditionFailed(call.drive);
  if (ifNoneMatch !== undefined && matches(call.drive, item, ifNoneMatch)) throw preconditionFailed(call.drive);
}

export function preconditionFailed({ kind }: Drive): Error {
  return refusal(412, isPersonal(kind) ? "notAllowed" : "resourceModified", {
    message: "ETag does not match current item's value",
  });
}

/** Whether the item exists and has this eTag or cTag; "*" is any. */
export function matches({ kind }: Drive, item: Item | undefined, tag: string): boolean {
  if (item === undefined) return false;
  if (tag.trim() === "*") return true;
  const plain = (text: string): string => text.trim().replace(/^W\//, "").replaceAll('"', "");
  const own = [eTagOf(kind, item, item.eTagVersion), cTagOf(kind, item, item.cTagVersion, item.kind === "folder")];
  return own.some((one) => plain(one) === plain(tag));
}

/** The body, checked as strictly as it is sent: the right type, JSON, known fields. */
export async function jsonBody<T>(call: Call, schema: z.ZodType<T>): Promise<T> {
  const body = call.exchange.body;
  const text = body === undefined ? "" : (await collectAll(body)).toString();
  const type = header(call, "content-type") ?? "";
  if (text !== "" && !type.startsWith("application/json"))
    throw badRequest(`JSON sent as ${type === "" ? "nothing" : type}`);
  let value: unknown;
  try {
    value = JSON.parse(text === "" ? "{}" : text);
  } catch {
    throw badRequest("Unable to read JSON request payload.");
  }
  const result = schema.safeParse(withoutAnnotations(value));
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw badRequest(`${issue?.path.join(".") ?? ""}: ${issue?.message ?? "invalid"}`);
}

/** Annotations that the service does not know, such as "@name.conflictBehavior", are read over. */
function withoutAnnotations(value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  const known = Object.entries(value).filter(([name]) => !name.startsWith("@") || name.startsWith("@microsoft.graph."));
  return Object.fromEntries(known.map(([name, one]) => [name, withoutAnnotations(one)]));
}

export function bodyOf(call: Call): Blob {
  const { body } = call.exchange;
  if (body !== undefined) return body;
  throw refusal(413, "invalidRequest", { inner: "maxStreamSizeExceeded", misuse: "the request body is too large" });
}

export const Behavior = z.enum(["fail", "replace", "rename"]);

/** From the query, with the default that the service is documented to have. Leaving it out is a mistake waiting to happen. */
export function behaviorInQuery(call: Call, fallback: ConflictBehavior): ConflictBehavior {
  const given = call.exchange.query.get("@microsoft.graph.conflictBehavior");
  if (given === null) {
    noteMisuse(call, "no conflictBehavior");
    return fallback;
  }
  const result = Behavior.safeParse(given);
  if (!result.success) throw badRequest(`conflictBehavior ${given}`);
  return result.data;
}

/** Times as the service takes them: UTC, at most seven digits of a second. */
const Timestamp = z
  .string()
  .regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,7})?(?:Z|[+-]\d\d:\d\d)$/)
  .transform((text) => Date.parse(text));

export const FileSystemInfo = z
  .strictObject({
    createdDateTime: Timestamp.optional(),
    lastModifiedDateTime: Timestamp.optional(),
    lastAccessedDateTime: Timestamp.optional(),
  })
  .transform(({ createdDateTime, lastModifiedDateTime }) => ({
    createdMs: createdDateTime,
    modifiedMs: lastModifiedDateTime,
  }));

function resolveStart(call: Call): Item {
  const { drive, address } = call;
  const start = address.item?.start;
  if (start === undefined || start.by === "root") return drive.root;
  const item = start.by === "id" ? drive.get(start.name) : specialFolder(call, start.name);
  if (item === undefined) throw notFound();
  return item;
}

/** `approot` is `Apps/{application name}` and made at its first use. */
function specialFolder({ drive }: Call, name: string): Item {
  if (name !== "approot" && name !== "documents" && name !== "photos") throw notFound();
  const place = name === "approot" ? ["Apps", "trisync"] : [name === "documents" ? "Documents" : "Pictures"];
  let at = drive.root;
  for (const [index, part] of place.entries()) {
    const traits = index === place.length - 1 ? { specialFolder: name } : {};
    at = drive.child(at, part) ?? drive.addFolder(at, part, {}, traits);
  }
  return at;
}

/** A path that cannot be is refused as such, not as missing. */
function assertSpelling(name: string): void {
  if (/["*:<>?/\\|\u0000-\u001f\u007f]/.test(name)) {
    throw refusal(400, "invalidRequest", { inner: "invalidPath", message: "The resource path is not valid." });
  }
}
