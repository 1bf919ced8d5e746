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

  /** Edits that one side sees. Each is drawn anew from what stands there by then. */
  async edit(side: Side, edits: number): Promise<void> {
    for (let i = 0; i < edits; i++) await this.#editOnce(side);
  }

  /** A file that both sides have, changed on both to different bytes. */
  async disagree(one: Side, other: Side): Promise<void> {
    const elsewhere = await other.read();
    const shared = filesOf(await one.read()).filter((path) => typeof elsewhere.get(path) === "string");
    if (shared.length === 0) return;
    const path = this.random.pick(shared);
    await one.write(path, this.content());
    await other.write(path, this.content());
  }

  content(): Buffer {
    this.#contents += 1;
    const size = this.random.pick(this.sizes);
    const text = `content ${String(this.#contents)} `;
    return Buffer.from(text.repeat(Math.ceil((size + 1) / text.length)));
  }

  async #editOnce(side: Side): Promise<void> {
    const standing = await side.read();
    const files = filesOf(standing);
    const folders = [...standing].filter(([, hash]) => hash === null).map(([path]) => path);
    const name = `${this.#folder()}/${this.random.pick(["a", "b", "c", "new", "note"])}-${String(this.random.below(40))}.txt`;
    const what = files.length < 20 ? 0 : this.random.below(100);
    if (what < 30) return await this.#writeNew(side, standing, name);
    if (what < 55) return await side.write(this.random.pick(files), this.content());
    if (what < 70) return await side.delete(this.random.pick(files));
    if (what < 85) return await this.#move(side, standing, this.random.pick(files), name);
    const folder = this.random.pick(folders);
    if (what < 93) return await this.#move(side, standing, folder, `${folder}-${String(this.random.below(9))}`);
    if (what < 96 && below(standing, folder) <= 5) return await side.delete(folder);
    const empty = `${this.#folder()}/empty-${String(this.random.below(20))}`;
    if (!standing.has(empty)) await side.makeFolder(empty);
  }

  async #writeNew(side: Side, standing: Standing, name: string): Promise<void> {
    if (standing.get(name) !== null) await side.write(name, this.content());
  }

  async #move(side: Side, standing: Standing, from: string, to: string): Promise<void> {
    const isTaken = standing.has(to) || [...standing.keys()].some((path) => to.startsWith(`${path}/`) && standing.get(path) !== null);
    if (!isTaken && !to.startsWith(`${from}/`)) await side.move(from, to);
  }

  #folder(): string {
    return this.random.pick(["docs", "docs/old", "photos", "photos/2024", "photos/2024/june", "work"]);
  }
}

function filesOf(standing: Standing): readonly string[] {
  return [...standing].filter(([, hash]) => hash !== null).map(([path]) => path);
}

function below(standing: Standing, folder: string): number {
  return [...standing.keys()].filter((path) => path.startsWith(`${folder}/`)).length;
}
