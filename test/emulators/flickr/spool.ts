import { createHash } from "node:crypto";
import { type FileHandle, mkdtemp, open, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Bytes, bytesInFile, bytesInMemory } from "../gphotos/bytes.js";

/** A content that has come in whole. */
export interface Content {
  readonly bytes: Bytes;
  /** Lower-case hexadecimal. */
  readonly sha256: string;
}

/** Keeps contents: small ones in memory, large ones in files that go when the spool is closed. */
export class Spool {
  #files = 0;

  private constructor(
    private readonly directory: string,
    private readonly limits: { readonly inlineBytes: number },
  ) {}

  static async create(limits: { readonly inlineBytes: number }, parent = tmpdir()): Promise<Spool> {
    return new Spool(await mkdtemp(join(parent, "flickr-emulator-")), limits);
  }

  receive(): Receiver {
    this.#files += 1;
    return new Receiver(join(this.directory, String(this.#files)), this.limits.inlineBytes);
  }

  async close(): Promise<void> {
    await rm(this.directory, { recursive: true, force: true });
  }
}

export function contentInMemory(buffer: Buffer): Content {
  return { bytes: bytesInMemory(buffer), sha256: createHash("sha256").update(buffer).digest("hex") };
}

/** Takes one content in, chunk by chunk. */
export class Receiver {
  readonly #hash = createHash("sha256");
  #head: Buffer[] = [];
  #sizeBytes = 0;
  #handle: FileHandle | undefined;

  constructor(
    private readonly file: string,
    private readonly inlineBytes: number,
  ) {}

  async write(chunk: Buffer): Promise<void> {
    this.#hash.update(chunk);
    this.#sizeBytes += chunk.length;
    if (this.#handle === undefined) {
      // A copy, because a chunk may be a view of a far larger buffer.
      this.#head.push(Buffer.from(chunk));
      if (this.#sizeBytes <= this.inlineBytes) return;
      this.#handle = await open(this.file, "w");
      for (const early of this.#head) await this.#handle.write(early);
      this.#head = [];
      return;
    }
    await this.#handle.write(chunk);
  }

  async end(): Promise<Content> {
    const sha256 = this.#hash.digest("hex");
    if (this.#handle === undefined) return { bytes: bytesInMemory(Buffer.concat(this.#head)), sha256 };
    await this.#handle.close();
    return { bytes: bytesInFile(this.file, this.#sizeBytes), sha256 };
  }

  /** For a content whose end never came. */
  async abandon(): Promise<void> {
    await this.#handle?.close();
    await rm(this.file, { force: true });
  }
}
