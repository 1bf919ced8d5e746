export interface PartHead {
  readonly name: string;
  readonly filename: string | undefined;
  readonly contentType: string | undefined;
}

/** Where the content of one part goes. */
export interface PartSink {
  write(chunk: Buffer): Promise<void> | void;
  end(): Promise<void> | void;
}

/** The boundary that a Content-Type names; undefined when it is not multipart/form-data. */
export function boundaryOf(contentType: string): string | undefined {
  if (!/^multipart\/form-data\s*;/i.test(contentType)) return undefined;
  const parts = /;\s*boundary=(?:"([^"]+)"|([^\s;]+))/i.exec(contentType);
  return parts?.[1] ?? parts?.[2];
}

/**
 * Reads a form part by part while it comes in; only what may belong to the next delimiter is held back.
 * Resolves to false when the form is broken or ends without its closing delimiter.
 */
export async function readMultipart(
  source: AsyncIterable<Buffer>,
  boundary: string,
  open: (head: PartHead) => PartSink,
): Promise<boolean> {
  const reader = new FormReader(boundary, open);
  for await (const chunk of source) await reader.take(chunk);
  return reader.isComplete;
}

type State = "preamble" | "after-delimiter" | "head" | "content" | "closed" | "broken";

const HEAD_BYTES = 16 * 1024;

class FormReader {
  readonly #delimiter: Buffer;
  #state: State = "preamble";
  // As if a line had ended before the form: the first delimiter then looks like all others.
  #held = Buffer.from("\r\n");
  #sink: PartSink | undefined;

  constructor(
    boundary: string,
    private readonly open: (head: PartHead) => PartSink,
  ) {
    this.#delimiter = Buffer.from(`\r\n--${boundary}`);
  }

  get isComplete(): boolean {
    return this.#state === "closed";
  }

  async take(chunk: Buffer): Promise<void> {
    this.#held = Buffer.concat([this.#held, chunk]);
    while (await this.#step()) {
      // Each step consumes something of what is held.
    }
  }

  /** False when more bytes are needed. */
  async #step(): Promise<boolean> {
    switch (this.#state) {
      case "preamble":
      case "content":
        return await this.#untilDelimiter();
      case "after-delimiter":
        return this.#afterDelimiter();
      case "head":
        return this.#readHead();
      case "closed":
      case "broken":
        this.#held = Buffer.alloc(0);
        return false;
    }
  }

  async #untilDelimiter(): Promise<boolean> {
    const at = this.#held.indexOf(this.#delimiter);
    const end = at < 0 ? Math.max(0, this.#held.length - this.#delimiter.length + 1) : at;
    if (end > 0) await this.#sink?.write(this.#held.subarray(0, end));
    this.#held = this.#held.subarray(at < 0 ? end : at + this.#delimiter.length);
    if (at < 0) return false;
    await this.#sink?.end();
    this.#sink = undefined;
    this.#state = "after-delimiter";
    return true;
  }

  #afterDelimiter(): boolean {
    if (this.#held.length < 2) return false;
    const next = this.#held.toString("latin1", 0, 2);
    this.#held = this.#held.subarray(2);
    if (next === "--") this.#state = "closed";
    else this.#state = next === "\r\n" ? "head" : "broken";
    return true;
  }

  #readHead(): boolean {
    const end = this.#held.indexOf("\r\n\r\n");
    if (end < 0) {
      if (this.#held.length > HEAD_BYTES) this.#state = "broken";
      return this.#state === "broken";
    }
    const head = parseHead(this.#held.toString("utf8", 0, end));
    this.#held = this.#held.subarray(end + 4);
    if (head === undefined) {
      this.#state = "broken";
      return true;
    }
    this.#sink = this.open(head);
    this.#state = "content";
    return true;
  }
}

function parseHead(text: string): PartHead | undefined {
  const headers = new Map(
    text.split("\r\n").map((line) => {
      const colon = line.indexOf(":");
      return [line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim()];
    }),
  );
  const disposition = headers.get("content-disposition") ?? "";
  const name = parameterOf(disposition, "name");
  if (name === undefined || !/^form-data\s*;/i.test(disposition)) return undefined;
  return { name, filename: parameterOf(disposition, "filename"), contentType: headers.get("content-type") };
}

function parameterOf(disposition: string, name: string): string | undefined {
  const parts = new RegExp(`;\\s*${name}=(?:"([^"]*)"|([^\\s;]+))`, "i").exec(disposition);
  const raw = parts?.[1] ?? parts?.[2];
  return raw?.replace(/%(22|0D|0A)/gi, (escape) => decodeURIComponent(escape));
}
