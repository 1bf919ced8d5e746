import { Readable } from "node:stream";
import type { UploadContent } from "../../../providers/provider.js";

/** The content with these bytes in front of it. */
export function contentAfter(head: Buffer, content: UploadContent): UploadContent {
  const split = (start: number, end: number) => ({
    before: head.subarray(start, end),
    from: Math.max(0, start - head.length),
    to: Math.max(0, end - head.length),
  });
  async function* chunks(start: number, end: number): AsyncGenerator<Uint8Array> {
    const { before, from, to } = split(start, end);
    if (before.length > 0) yield before;
    if (to <= from) return;
    for await (const chunk of content.open(from, to)) if (chunk instanceof Uint8Array) yield chunk;
  }
  return {
    sizeBytes: head.length + content.sizeBytes,
    open: (start, end) => Readable.from(chunks(start, end), { objectMode: false }),
    read: async (start, end) => {
      const { before, from, to } = split(start, end);
      return to > from ? Buffer.concat([before, await content.read(from, to)]) : Buffer.from(before);
    },
  };
}
