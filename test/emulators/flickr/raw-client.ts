import { createHmac } from "node:crypto";
import OAuth from "oauth-1.0a";

/** Where the parameters of OAuth stand: in the query, in the form, in a multipart form, or in the header. */
export type Place = "query" | "form" | "multipart" | "header";

export interface RawRequest {
  readonly method?: "GET" | "POST" | undefined;
  readonly place?: Place | undefined;
  readonly token?: OAuth.Token;
  /** Signed with the key's secret alone, as the first leg of signing in is. */
  readonly isTokenless?: boolean | undefined;
  readonly file?: { readonly name: string; readonly content: Buffer; readonly type?: string } | undefined;
}

/** What has to be known of an emulator, in this process or in another one. */
export interface Service {
  readonly apiUrl: string;
  readonly uploadUrl: string;
  readonly app: OAuth.Consumer;
  readonly token: { readonly token: string; readonly secret: string };
}

/** A client of the plainest kind, for tests: signed by a library that knows nothing of the emulator. */
export class RawClient {
  readonly #oauth: OAuth;

  constructor(
    private readonly service: Service,
    private readonly token: OAuth.Token = { key: service.token.token, secret: service.token.secret },
  ) {
    const hash_function = (text: string, key: string): string => createHmac("sha1", key).update(text).digest("base64");
    const consumer = { key: service.app.key, secret: service.app.secret };
    this.#oauth = new OAuth({ consumer, signature_method: "HMAC-SHA1", hash_function });
  }

  /** A method of the API, in JSON; anything that writes goes by POST. */
  async call(method: string, args: Readonly<Record<string, string | number>> = {}, options: RawRequest = {}) {
    const verb = options.method ?? (/^test\.|\.(get|find|search|check|recently)/.test(method) ? "GET" : "POST");
    const texts = Object.fromEntries(Object.entries(args).map(([name, value]) => [name, String(value)]));
    const data = { ...texts, method: `flickr.${method}`, format: "json", nojsoncallback: "1" };
    const place = options.place ?? (verb === "GET" ? "query" : "form");
    const response = await this.send(`${this.service.apiUrl}/services/rest/`, data, {
      ...options,
      method: verb,
      place,
    });
    return await bodyOf(response);
  }

  /** The answer's text, which is XML. */
  async upload(
    content: Buffer,
    data: Readonly<Record<string, string>> = {},
    options: RawRequest = {},
  ): Promise<string> {
    const file = options.file ?? { name: "photo.jpg", content };
    const url = `${this.service.uploadUrl}/services/upload/`;
    const response = await this.send(url, data, { place: "multipart", ...options, method: "POST", file });
    return await response.text();
  }

  /** Uploads and gives the new photo's id. */
  async uploaded(content: Buffer, data: Readonly<Record<string, string>> = {}, options: RawRequest = {}) {
    const text = await this.upload(content, data, options);
    const id = /<photoid[^>]*>(\d+)<\/photoid>/.exec(text)?.[1];
    if (id === undefined) throw new Error(text);
    return id;
  }

  async replace(photoId: string, content: Buffer, data: Readonly<Record<string, string>> = {}): Promise<string> {
    const url = `${this.service.uploadUrl}/services/replace/`;
    const file = { name: "photo.jpg", content };
    const fields = { ...data, photo_id: photoId };
    return await (await this.send(url, fields, { place: "multipart", method: "POST", file })).text();
  }

  /** The header of a POST with these fields, for those who send it themselves. */
  authorization(url: string, data: Readonly<Record<string, string>>): string {
    return this.#oauth.toHeader(this.#oauth.authorize({ url, method: "POST", data }, this.token)).Authorization;
  }

  /** Any request, signed. */
  async send(url: string, data: Readonly<Record<string, string>>, options: RawRequest = {}): Promise<Response> {
    const { method = "GET", place = "query", token = this.token, isTokenless = false, file } = options;
    const authorization = this.#oauth.authorize({ url, method, data }, isTokenless ? undefined : token);
    if (place === "header") {
      const { Authorization } = this.#oauth.toHeader(authorization);
      return await transmit(url, {
        method,
        place: file === undefined ? "form" : "multipart",
        data,
        file,
        Authorization,
      });
    }
    const oauth = Object.entries<unknown>({ ...authorization }).map(([name, value]): [string, string] => [
      name,
      String(value),
    ]);
    return await transmit(url, { method, place, data: { ...data, ...Object.fromEntries(oauth) }, file });
  }
}

interface Transmission {
  readonly method: "GET" | "POST";
  readonly place: Place;
  readonly data: Readonly<Record<string, string>>;
  readonly file?: RawRequest["file"];
  readonly Authorization?: string;
}

async function transmit(url: string, { method, place, data, file, Authorization }: Transmission): Promise<Response> {
  const headers = Authorization === undefined ? {} : { Authorization };
  const query = new URLSearchParams(data);
  if (method === "GET" || place === "query") {
    return await fetch(`${url}?${query.toString()}`, { method, headers, redirect: "manual" });
  }
  if (place !== "multipart") return await fetch(url, { method, headers, body: query });
  const form = new FormData();
  for (const [name, value] of Object.entries(data)) form.set(name, value);
  if (file !== undefined) form.set("photo", new File([file.content], file.name, { type: file.type ?? "image/jpeg" }));
  return await fetch(url, { method, headers, body: form });
}

async function bodyOf(response: Response): Promise<unknown> {
  const text = await response.text();
  if (!(response.headers.get("content-type") ?? "").startsWith("application/json")) {
    return { httpStatus: response.status, text };
  }
  const parsed: unknown = JSON.parse(text);
  return parsed;
}
