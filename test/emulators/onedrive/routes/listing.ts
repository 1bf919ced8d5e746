import * as z from "zod";
import type { Answer } from "../../shared/answer.js";
import { jsonAnswer } from "../answer.js";
import { type Call, noteMisuse, resolveItem } from "../call.js";
import type { DeltaEntry, DeltaPage } from "../deltas.js";
import { badRequest, Refusal, refusal } from "../failures.js";
import type { Fault } from "../faults.js";
import type { Item } from "../items.js";
import { isPersonal } from "../kinds.js";
import { graphUrl } from "../links.js";
import { itemJson, select, tombstoneJson } from "../view.js";
import { prefers } from "./show.js";

const MAX_PAGE = 1000;

type Json = Record<string, unknown>;

export function listChildren(call: Call): Answer {
  const { exchange, drive, caller, world } = call;
  const folder = resolveItem(call);
  if (folder.kind !== "folder") return page(call, "children", { value: [] });
  const { fault } = exchange;
  const position = skipPosition(call, folder);
  const size = fault?.kind === "short-page" ? fault.items : (topOf(call, MAX_PAGE) ?? world.settings.childrenPageSize);
  const nowMs = world.clock.nowMs();
  const all = drive.childrenOf(folder).filter(({ createdMs }) => createdMs + world.settings.itemLagMs <= nowMs);
  const end = fault?.kind === "empty-page" ? position : position + size;
  const shown = kept(all.slice(position, end), fault, (item) => item.name);
  const next = fault?.kind === "repeated-link" ? position : end;
  const hasMore = end < all.length || fault?.kind === "empty-page";
  return page(call, "children", {
    ...(isPersonal(drive.kind) ? { "@odata.count": all.length } : {}),
    value: shown.map((item) => select(itemJson(item, { exchange, drive, account: caller.account }), exchange.query)),
    ...(hasMore ? { "@odata.nextLink": childrenLink(call, folder, next) } : {}),
  });
}

export function listDelta(call: Call): Answer {
  const { exchange, drive, world, address } = call;
  const scope = resolveItem(call);
  if (scope.kind !== "folder") throw badRequest("the delta of a file");
  if (scope !== drive.root && world.settings.deltaScope === "root-only") {
    throw refusal(501, "notSupported", { message: "view.delta can only be called on the root." });
  }
  checkSelection(call);
  const token = address.extra ?? exchange.query.get("token") ?? undefined;
  if (token !== undefined && /^\d{4}-/.test(token) && isPersonal(drive.kind)) throw badRequest("a time as delta token");
  if (exchange.fault?.kind === "gone") throw goneNow(call, scope, exchange.fault.inner);
  try {
    const result = world.deltas.page({
      world,
      drive,
      scope,
      token,
      pageSize: deltaPageSize(call),
      showsAncestors: world.settings.deltaAncestors === "shown" && !prefers(call, "deltaExcludeParent"),
      isEmptyPage: exchange.fault?.kind === "empty-page",
    });
    return page(call, "Collection(driveItem)", deltaBody(call, scope, result));
  } catch (error) {
    if (!(error instanceof Refusal) || error.status !== 410) throw error;
    throw withLocation(call, scope, error);
  }
}

function deltaBody(call: Call, scope: Item, { entries, token, isLast, sameToken }: DeltaPage): Json {
  const { fault } = call.exchange;
  const isLoop = fault?.kind === "repeated-link";
  const shown = kept(entries, fault, ({ item }) => item.name).filter(({ item }) => isListed(call, item));
  const value = shown.flatMap((entry) => {
    const json = select(entryJson(call, entry), call.exchange.query);
    return fault?.kind === "repeated-items" ? [{ ...json, ...earlier(entry, json) }, json] : [json];
  });
  const link = isLast && !isLoop ? "@odata.deltaLink" : "@odata.nextLink";
  return { [link]: deltaLink(call, scope, isLoop ? sameToken : token), value };
}

/** Shortcuts to folders of others are only listed for clients that say they know them. */
function isListed(call: Call, item: Item): boolean {
  return item.kind !== "remote" || prefers(call, "Include-Feature=AddToOneDrive");
}

function entryJson({ exchange, drive, caller }: Call, { item, isGone, place }: DeltaEntry): Json {
  const shown = { exchange, drive, account: caller.account, isDelta: true, place };
  return isGone ? tombstoneJson(item, shown) : itemJson(item, shown);
}

/** As the item was called before, for a page that shows everything twice. */
function earlier({ item, isGone }: DeltaEntry, json: Json): Json {
  const before = item.lineage.at(-2)?.name;
  return before === undefined || isGone || !("name" in json) ? {} : { name: before };
}

function kept<T>(all: readonly T[], fault: Fault | undefined, nameOf: (one: T) => string): readonly T[] {
  if (fault?.kind !== "missing-items") return all;
  const { names, count = 1 } = fault;
  if (names !== undefined) return all.filter((one) => !names.includes(nameOf(one)));
  return all.slice(0, Math.max(0, all.length - count));
}

/** Leaving `deleted` out of a selection makes deleted items look alive. */
function checkSelection(call: Call): void {
  const selection = call.exchange.query.get("$select");
  if (selection !== null && !selection.split(",").includes("deleted")) {
    noteMisuse(call, "a delta whose $select leaves out deleted");
  }
}

function deltaPageSize(call: Call): number {
  const { world, drive, exchange } = call;
  const { deltaPageSize: wanted, deltaTop } = world.settings;
  const size = wanted ?? (isPersonal(drive.kind) ? 200 : MAX_PAGE);
  if (exchange.fault?.kind === "short-page") return exchange.fault.items;
  const top = topOf(call, Number.POSITIVE_INFINITY);
  return deltaTop === "honoured" && top !== undefined ? Math.min(top, size) : size;
}

function topOf({ exchange }: Call, limit: number): number | undefined {
  const top = exchange.query.get("$top");
  if (top === null) return undefined;
  const result = z.coerce.number().int().min(1).safeParse(top);
  if (!result.success || result.data > limit) throw badRequest(`$top=${top}`, "invalidQueryOption");
  return result.data;
}

/** Position of a next link; the link belongs to one folder. */
function skipPosition({ exchange }: Call, folder: Item): number {
  const token = exchange.query.get("$skiptoken");
  if (token === null) return 0;
  const [id, position] = Buffer.from(token, "base64url").toString().split("|");
  if (id !== folder.id || position === undefined) throw badRequest("Invalid paging token");
  return Number(position);
}

function childrenLink(call: Call, folder: Item, position: number): string {
  const query = new URLSearchParams(carried(call));
  query.set("$skiptoken", Buffer.from(`${folder.id}|${String(position)}`).toString("base64url"));
  return `${itemUrl(call, folder)}/children?${query.toString()}`;
}

function deltaLink(call: Call, scope: Item, token: string): string {
  const query = new URLSearchParams([["token", token], ...carried(call)]);
  return `${itemUrl(call, scope)}/delta?${query.toString()}`;
}

function carried({ exchange }: Call): [string, string][] {
  return ["$select", "$top", "$expand"].flatMap((name): [string, string][] => {
    const value = exchange.query.get(name);
    return value === null ? [] : [[name, value]];
  });
}

function itemUrl({ exchange, drive }: Call, item: Item): string {
  const place = item === drive.root ? "root" : `items/${item.id}`;
  return `${graphUrl(exchange)}/v1.0/drives/${drive.id}/${place}`;
}

function goneNow(call: Call, scope: Item, inner: (Fault & { readonly kind: "gone" })["inner"]): Refusal {
  const code = inner === "syncStateNotFound" ? inner : "resyncRequired";
  const details = {
    inner: inner === "none" || inner === "syncStateNotFound" ? undefined : (inner ?? "resyncApplyDifferences"),
  };
  const headers = { Location: call.world.deltas.freshToken(scope) };
  return withLocation(call, scope, refusal(410, code, { ...details, headers }));
}

/** `Location` holds the token only, until here. */
function withLocation(call: Call, scope: Item, error: Refusal): Refusal {
  const token = error.details.headers?.["Location"] ?? "";
  const { inner } = error.details;
  return refusal(410, error.code, { inner, headers: { Location: deltaLink(call, scope, token) } });
}

function page({ exchange }: Call, what: string, body: Json): Answer {
  return jsonAnswer(200, { "@odata.context": `${graphUrl(exchange)}/v1.0/$metadata#${what}`, ...body });
}
