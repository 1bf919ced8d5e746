import { mkdtemp, open, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Content, contentInMemory, contentOnDisk, Hasher } from "./content.js";
import type { Settings } from "./settings.js";

export interface SpoolResult {
  /** Undefined when the body was larger than `limitBytes`; the rest was read and thrown away. */
  readonly content: Content | undefined;
  readonly sizeBytes: number;
  /** Whether the client went away before the end. What came until then is in `content`. */
  readonly isCut: boolean;
}

/** Takes request bodies in as streams: small ones stay in memory, large ones go to a file, hashed on the way. */
export class Spool {
  #files = 0;

  private constructor(
    private readonly directory: string,
    private readonly settings: Settings,
  ) {}

  static async create(settings: Settings, parent = tmpdir()): Promise<Spool> {
    return new Spool(await mkdtemp(join(parent, "yandex-emulator-")), settings);
  }

  async take(body: AsyncIterable<Buffer>, limitBytes: number): Promise<SpoolResult> {
    const head: Buffer[] = [];
    let headBytes = 0;
    const chunks = untilCut(body);
    for (let next = await chunks.next(); ; next = await chunks.next()) {
      if (next.done === true) {
        return { content: contentInMemory(Buffer.concat(head)), sizeBytes: headBytes, isCut: next.value };
      }
      head.push(next.value);
      headBytes += next.value.length;
      if (headBytes > this.settings.inlineBytes || headBytes > limitBytes) break;
    }
    return await this.#toDisk(head, chunks, limitBytes);
  }

  async close(): Promise<void> {
    await rm(this.directory, { recursive: true, force: true });
  }

  async #toDisk(
    head: readonly Buffer[],
    rest: AsyncGenerator<Buffer, boolean>,
    limitBytes: number,
  ): Promise<SpoolResult> {
    this.#files += 1;
    const file = join(this.directory, String(this.#files));
    const handle = await open(file, "w");
    const hasher = new Hasher();
    let sizeBytes = 0;
    const keep = async (chunk: Buffer): Promise<void> => {
      sizeBytes += chunk.length;
      if (sizeBytes > limitBytes) return;
      hasher.update(chunk);
      await handle.write(chunk);
    };
    const takeRest = async (): Promise<boolean> => {
      for (const chunk of head) await keep(chunk);
      let next = await rest.next();
      for (; next.done !== true; next = await rest.next()) await keep(next.value);
      return next.value;
    };
    const isCut = await takeRest().finally(() => handle.close());
    if (sizeBytes <= limitBytes) return { content: contentOnDisk(file, hasher.finish()), sizeBytes, isCut };
    await rm(file, { force: true });
    return { content: undefined, sizeBytes, isCut };
  }
}

/** Returns whether the body ended early, instead of throwing. */
async function* untilCut(body: AsyncIterable<Buffer>): AsyncGenerator<Buffer, boolean> {
  try {
    for await (const chunk of body) yield chunk;
    return false;
  } catch {
    return true;
  }
}
