import * as z from "zod";
import type { GooglePhotosEmulator } from "./emulator.js";

/** An answer as it came, with its JSON if it has any. */
export interface Reply {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly json: unknown;
}

export interface NewItem {
  readonly token: string;
  readonly name?: string | undefined;
  readonly description?: string | undefined;
}

const Result = z.object({
  uploadToken: z.string(),
  status: z.object({ code: z.number().optional(), message: z.string() }),
  mediaItem: z.looseObject({ id: z.string(), filename: z.string() }).optional(),
});
export type Result = z.output<typeof Result>;

const Results = z.object({ newMediaItemResults: z.array(Result) });
const Page = z.object({
  mediaItems: z.array(z.looseObject({ id: z.string(), filename: z.string(), baseUrl: z.string() })).default([]),
  nextPageToken: z.string().optional(),
});
const Failure = z.object({
  error: z.object({ code: z.number(), message: z.string(), status: z.string() }),
});
const Album = z.object({ id: z.string() });

/** Plain requests with fetch: what a test sends is what stands in it. */
export class Caller {
  constructor(
    private readonly emulator: GooglePhotosEmulator,
    readonly accessToken = emulator.tokens.issue().accessToken,
  ) {}

  get(path: string): Promise<Reply> {
    return this.send(`${this.emulator.apiUrl}/v1/${path}`, { headers: this.#headers() });
  }

  post(path: string, body: unknown, method: "POST" | "PATCH" = "POST"): Promise<Reply> {
    const headers = this.#headers({ "Content-Type": "application/json" });
    return this.send(`${this.emulator.apiUrl}/v1/${path}`, { method, headers, body: JSON.stringify(body) });
  }

  patch(path: string, body: unknown): Promise<Reply> {
    return this.post(path, body, "PATCH");
  }

  /** An upload in one request; the reply's text is the token. */
  raw(content: Buffer | string, headers: Readonly<Record<string, string>> = {}): Promise<Reply> {
    return this.send(`${this.emulator.apiUrl}/v1/uploads`, {
      method: "POST",
      headers: this.#headers({
        "Content-Type": "application/octet-stream",
        "X-Goog-Upload-Protocol": "raw",
        "X-Goog-Upload-Content-Type": "image/jpeg",
        ...headers,
      }),
      body: Buffer.from(content),
    });
  }

  async token(content: Buffer | string): Promise<string> {
    return (await this.raw(content)).text;
  }

  /** The first step of a resumable upload. */
  start(sizeBytes: number, headers: Readonly<Record<string, string>> = {}): Promise<Reply> {
    return this.command(`${this.emulator.apiUrl}/v1/uploads`, "start", {
      "X-Goog-Upload-Content-Type": "video/mp4",
      "X-Goog-Upload-Protocol": "resumable",
      "X-Goog-Upload-Raw-Size": String(sizeBytes),
      ...headers,
    });
  }

  command(url: string, command: string, headers: Readonly<Record<string, string>> = {}): Promise<Reply> {
    return this.send(url, { method: "POST", headers: this.#headers({ "X-Goog-Upload-Command": command, ...headers }) });
  }

  chunk(url: string, content: Buffer, { offset, isLast }: { offset: number; isLast: boolean }): Promise<Reply> {
    return this.send(url, {
      method: "POST",
      headers: this.#headers({
        "X-Goog-Upload-Command": isLast ? "upload, finalize" : "upload",
        "X-Goog-Upload-Offset": String(offset),
      }),
      body: content,
    });
  }

  batchCreate(items: readonly NewItem[], rest: Readonly<Record<string, unknown>> = {}): Promise<Reply> {
    const newMediaItems = items.map(({ token, name = "a.jpg", description }) => ({
      ...(description === undefined ? {} : { description }),
      simpleMediaItem: { uploadToken: token, fileName: name },
    }));
    return this.post("mediaItems:batchCreate", { newMediaItems, ...rest });
  }

  async results(items: readonly NewItem[], rest: Readonly<Record<string, unknown>> = {}): Promise<readonly Result[]> {
    const { json } = await this.batchCreate(items, rest);
    return Results.parse(json).newMediaItemResults;
  }

  /** Uploads and creates one item; its id. */
  async add(content: Buffer, name = "a.jpg", rest: Readonly<Record<string, unknown>> = {}): Promise<string> {
    const [result] = await this.results([{ token: await this.token(content), name }], rest);
    if (result?.mediaItem === undefined) throw new Error(`no item: ${JSON.stringify(result)}`);
    return result.mediaItem.id;
  }

  async album(title: string): Promise<string> {
    return Album.parse((await this.post("albums", { album: { title } })).json).id;
  }

  /** All pages of a listing or a search. */
  async allPages(
    page: (pageToken: string) => Promise<Reply>,
  ): Promise<{ readonly names: readonly string[]; readonly pages: number; readonly sizes: readonly number[] }> {
    const names: string[] = [];
    const sizes: number[] = [];
    for (let token: string | undefined = ""; token !== undefined;) {
      const { mediaItems, nextPageToken } = Page.parse((await page(token)).json);
      names.push(...mediaItems.map(({ filename }) => filename));
      sizes.push(mediaItems.length);
      token = nextPageToken;
    }
    return { names, pages: sizes.length, sizes };
  }

  /** The address of an item's bytes, fresh. */
  async baseUrl(id: string): Promise<string> {
    return z.object({ baseUrl: z.string() }).parse((await this.get(`mediaItems/${id}`)).json).baseUrl;
  }

  async send(url: string, init: RequestInit = {}): Promise<Reply> {
    const response = await fetch(url, { redirect: "manual", ...init });
    const text = await response.text();
    const isJson = response.headers.get("content-type")?.startsWith("application/json") === true;
    const json: unknown = isJson ? JSON.parse(text) : undefined;
    return { status: response.status, headers: response.headers, text, json };
  }

  #headers(headers: Readonly<Record<string, string>> = {}): Record<string, string> {
    return { Authorization: `Bearer ${this.accessToken}`, ...headers };
  }
}

/** "404 NOT_FOUND: Requested entity was not found." */
export function failureOf({ status, json, text }: Reply): string {
  const failure = Failure.safeParse(json);
  if (!failure.success) return `${String(status)} ${text}`;
  return `${String(status)} ${failure.data.error.status}: ${failure.data.error.message}`;
}
