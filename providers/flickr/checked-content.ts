import { pipeline, Transform, type Readable } from "node:stream";
import { createHasher } from "../../lib/hash/hasher.js";
import { ProviderError } from "../../lib/model/errors.js";
import type { ContentHash } from "../../lib/model/hash.js";
import { HEAD_BYTES, mayBe, type Kind } from "./media.js";

/** What is known of content before it comes. */
export interface Expected extends Kind {
  readonly path: string;
  /** Called once, with what came of it. The error that is returned becomes that of the content. */
  readonly came: (seen: Seen) => ProviderError | undefined;
}

export interface Seen {
  readonly sizeBytes: number;
  /** Undefined where the reader went away, or the connection ended, before the end. */
  readonly hash: ContentHash | undefined;
}

/**
 * Content as it comes, from its first byte on. Fails with "unavailable", before any of it is handed on, where it is nothing of the kind:
 * a web page, or a picture that says that there is none, in place of the original.
 */
export function checkContent(body: Readable, expected: Expected): Readable {
  const { path, came } = expected;
  const hasher = createHasher("md5");
  let head: Buffer | undefined = Buffer.alloc(0);
  let sizeBytes = 0;
  let isTold = false;

  /** Hands the start on once enough of it is here to tell what it is. */
  function begin(start: Buffer): Buffer {
    if (!mayBe(start, expected)) throw notOriginal(path);
    head = undefined;
    return start;
  }

  function tell(hash: ContentHash | undefined): ProviderError | undefined {
    if (isTold || head !== undefined) return undefined;
    isTold = true;
    return came({ sizeBytes, hash });
  }

  const checked = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      sizeBytes += chunk.length;
      hasher.update(chunk);
      if (head !== undefined) head = Buffer.concat([head, chunk]);
      answer(done, () => {
        if (head === undefined) return chunk;
        return head.length < HEAD_BYTES ? undefined : begin(head);
      });
    },
    flush(done) {
      answer(done, () => {
        const start = head === undefined ? undefined : begin(head);
        const error = tell(hasher.digest());
        if (error !== undefined) throw error;
        return start;
      });
    },
  });
  checked.once("close", () => tell(undefined));
  // The reader sees every failure as an error of what it reads.
  return pipeline(body, checked, () => undefined);
}

type Done = (error: Error | null, chunk?: Buffer) => void;

/** What is thrown becomes the error of the stream. */
function answer(done: Done, work: () => Buffer | undefined): void {
  let chunk: Buffer | undefined;
  try {
    chunk = work();
  } catch (error) {
    done(error instanceof Error ? error : new Error(String(error)));
    return;
  }
  done(null, chunk);
}

function notOriginal(path: string): ProviderError {
  return new ProviderError(
    "unavailable",
    `download ${path}: what came is not the picture or video, but something in its place; run again later`,
  );
}
