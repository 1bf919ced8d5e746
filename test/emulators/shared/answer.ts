import { type Bytes, sliceOf } from "./bytes.js";

/** A complete HTTP answer, before a fault spoils it. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** A text, also a compressed one, or a content that is sent as a stream. */
  readonly body: string | Buffer | Bytes;
}

/** The answer to a download: whole, a range, or 416. */
export function bytesAnswer(
  bytes: Bytes,
  headers: Readonly<Record<string, string>>,
  range: string | undefined,
): Answer {
  const size = bytes.sizeBytes;
  const part = parseRange(range, size);
  if (part === undefined) return { status: 200, headers, body: bytes };
  const [start, end] = part;
  if (start >= end) return { status: 416, headers: { "Content-Range": `bytes */${String(size)}` }, body: "" };
  const shown = `bytes ${String(start)}-${String(end - 1)}/${String(size)}`;
  return { status: 206, headers: { ...headers, "Content-Range": shown }, body: sliceOf(bytes, start, end) };
}

/** From the first byte up to and without the second; undefined for what is no range, which services pass over. */
function parseRange(header: string | undefined, size: number): readonly [number, number] | undefined {
  const parts = /^bytes=([0-9]*)-([0-9]*)$/.exec(header ?? "");
  if (parts === null) return undefined;
  const [, first = "", last = ""] = parts;
  if (first === "" && last === "") return undefined;
  if (first === "") return [Math.max(0, size - Number(last)), size];
  return [Number(first), last === "" ? size : Math.min(Number(last) + 1, size)];
}
