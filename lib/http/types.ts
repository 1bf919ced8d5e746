import type { Readable } from "node:stream";

/** What one request sends. Bodies are opened anew on every attempt, so that a retry never sends half of one. */
export interface HttpRequest {
  /** Named in messages: "upload", "list". */
  readonly operation: string;
  /** The path it is about, for messages; undefined when it is about none. */
  readonly subject: string | undefined;
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE" | "HEAD";
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: HttpBody;
  /** Whether the request may be sent again when it is unknown if the service has carried it out. */
  readonly repeatable: boolean;
  /** Whether the access token goes along, and how a 401 is answered (refresh once, single-flight). Default true. */
  readonly authorized?: boolean;
  /** Text that a signature covers besides the query and the fields of a form: the text parts of a multipart body. */
  readonly signedFields?: Readonly<Record<string, string>>;
  /** Statuses besides 2xx that the caller wants to see as an answer instead of an error. */
  readonly accept?: readonly number[];
  /** An accepted status may be handed over with an empty text when the service hung up before it had taken the whole body. */
  readonly acceptsEarly?: boolean;
  /** From the last byte sent to the first byte of the answer, in milliseconds; the client's own limit where it is not given. */
  readonly responseTimeoutMs?: number;
}

/**
 * Proves who sends a request, for services whose requests are signed instead of carrying a token. Called for every attempt anew.
 * Resolves to headers. Rejects with "unauthorized", or with the signal's reason.
 */
export type RequestSigner = (request: HttpRequest, signal: AbortSignal) => Promise<Readonly<Record<string, string>>>;

export type HttpBody =
  | { readonly kind: "json"; readonly value: unknown }
  | { readonly kind: "form"; readonly fields: Readonly<Record<string, string>> }
  | { readonly kind: "bytes"; readonly bytes: Buffer; readonly contentType: string | undefined }
  | {
      readonly kind: "stream";
      readonly sizeBytes: number;
      readonly open: () => Readable;
      readonly contentType: string | undefined;
    };

export interface HttpAnswer {
  readonly status: number;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly text: string;
}

export interface HttpStream {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** Fails when the connection breaks or the body ends before its announced length. */
  readonly body: Readable;
}

/**
 * One client for one run of one provider. Retries network errors, 408, 429 and 5xx with Retry-After and jitter, a bounded
 * number of times, only where `repeatable` allows it (a 429 or a connection refused is always safe to repeat). A Retry-After
 * pauses all requests of the client. Rejects with `ProviderError` only: "unauthorized" for 401 after a refresh, "unavailable" for network trouble and
 * exhausted retries, "rejected" for other statuses, whose answer the provider may translate first by listing it in `accept`.
 * No message holds a header, query or body.
 */
export interface HttpClient {
  send(request: HttpRequest, signal: AbortSignal): Promise<HttpAnswer>;
  /** As `send`, with the body as a stream; retries only until the headers have come. */
  open(request: HttpRequest, signal: AbortSignal): Promise<HttpStream>;
  /** Lets no request out for so many milliseconds: for a service that asks for it inside of a good answer. */
  pause(ms: number): void;
  /** Requests put on the wire so far, retries and token requests included. */
  readonly requests: number;
  close(): void;
}

/** Where access tokens come from. `refresh` is called at most once at a time, also across processes of one account. */
export interface TokenSource {
  /** A token that is good for some minutes; refreshes first when it is about to expire. */
  token(signal: AbortSignal): Promise<string>;
  /** Called after a 401 for `rejected`; resolves to another token, or rejects with "unauthorized" and the command that mends it. */
  renew(rejected: string, signal: AbortSignal): Promise<string>;
}
