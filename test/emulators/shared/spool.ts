import { type FileHandle, mkdtemp, open, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Bytes, bytesInFile, bytesInMemory } from "./bytes.js";

/** Writing each chunk by itself would take longer than the requests that are measured. */
const WRITE_BYTES = 1024 * 1024;

/** Keeps contents: small ones in memory, large ones in files that go when the spool is closed. */
export class Spool {
  #files = 0;

  private constructor(
    private readonly directory: string,
    private readonly limits: { readonly inlineBytes: number },
  ) {}

  /** The files stand in a new folder of `parent`. */
  static async create(limits: { readonly inlineBytes: number }, parent = tmpdir()): Promise<Spool> {
    return new Spool(await mkdtemp(join(parent, "emulator-")), limits);
  }

  receive(): Receiver {
    this.#files += 1;
    return new Receiver(join(this.directory, String(this.#files)), this.limits.inlineBytes);
  }

  async close(): Promise<void> {
    await rm(this.directory, { recursive: true, force: true });
  }
}

/** Takes one content in, chunk by chunk. */
export class Receiver {
  #waiting: Buffer[] = [];
  #waitingBytes = 0;
  #sizeBytes = 0;
  #handle: FileHandle | undefined;

  constructor(
    private readonly file: string,
    private readonly inlineBytes: number,
  ) {}

  async write(chunk: Buffer): Promise<void> {
    this.#waiting.push(chunk);
    this.#waitingBytes += chunk.length;
    this.#sizeBytes += chunk.length;
    if (this.#sizeBytes <= this.inlineBytes) return;
    this.#handle ??= await open(this.file, "w");
    if (this.#waitingBytes >= WRITE_BYTES) await this.#flush(this.#handle);
  }

  async end(): Promise<Bytes> {
    if (this.#handle === undefined) return bytesInMemory(Buffer.concat(this.#waiting));
    await this.#flush(this.#handle);
    await this.#handle.close();
    return bytesInFile(this.file, this.#sizeBytes);
  }

  /** For a content that is too large, or whose end never came. */
  async abandon(): Promise<void> {
    await this.#handle?.close();
    await rm(this.file, { force: true });
  }

  async #flush(handle: FileHandle): Promise<void> {
    if (this.#waiting.length > 0) await handle.writev(this.#waiting);
    this.#waiting = [];
    this.#waitingBytes = 0;
  }
}
