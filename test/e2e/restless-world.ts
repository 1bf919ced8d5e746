import { createHash } from "node:crypto";
import type { Random } from "../simulation/random.js";
import type { Side, Standing } from "./side.js";

/**
 * Makes up what people do to the two sides between runs: new, changed, renamed and deleted files and folders. Every
 * content is made up once, so that it can be told afterwards whether it was lost.
 */
export class RestlessWorld {
  #contents = 0;

  constructor(
    private readonly random: Random,
    /** Content sizes to draw from, in bytes. */
    private readonly sizes: readonly number[],
  ) {}

  /** A first tree, to be put on either side. */
  async plant(side: Side, files: number): Promise<void> {
    for (let i = 0; i < files; i++) await side.write(`${this.#folder()}/first-${String(i)}.txt`, this.content());
    await side.makeFolder("empty/inside");
  }

  /** Edits of one side, each made on what the ones before it left. */
  async edit(side: Side, edits: number): Promise<void> {
    const place = new EditedSide(side, await side.read());
    for (let i = 0; i < edits; i++) await this.#editOnce(place);
  }

  /** A file that both sides have, changed on both to different bytes. */
  async disagree(one: Side, other: Side): Promise<void> {
    const elsewhere = await other.read();
    const shared = new EditedSide(one, await one.read())
      .files()
      .filter((path) => typeof elsewhere.get(path) === "string");
    if (shared.length === 0) return;
    const path = this.random.pick(shared);
    await one.write(path, this.content());
    await other.write(path, this.content());
  }

  content(): Buffer {
    this.#contents += 1;
    const text = `content ${String(this.#contents)}\n`;
    const outputLength = this.random.pick(this.sizes);
    // Bytes that repeat would look alike to weak hashes.
    const rest = outputLength === 0 ? "" : createHash("shake256", { outputLength }).update(text).digest();
    return Buffer.concat([Buffer.from(text), Buffer.from(rest)]);
  }

  async #editOnce(place: EditedSide): Promise<void> {
    const files = place.files();
    const name = `${this.#folder()}/${this.random.pick(["a", "b", "c", "new", "note"])}-${String(this.random.below(40))}.${this.random.pick(["txt", "txt", "zip"])}`;
    const what = files.length < 20 ? 0 : this.random.below(100);
    if (what < 30) return await place.write(name, this.content());
    if (what < 55) return await place.write(this.random.pick(files), this.content());
    if (what < 70) return await place.delete(this.random.pick(files));
    if (what < 85) return await place.move(this.random.pick(files), name);
    const folder = this.random.pick(place.folders());
    if (what < 93) return await place.move(folder, `${folder}-${String(this.random.below(9))}`);
    if (what < 96 && place.below(folder).length <= 5) return await place.delete(folder);
    await place.makeFolder(`${this.#folder()}/empty-${String(this.random.below(20))}`);
  }

  #folder(): string {
    return this.random.pick(["docs", "docs/old", "photos", "photos/2024", "photos/2024/june", "work"]);
  }
}

/** A side with the paths that stand there, kept up to date without looking again. What cannot be done is left out. */
class EditedSide {
  readonly #isFolder = new Map<string, boolean>();

  constructor(
    private readonly side: Side,
    standing: Standing,
  ) {
    for (const [path, hash] of standing) this.#isFolder.set(path, hash === null);
  }

  files(): readonly string[] {
    return [...this.#isFolder].filter(([, isFolder]) => !isFolder).map(([path]) => path);
  }

  folders(): readonly string[] {
    return [...this.#isFolder].filter(([, isFolder]) => isFolder).map(([path]) => path);
  }

  below(folder: string): readonly string[] {
    return [...this.#isFolder.keys()].filter((path) => path.startsWith(`${folder}/`));
  }

  async write(path: string, content: Buffer): Promise<void> {
    await this.side.write(path, content);
    this.#add(path, false);
  }

  async makeFolder(path: string): Promise<void> {
    if (this.#isFolder.has(path)) return;
    await this.side.makeFolder(path);
    this.#add(path, true);
  }

  async delete(path: string): Promise<void> {
    await this.side.delete(path);
    for (const gone of [path, ...this.below(path)]) this.#isFolder.delete(gone);
  }

  async move(from: string, to: string): Promise<void> {
    if (this.#isFolder.has(to) || to.startsWith(`${from}/`)) return;
    await this.side.move(from, to);
    for (const old of [from, ...this.below(from)]) {
      this.#add(to + old.slice(from.length), this.#isFolder.get(old) === true);
      this.#isFolder.delete(old);
    }
  }

  #add(path: string, isFolder: boolean): void {
    const parts = path.split("/");
    for (let i = 1; i < parts.length; i++) this.#isFolder.set(parts.slice(0, i).join("/"), true);
    this.#isFolder.set(path, isFolder);
  }
}
