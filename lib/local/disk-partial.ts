import type { UploadContent } from "../../providers/provider.js";
import { createHasher } from "../hash/hasher.js";
import type { Hasher } from "../hash/hasher.js";
import type { Algorithms, ContentHash } from "../model/hash.js";
import { BlockWriter } from "./block-writer.js";
import { explainErrors, hasCode } from "./errors.js";
import type { FileHandle, FileSystem } from "./file-system.js";
import type { FolderContext } from "./folder-context.js";
import { readRange } from "./read-range.js";
import type { PartialFile } from "./types.js";

/** A partial file in `.trisync/tmp`, with what `commit` needs to know of it. */
export class DiskPartial implements PartialFile {
  #open: { readonly handle: FileHandle; readonly writer: BlockWriter } | undefined;
  #hasher: Hasher;
  #sizeBytes: number;

  constructor(
    private readonly owner: {
      readonly context: FolderContext;
      readonly name: string;
      readonly absolute: string;
      readonly algorithms: Algorithms;
      /** Of the whole content. */
      readonly expectedBytes: number | undefined;
    },
    start: { readonly handle: FileHandle; readonly hasher: Hasher; readonly sizeBytes: number },
  ) {
    this.#hasher = start.hasher;
    this.#sizeBytes = start.sizeBytes;
    this.#begin(start.handle);
  }

  get absolute(): string {
    return this.owner.absolute;
  }

  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  async write(chunk: Uint8Array): Promise<void> {
    await this.#explained(async () => {
      if (this.#open === undefined) throw new Error("this partial file is closed already");
      await this.#open.writer.write(chunk);
      this.#hasher.update(chunk);
      this.#sizeBytes += chunk.length;
    });
  }

  /** A new file rather than a shortened one: the old one's bytes may have a second name after a crash. */
  async restart(): Promise<void> {
    const { context, absolute, algorithms } = this.owner;
    await this.#explained(async () => {
      await this.close();
      await removeFile(context.files, absolute);
      const handle = await context.files.open(absolute, "create");
      this.#hasher = createHasher(...algorithms);
      this.#sizeBytes = 0;
      this.#begin(handle);
    });
  }

  hash(): ContentHash {
    return this.#hasher.digest();
  }

  async holds(content: Pick<UploadContent, "sizeBytes" | "read">): Promise<boolean> {
    const { context, absolute } = this.owner;
    if (content.sizeBytes !== this.#sizeBytes) return false;
    const handle = await this.#explained(async () => {
      await this.#open?.writer.flush();
      return await context.files.open(absolute, "read");
    });
    try {
      let at = 0;
      for await (const mine of readRange(handle, { start: 0, end: this.#sizeBytes, path: absolute }, "reuse")) {
        if (!mine.equals(await content.read(at, at + mine.length))) return false;
        at += mine.length;
      }
      return true;
    } finally {
      await handle.close();
    }
  }

  async keep(): Promise<void> {
    await this.#explained(async () => {
      try {
        await this.#open?.writer.flush();
      } finally {
        await this.close();
      }
    });
  }

  async discard(): Promise<void> {
    const { context, absolute, name } = this.owner;
    await this.#explained(async () => {
      await this.close();
      await removeFile(context.files, absolute);
    });
    context.partials.delete(name);
  }

  /** Lets `finish` put on times and permissions, makes all of it durable and closes the file. */
  async seal(finish: (handle: FileHandle) => Promise<void>): Promise<void> {
    const { context, absolute } = this.owner;
    const { handle, writer } = this.#open ?? this.#begin(await context.files.open(absolute, "read-write"));
    await writer.flush();
    await finish(handle);
    await handle.sync();
    await this.close();
  }

  /** The file has its place in the tree now, and its temporary name is free again. */
  forget(): void {
    this.owner.context.partials.delete(this.owner.name);
  }

  /** What is not in the file yet is lost. */
  async close(): Promise<void> {
    const open = this.#open;
    this.#open = undefined;
    await open?.handle.close();
  }

  #begin(handle: FileHandle) {
    const writer = new BlockWriter(handle, this.#sizeBytes, this.owner.expectedBytes);
    this.#open = { handle, writer };
    return this.#open;
  }

  #explained<T>(work: () => Promise<T>): Promise<T> {
    return explainErrors("write the temporary file", this.owner.absolute, work);
  }
}

/** A file that is gone already is fine. */
export async function removeFile(files: FileSystem, absolute: string): Promise<void> {
  try {
    await files.unlink(absolute);
  } catch (error) {
    if (!hasCode(error, "ENOENT")) throw error;
  }
}
