import type { Answer } from "../shared/answer.js";
import type { Account } from "./accounts.js";
import type { Address } from "./address.js";
import { jsonAnswer } from "./answer.js";
import { me, missing } from "./authorize.js";
import type { Caller } from "./call.js";
import type { Exchange } from "./exchange.js";
import { graphUrl } from "./links.js";
import { driveJson } from "./routes/drive.js";

/** People and sites: `/me`, `/users/{}`, `/sites/{}` and their lists of drives. */
export function answerDirectory(exchange: Exchange, caller: Caller, { route, extra = "" }: Address): Answer {
  const context = `${graphUrl(exchange)}/v1.0/$metadata#${route}`;
  if (route === "drives")
    return jsonAnswer(200, { "@odata.context": context, value: drivesOf(exchange, caller, extra) });
  const account = accountOf(exchange, caller, route, extra);
  if (account.site !== undefined) {
    const { id, name, host, path } = account.site;
    const webUrl = `https://${host}${path}`;
    return jsonAnswer(200, { "@odata.context": context, id, name, displayName: name, webUrl });
  }
  const { userId, displayName, userPrincipalName } = account;
  return jsonAnswer(200, {
    "@odata.context": context,
    id: userId,
    displayName,
    userPrincipalName,
    mail: userPrincipalName,
  });
}

function accountOf({ world }: Exchange, caller: Caller, route: string, name: string): Account {
  if (route === "me") return me(caller);
  const account = route === "site" ? world.accounts.site(name) : world.accounts.user(name);
  if (account === undefined) throw missing({ by: route === "site" ? "site" : "user", name });
  return account;
}

function drivesOf(exchange: Exchange, caller: Caller, name: string): readonly unknown[] {
  const { accounts } = exchange.world;
  const owner = name === "" ? me(caller) : (accounts.site(name) ?? accounts.user(name));
  if (owner?.drive === undefined) return [];
  return [driveJson({ exchange, drive: owner.drive, account: owner })];
}
