import type { Answer } from "../shared/answer.js";
import { noteMisuse } from "../shared/note-misuse.js";
import { htmlAnswer } from "./answer.js";
import { type Exchange, isEncrypted } from "./exchange.js";
import { ApiFailure, commonFailure, PageFailure } from "./failures.js";
import { METHODS } from "./methods/index.js";
import { checkCaller } from "./oauth-check.js";
import { formatOf, okAnswer } from "./rest-format.js";
import type { Method } from "./route.js";
import { allows } from "./tokens.js";

/** The REST host: arguments in query or form, one method per request. */
export function answerRest(exchange: Exchange): Answer {
  const { fields, url, world } = exchange;
  if (!/^\/services\/rest\/?$/.test(url.pathname)) {
    noteMisuse(exchange, `there is nothing at ${url.pathname} on the REST host`);
    return htmlAnswer(404, "Page Not Found");
  }
  if (!exchange.isWellFormed) noteMisuse(exchange, "a body that is no form");
  if (world.settings.requireTls && !isEncrypted(exchange)) throw commonFailure(95, true);
  const format = formatOf(fields);
  if (format === undefined) {
    throw new ApiFailure(111, `Format "${fields.get("format") ?? ""}" not found`, { isMisuse: true });
  }
  const method = METHODS.get(fields.get("method") ?? "");
  if (method === undefined) {
    throw new ApiFailure(112, `Method "${fields.get("method") ?? ""}" not found`, { isMisuse: true });
  }
  const caller = checkCaller(exchange);
  checkVerb(exchange, method);
  if (!allows(caller.perms, method.perms)) throw commonFailure(99);
  checkArguments(exchange, method);
  return okAnswer(format, method.run({ ...exchange, caller }));
}

function checkVerb(exchange: Exchange, method: Method): void {
  const verb = exchange.logged.method;
  if (verb === "POST" || (verb === "GET" && method.isWrite !== true)) return;
  noteMisuse(exchange, `called by ${verb}`);
  throw new PageFailure(405, "Method Not Allowed");
}

const COMMON_ARGS: ReadonlySet<string> = new Set(["method", "format", "nojsoncallback", "jsoncallback", "api_key"]);

function checkArguments(exchange: Exchange, { args }: Method): void {
  const { fields, world } = exchange;
  const given = Object.entries(fields.arguments());
  for (const [name] of given) {
    if (!COMMON_ARGS.has(name) && !args.includes(name) && args[0] !== "*") {
      noteMisuse(exchange, `there is no argument ${name}`);
    }
  }
  const isBanned = given.some(([, value]) => world.settings.bannedUrls.some((url) => value.includes(url)));
  if (isBanned) throw commonFailure(116);
}
