import type { Account } from "./accounts.js";
import type { Address, DriveRef } from "./address.js";
import type { Caller } from "./call.js";
import type { Drive } from "./drive.js";
import type { Exchange } from "./exchange.js";
import { badRequest, type Refusal, refusal } from "./failures.js";
import { isPersonal } from "./kinds.js";

const CHALLENGE =
  'Bearer realm="", authorization_uri="https://login.microsoftonline.com/common/oauth2/authorize", client_id="00000003-0000-0000-c000-000000000000"';

const READING = new Set(["drive", "item", "children", "delta", "content", "versions", "version-content", "search"]);

/** Lets the bearer of a token in, or throws 401. */
export function authorize({ world, headers, isBatched }: Exchange): Caller {
  const match = /^[Bb]earer (.+)$/.exec(headers["authorization"] ?? "");
  if (match === null) throw unauthorized("Access token is empty.");
  const token = world.tokens.access(match[1] ?? "");
  if (token === undefined) throw unauthorized("CompactToken parsing failed with error code: 80049217");
  const isOver = !world.tokens.isCurrent(token) || token.usesLeft <= 0 || token.grant?.isRevoked === true;
  if (isOver) throw unauthorized("Lifetime validation failed, the token is expired.");
  // Members of a batch come with the token of the batch, which has been counted.
  if (!isBatched) token.usesLeft -= 1;
  const account = token.userId === undefined ? undefined : world.accounts.byUserId(token.userId);
  return { account, scopes: token.scopes };
}

export function unauthorized(message: string): Refusal {
  return refusal(401, "InvalidAuthenticationToken", { message, headers: { "WWW-Authenticate": CHALLENGE } });
}

export interface OpenDrive {
  readonly account: Account;
  readonly drive: Drive;
}

/** The drive that an address leads to, if the caller may do with it what the request is for. */
export function openDrive(exchange: Exchange, caller: Caller, address: Address): OpenDrive {
  const ref = address.drive ?? { by: "me", name: "" };
  const account = accountOf(exchange, caller, ref);
  if (account === undefined) throw missing(ref);
  const { drive } = account;
  if (drive === undefined) throw noDrive(account);
  assertScope(caller, address);
  const isOwn = caller.account === undefined ? !isPersonal(account.kind) : caller.account === account;
  const isShared = account.site !== undefined && caller.scopes.some((scope) => scope.endsWith(".All"));
  if (!isOwn && !isShared) throw refusal(403, "accessDenied");
  return { account, drive };
}

function accountOf({ world }: Exchange, caller: Caller, { by, name }: DriveRef): Account | undefined {
  const { accounts } = world;
  if (by === "drive") return accounts.byDrive(name);
  if (by === "site") return accounts.site(name);
  if (by === "group") return undefined;
  return by === "user" ? accounts.user(name) : me(caller);
}

/** Throws what the service says to an application that asks for "me". */
export function me({ account }: Caller): Account {
  if (account !== undefined) return account;
  throw refusal(400, "BadRequest", {
    message: "/me request is only valid with delegated authentication flow.",
    misuse: "/me with a token of the application",
  });
}

export function missing({ by, name }: DriveRef): Refusal {
  if (by === "user") {
    return refusal(404, "Request_ResourceNotFound", {
      message: `Resource '${name}' does not exist or one of its queried reference-property objects are not present.`,
    });
  }
  return refusal(404, "itemNotFound");
}

/** The forms in which the service says that somebody never opened OneDrive. */
function noDrive({ noDrive: form }: Account): Refusal {
  switch (form) {
    case "mysite":
      return refusal(404, "ResourceNotFound", { message: "User's mysite not found." });
    case "no-item":
      return refusal(404, "itemNotFound");
    case "mysite-url":
      return refusal(404, "UnknownError", { message: "Unable to retrieve user's mysite URL." });
    case "no-licence":
      return refusal(400, "BadRequest", { message: "Tenant does not have a SPO license." });
    case "file-not-found":
      return refusal(404, "itemNotFound", { message: "FILE NOT FOUND" });
  }
}

function assertScope({ account, scopes }: Caller, { route, item }: Address): void {
  if (account === undefined || scopes.includes(".default")) return;
  const isWrite = !READING.has(route);
  const needed = isWrite ? /^(?:Files|Sites)\.ReadWrite(?:\.All)?$/ : /^(?:Files|Sites)\.Read(?:Write)?(?:\.All)?$/;
  if (scopes.some((scope) => needed.test(scope))) return;
  const isInAppFolder = item?.start.by === "special" && item.start.name === "approot";
  if (scopes.includes("Files.ReadWrite.AppFolder") && (isInAppFolder || item?.start.by === "id")) return;
  throw refusal(403, "accessDenied", { message: `Insufficient scope for ${route}` });
}

/** Query options of OData that the service knows. */
const OPTIONS = new Set([
  "$select",
  "$top",
  "$expand",
  "$orderby",
  "$filter",
  "$skiptoken",
  "$skip",
  "$count",
  "$search",
]);

export function assertQuery({ query }: Exchange): void {
  for (const name of query.keys()) {
    if (name.startsWith("$") && !OPTIONS.has(name))
      throw badRequest(`unknown query option ${name}`, "invalidQueryOption");
  }
}
