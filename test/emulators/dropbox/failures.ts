/** An error union member as it goes over the wire. */
export interface WireError {
  readonly ".tag": string;
  readonly [field: string]: unknown;
}

/** 400: the request itself is wrong. Every one of these is the client's fault and is recorded as misuse. */
export class BadInput extends Error {
  constructor(
    readonly detail: string,
    readonly status = 400,
    readonly html = false,
  ) {
    super(detail);
  }
}

/** 409: the error type of the route. */
export class RouteError extends Error {
  constructor(readonly error: WireError) {
    super(summaryOf(error));
  }
}

/** 401, 403, 422 and 429: errors that every route has in common. */
export class CommonError extends Error {
  constructor(
    readonly status: number,
    readonly summary: string,
    readonly error: Readonly<Record<string, unknown>>,
    readonly headers: Readonly<Record<string, string>> = {},
  ) {
    super(summary);
  }
}

/** A LookupError; the route decides under which tag it travels. */
export class LookupFailure extends Error {
  constructor(readonly error: WireError) {
    super(summaryOf(error));
  }
}

/** A WriteError; the route decides under which tag it travels. */
export class WriteFailure extends Error {
  constructor(readonly error: WireError) {
    super(summaryOf(error));
  }
}

export function lookup(tag: string): LookupFailure {
  return new LookupFailure({ ".tag": tag });
}

export function write(tag: string): WriteFailure {
  return new WriteFailure({ ".tag": tag });
}

export function conflict(kind: "file" | "folder" | "file_ancestor"): WriteFailure {
  return new WriteFailure({ ".tag": "conflict", conflict: { ".tag": kind } });
}

export function tooManyWrites(retryAfterSeconds = 1): CommonError {
  return rateLimit("too_many_write_operations", retryAfterSeconds);
}

export function rateLimit(reason: string, retryAfterSeconds: number): CommonError {
  return new CommonError(
    429,
    reason,
    { reason: { ".tag": reason }, retry_after: retryAfterSeconds },
    { "Retry-After": String(retryAfterSeconds) },
  );
}

/** Runs `work` and puts lookup and write failures under the tags that this route uses for them. */
export async function wrapFailures<T>(
  tags: { readonly lookup: string; readonly write: string },
  work: () => T | Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof LookupFailure) throw new RouteError(nest(tags.lookup, error.error));
    if (error instanceof WriteFailure) throw new RouteError(nest(tags.write, error.error));
    throw error;
  }
}

export function nest(tag: string, inner: WireError): WireError {
  return { ".tag": tag, [tag]: inner };
}

/** The chain of tags joined by "/", without the random dots. */
export function summaryOf(error: WireError): string {
  const tag = error[".tag"];
  const inner = error[tag] ?? error["reason"];
  return isWireError(inner) ? `${tag}/${summaryOf(inner)}` : tag;
}

function isWireError(value: unknown): value is WireError {
  return typeof value === "object" && value !== null && ".tag" in value && typeof value[".tag"] === "string";
}
