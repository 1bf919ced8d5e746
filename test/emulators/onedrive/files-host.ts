import type { Answer } from "../shared/answer.js";
import { answerInstead } from "./answer-instead.js";
import { contentAnswer, emptyAnswer, jsonAnswer } from "./answer.js";
import type { Exchange } from "./exchange.js";
import { badRequest, notFound, refusal } from "./failures.js";
import { readToken, type UrlClaims } from "./links.js";
import { rewriteWaiting } from "./office.js";
import { answerSession } from "./receive-range.js";
import { unitsOf } from "./units.js";

/** What the log and faults call a request to an upload or download URL. */
export function filesRoute(method: string, path: string): string {
  if (path.includes("/uploadSession") || path.startsWith("/rup/")) {
    const names: Readonly<Record<string, string>> = {
      PUT: "upload-range",
      GET: "upload-status",
      DELETE: "upload-cancel",
    };
    return names[method] ?? "upload-commit";
  }
  return path.startsWith("/_api/v2.0/monitor/") ? "monitor" : "download";
}

/** The host behind upload URLs, download URLs and monitors. All are good for whoever has them, and for no bearer. */
export async function answerFiles(exchange: Exchange): Promise<Answer> {
  const { world, headers, logged } = exchange;
  if (headers["authorization"] !== undefined) {
    world.misuse.push(`${logged.route}: Authorization sent to a host that needs none`);
    if (world.settings.filesHostRefusesBearer) throw refusal(401, "unauthenticated");
  }
  rewriteWaiting(world);
  const instead = answerInstead(exchange);
  if (instead !== undefined) return instead;
  const claims = claimsOf(exchange);
  const waitSeconds = world.units.charge(unitsOf(logged.route, false));
  if (waitSeconds !== undefined) {
    world.pausedUntilMs = world.clock.nowMs() + waitSeconds * 1000;
    throw refusal(429, "activityLimitReached", { headers: { "Retry-After": String(waitSeconds) } });
  }
  if (claims.kind === "upload") return await answerSession(exchange, claims.id);
  return claims.kind === "monitor" ? monitor(exchange, claims) : download(exchange, claims);
}

function claimsOf({ world, query, logged }: Exchange): UrlClaims {
  const token = query.get("tempauth") ?? "";
  const claims = readToken(world, token);
  const kind = logged.route.startsWith("upload") ? "upload" : logged.route;
  if (claims?.kind !== kind) throw badRequest("a URL that the service did not make, or that was changed");
  if (claims.expiresMs > world.clock.nowMs() && !world.spoiltUrls.has(token)) return claims;
  throw refusal(401, "unauthenticated", { inner: "expiredToken", message: "The token has expired." });
}

function download({ world, headers, method }: Exchange, claims: UrlClaims): Answer {
  if (method !== "GET") throw badRequest(`${method} of a download URL`);
  const item = world.accounts.byDrive(claims.driveId)?.drive?.get(claims.id);
  // The URL leads to the file, not to what it held when the URL was made.
  const content = claims.version === undefined ? item?.content : item?.versions[claims.version]?.content;
  if (content === undefined) throw notFound();
  if (item?.traits.isMalware === true) {
    throw refusal(403, "malwareDetected", { headers: { "X-Virus-Infected": "Trojan:Test" } });
  }
  return contentAnswer(content, world.settings.ignoreRanges ? undefined : headers["range"]);
}

function monitor({ world }: Exchange, { id }: UrlClaims): Answer {
  const job = world.monitors.get(id);
  if (job === undefined) throw notFound();
  job.pollsLeft -= 1;
  if (job.pollsLeft >= 0)
    return jsonAnswer(202, { operation: "ItemCopy", percentageComplete: 27.8, status: "inProgress" });
  if (job.errorCode !== undefined) {
    const error = { code: job.errorCode, message: "Name already exists" };
    return jsonAnswer(200, { status: "failed", errorCode: job.errorCode, error });
  }
  if (job.itemId === undefined) return emptyAnswer(404);
  return jsonAnswer(200, { percentageComplete: 100, resourceId: job.itemId, status: "completed" });
}
