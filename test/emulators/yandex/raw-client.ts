import * as z from "zod";
import type { YandexEmulator } from "./emulator.js";

export interface RawAnswer {
  readonly status: number;
  readonly headers: Headers;
  /** The body as JSON, or as text where it is none. */
  readonly body: unknown;
}

const Link = z.looseObject({ href: z.string(), operation_id: z.string().optional() });
const Failure = z.looseObject({ error: z.string() });

/** Requests as the fact sheet writes them, without any client's ideas in between. */
export class RawClient {
  token: string;

  constructor(private readonly emulator: YandexEmulator) {
    this.token = emulator.tokens.issue().accessToken;
  }

  async send(route: string, query: Readonly<Record<string, string>> = {}, init: RequestInit = {}): Promise<RawAnswer> {
    const [method = "", place = ""] = route.split(" ");
    const search = Object.entries(query)
      .map(([name, value]) => `${name}=${encodeURIComponent(value)}`)
      .join("&");
    const url = `${this.emulator.apiUrl}/v1/disk${place === "disk" ? "" : `/${place}`}?${search}`;
    const headers = new Headers(init.headers);
    headers.set("Authorization", `OAuth ${this.token}`);
    headers.set("Accept", "application/json");
    return await read(await fetch(url, { ...init, method, headers }));
  }

  /** The `error` of an answer that has to have this status. */
  async failure(route: string, query: Readonly<Record<string, string>> = {}): Promise<string> {
    const { status, body } = await this.send(route, query);
    return `${String(status)} ${Failure.parse(body).error}`;
  }

  async link(route: string, query: Readonly<Record<string, string>>): Promise<z.output<typeof Link>> {
    const { status, body } = await this.send(route, query);
    if (status > 299) throw new Error(`${route}: ${String(status)} ${JSON.stringify(body)}`);
    return Link.parse(body);
  }

  async upload(path: string, content: string | Buffer, query: Readonly<Record<string, string>> = {}): Promise<number> {
    const { href } = await this.link("GET resources/upload", { path, ...query });
    return (await put(href, content)).status;
  }
}

export async function put(
  href: string,
  content: string | Buffer,
  headers: Readonly<Record<string, string>> = {},
): Promise<RawAnswer> {
  return await read(await fetch(href, { method: "PUT", body: new Uint8Array(Buffer.from(content)), headers }));
}

export async function get(href: string, headers: Readonly<Record<string, string>> = {}): Promise<RawAnswer> {
  return await read(await fetch(href, { headers, redirect: "manual" }));
}

export async function postForm(url: string, form: Readonly<Record<string, string>>): Promise<RawAnswer> {
  return await read(await fetch(url, { method: "POST", body: new URLSearchParams(form) }));
}

async function read(response: Response): Promise<RawAnswer> {
  const text = await response.text();
  const isJson = response.headers.get("content-type")?.startsWith("application/json") === true;
  const body: unknown = isJson ? JSON.parse(text) : text;
  return { status: response.status, headers: response.headers, body };
}
