import { mkdtemp, open, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Blob, blobInMemory, blobOnDisk } from "./content.js";
import type { Settings } from "./settings.js";
import { XorRow } from "./xor-row.js";

export interface SpoolResult {
  /** Undefined when the body was larger than the limit; the rest was read and thrown away. */
  readonly blob: Blob | undefined;
  readonly sizeBytes: number;
}

const WRITE_BYTES = 1024 * 1024;

/** Takes request bodies in as streams: small ones stay in memory, large ones go to a file, hashed on the way. */
export class Spool {
  #files = 0;

  private constructor(
    private readonly directory: string,
    private readonly settings: Settings,
  ) {}

  static async create(settings: Settings, parent = tmpdir()): Promise<Spool> {
    return new Spool(await mkdtemp(join(parent, "onedrive-emulator-")), settings);
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
    const row = new XorRow();
    let waiting = [...head];
    let waitingBytes = waiting.reduce((sum, chunk) => sum + chunk.length, 0);
    let sizeBytes = waitingBytes;
    const write = async (): Promise<void> => {
      if (sizeBytes <= limitBytes && waiting.length > 0) {
        for (const chunk of waiting) row.update(chunk);
        await handle.writev(waiting);
      }
      waiting = [];
      waitingBytes = 0;
    };
    try {
      for (let next = await rest.next(); next.done !== true; next = await rest.next()) {
        waiting.push(next.value);
        waitingBytes += next.value.length;
        sizeBytes += next.value.length;
        if (waitingBytes >= WRITE_BYTES) await write();
      }
      await write();
    } finally {
      await handle.close();
    }
    if (sizeBytes <= limitBytes) return { blob: blobOnDisk(file, row), sizeBytes };
    await rm(file, { force: true });
    return { blob: undefined, sizeBytes };
  }
}
