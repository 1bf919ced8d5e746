import { request as httpRequest } from "node:http";
import { collect } from "../shared/bytes.js";
import type { OneDriveEmulator } from "./emulator.js";

/** An answer as it came over the wire. */
export interface RawAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
  /** The body as JSON; undefined when it is none. */
  readonly json: unknown;
}

export interface RawOptions {
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** An object is sent as JSON. */
  readonly body?: Buffer | string | object | undefined;
  /** Sends the body without saying how long it is. */
  readonly isChunked?: boolean | undefined;
}

export type RawCall = (method: string, target: string, options?: RawOptions) => Promise<RawAnswer>;

/**
 * A client that does exactly what it is told, without retries or redirects. A target that is no URL is below
 * `/v1.0` and goes with the token; "{D}" at its beginning stands for the drive.
 */
export function rawClient(emulator: OneDriveEmulator, accessToken = emulator.tokens.issue().accessToken): RawCall {
  return async (method, target, options = {}) => {
    const isApi = !target.startsWith("http");
    const url = isApi ? `${emulator.graphUrl}/v1.0${target.replace("{D}", `/drives/${emulator.drive.id}`)}` : target;
    const authorization = isApi ? { authorization: `Bearer ${accessToken}` } : {};
    return await send(method, url, { ...options, headers: { ...authorization, ...options.headers } });
  };
}

/** A form as the token endpoint takes it. */
export async function postForm(url: string, form: Readonly<Record<string, string>>): Promise<RawAnswer> {
  const headers = { "content-type": "application/x-www-form-urlencoded" };
  return await send("POST", url, { body: new URLSearchParams(form).toString(), headers });
}

async function send(
  method: string,
  url: string,
  { headers = {}, body, isChunked = false }: RawOptions,
): Promise<RawAnswer> {
  const isJson = typeof body === "object" && !Buffer.isBuffer(body);
  const bytes = isJson ? Buffer.from(JSON.stringify(body)) : Buffer.from(body ?? "");
  const hasBody = body !== undefined || method === "PUT" || method === "POST" || method === "PATCH";
  const length = hasBody && !isChunked ? { "content-length": String(bytes.length) } : {};
  const type = isJson ? { "content-type": "application/json" } : {};
  return await new Promise((resolve, reject) => {
    const request = httpRequest(url, { method, headers: { ...length, ...type, ...headers }, agent: false });
    request.on("error", reject);
    request.on("response", (response) => {
      collect(response)
        .then((all) => {
          const text = all.toString();
          const flat = Object.entries(response.headers).map(([name, value]) => [name, String(value)] as const);
          resolve({ status: response.statusCode ?? 0, headers: Object.fromEntries(flat), text, json: parse(text) });
        })
        .catch(reject);
    });
    if (isChunked) request.write(bytes);
    request.end(isChunked ? undefined : bytes);
  });
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
