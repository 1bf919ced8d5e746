import { mkdtemp, open, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Blob, blobInMemory, blobOnDisk } from "./content.js";
import { ContentHasher } from "./content-hasher.js";
import type { Settings } from "./settings.js";

export interface SpoolResult {
  /** Undefined when the body was larger than `limitBytes`; the rest was read and thrown away. */
  readonly blob: Blob | undefined;
  readonly sizeBytes: number;
}

/** Takes request bodies in as streams: small ones stay in memory, large ones go to a file, hashed on the way. */
export class Spool {
  #files = 0;

  private constructor(
    private readonly directory: string,
    private readonly settings: Settings,
  ) {}

  static async create(settings: Settings, parent = tmpdir()): Promise<Spool> {
    return new Spool(await mkdtemp(join(parent, "dropbox-emulator-")), settings);
  }

  async take(body: AsyncIterable<Buffer>, limitBytes: number): Promise<SpoolResult> {
    const head: Buffer[] = [];
    let headBytes = 0;
    const chunks = body[Symbol.asyncIterator]();
    for (let next = await chunks.next(); ; next = await chunks.next()) {
      if (next.done === true) return { blob: blobInMemory(Buffer.concat(head)), sizeBytes: headBytes };
      head.push(next.value);
      headBytes += next.value.length;
      if (headBytes > this.settings.inlineBytes || headBytes > limitBytes) break;
    }
    return await this.#toDisk(head, chunks, limitBytes);
  }

  async close(): Promise<void> {
    await rm(this.directory, { recursive: true, force: true });
  }

  async #toDisk(head: readonly Buffer[], rest: AsyncIterator<Buffer>, limitBytes: number): Promise<SpoolResult> {
    this.#files += 1;
    const file = join(this.directory, String(this.#files));
    const handle = await open(file, "w");
    const hasher = new ContentHasher();
    let sizeBytes = 0;
    const keep = async (chunk: Buffer): Promise<void> => {
      sizeBytes += chunk.length;
      if (sizeBytes > limitBytes) return;
      hasher.update(chunk);
      await handle.write(chunk);
    };
    try {
      for (const chunk of head) await keep(chunk);
      for (let next = await rest.next(); next.done !== true; next = await rest.next()) await keep(next.value);
    } finally {
      await handle.close();
    }
    if (sizeBytes > limitBytes) {
      await rm(file, { force: true });
      return { blob: undefined, sizeBytes };
    }
    return { blob: blobOnDisk(file, hasher.finish()), sizeBytes };
  }
}
