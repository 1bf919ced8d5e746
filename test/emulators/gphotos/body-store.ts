import { mkdtemp, open, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Bytes, bytesInFile, bytesInMemory } from "./bytes.js";
import type { Settings } from "./settings.js";

export interface ReceivedBody {
  readonly bytes: Bytes;
  /** False when the client went away, or was cut off, before the end. */
  readonly isWhole: boolean;
}

/** Takes request bodies in as streams: small ones stay in memory, large ones go to a file. */
export class BodyStore {
  #files = 0;

  private constructor(
    private readonly directory: string,
    private readonly settings: Settings,
  ) {}

  static async create(settings: Settings, parent = tmpdir()): Promise<BodyStore> {
    return new BodyStore(await mkdtemp(join(parent, "gphotos-emulator-")), settings);
  }

  /** Stops reading once `limitBytes` have come. */
  async take(body: AsyncIterable<Buffer>, limitBytes: number): Promise<ReceivedBody> {
    const source = new LimitedBody(body, limitBytes);
    const head: Buffer[] = [];
    let headBytes = 0;
    const chunks = source.chunks();
    for (let next = await chunks.next(); next.done !== true; next = await chunks.next()) {
      head.push(next.value);
      headBytes += next.value.length;
      if (headBytes > this.settings.inlineBytes) {
        const bytes = await this.#toDisk(head, chunks);
        return { bytes, isWhole: source.isWhole };
      }
    }
    return { bytes: bytesInMemory(Buffer.concat(head)), isWhole: source.isWhole };
  }

  async close(): Promise<void> {
    await rm(this.directory, { recursive: true, force: true });
  }

  async #toDisk(head: readonly Buffer[], rest: AsyncGenerator<Buffer>): Promise<Bytes> {
    this.#files += 1;
    const file = join(this.directory, String(this.#files));
    const handle = await open(file, "w");
    let sizeBytes = 0;
    const keep = async (chunk: Buffer): Promise<void> => {
      sizeBytes += chunk.length;
      await handle.write(chunk);
    };
    try {
      for (const chunk of head) await keep(chunk);
      for await (const chunk of rest) await keep(chunk);
    } finally {
      await handle.close();
    }
    return bytesInFile(file, sizeBytes);
  }
}

/** A body up to a number of bytes; its end is noted instead of thrown. */
class LimitedBody {
  isWhole = false;

  constructor(
    private readonly body: AsyncIterable<Buffer>,
    private readonly limitBytes: number,
  ) {}

  async *chunks(): AsyncGenerator<Buffer> {
    let left = this.limitBytes;
    try {
      for await (const chunk of this.body) {
        if (chunk.length > left) {
          yield chunk.subarray(0, left);
          return;
        }
        left -= chunk.length;
        yield chunk;
      }
      this.isWhole = true;
    } catch {
      // The client went away: what has come is all there is.
    }
  }
}
