import type { HttpAnswer, HttpRequest } from "./types.js";

const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

/**
 * Where an answer sends us on to; undefined when it does not, or must not be followed. Only plain reading is sent on, and
 * nothing that carries an authorization or would lose its encryption.
 */
export function redirectOf(request: HttpRequest, url: URL, answer: Pick<HttpAnswer, "status" | "headers">) {
  const { location } = answer.headers;
  if (location === undefined || !REDIRECTS.has(answer.status) || !mayFollow(request, answer.status)) return undefined;
  if (!URL.canParse(location, url.href)) return undefined;
  const next = new URL(location, url);
  return next.protocol === "https:" || next.protocol === url.protocol ? next : undefined;
}

function mayFollow(request: HttpRequest, status: number): boolean {
  const isReading = request.method === "GET" || request.method === "HEAD";
  const names = Object.keys(request.headers ?? {}).map((name) => name.toLowerCase());
  const isPlain = request.authorized === false && !names.includes("authorization") && !names.includes("cookie");
  return isReading && isPlain && !(request.accept ?? []).includes(status);
}
