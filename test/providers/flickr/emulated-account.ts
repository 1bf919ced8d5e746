import { afterEach, beforeEach, expect } from "vitest";
import * as z from "zod";
import { startEmulatorProcess, type EmulatorProcess } from "../../emulators/flickr/emulator-process.js";
import type { Fault } from "../../emulators/flickr/faults.js";
import type { Settings } from "../../emulators/flickr/settings.js";

const photoSchema = z.object({
  id: z.string(),
  title: z.string(),
  sha256: z.string(),
  sets: z.array(z.string()),
});

export type AccountPhoto = z.infer<typeof photoSchema>;

/** An emulated account in a process of its own, as its owner and the service's operator see it. */
export class EmulatedAccount {
  constructor(private readonly emulator: EmulatorProcess) {}

  get env(): Readonly<Record<string, string>> {
    return this.emulator.env;
  }

  async photos(): Promise<readonly AccountPhoto[]> {
    return z.array(photoSchema).parse(await this.emulator.control("remote.photos"));
  }

  async photoAt(album: string, title: string): Promise<AccountPhoto> {
    const found = (await this.photos()).find((photo) => photo.title === title && photo.sets.includes(album));
    if (found === undefined) throw new Error(`no photo ${title} in ${album}`);
    return found;
  }

  /** "album/title sha256" of every photo in every album that holds it, sorted. What is there twice stands there twice. */
  async content(): Promise<readonly string[]> {
    const lines = (await this.photos()).flatMap(({ title, sha256, sets }) =>
      (sets.length === 0 ? ["Not in an album"] : sets).map((set) => `${set}/${title} ${sha256}`),
    );
    return lines.sort();
  }

  /** Titles of the albums, sorted. */
  async albums(): Promise<readonly string[]> {
    const sets = z.array(z.object({ title: z.string() })).parse(await this.emulator.control("remote.sets"));
    return sets.map(({ title }) => title).sort();
  }

  /** What the owner uploads on the site. */
  async add(album: string, title: string, content: Buffer): Promise<void> {
    const photo = { title, content: { base64: content.toString("base64") }, sets: [album] };
    await this.emulator.control("remote.addPhoto", photo);
  }

  /** As on the site: the original is written anew, and the tags stay. */
  async turn(id: string): Promise<void> {
    await this.emulator.control("remote.rotatePhoto", id);
  }

  async renameAlbum(title: string, to: string): Promise<void> {
    const sets = z
      .array(z.object({ id: z.string(), title: z.string() }))
      .parse(await this.emulator.control("remote.sets"));
    await this.emulator.control("remote.renameSet", sets.find((set) => set.title === title)?.id, to);
  }

  async fault(fault: Fault): Promise<void> {
    await this.emulator.control("fault", fault);
  }

  async clearFaults(): Promise<void> {
    await this.emulator.control("clearFaults");
  }

  async pendingFaults(): Promise<readonly unknown[]> {
    return z.array(z.unknown()).parse(await this.emulator.control("pendingFaults"));
  }

  /** The next so many listings show what is there now. */
  async freezeListings(requests: number): Promise<void> {
    await this.emulator.control("freezeListings", requests);
  }

  async set(settings: Partial<Settings>): Promise<void> {
    await this.emulator.control("settings", settings);
  }

  async countOf(route: string): Promise<number> {
    return z.number().parse(await this.emulator.control("requestCount", route));
  }

  /** Calls by name since this was last asked. */
  async takeCounts(): Promise<Readonly<Record<string, number>>> {
    const counts = z.record(z.string(), z.number()).parse(await this.emulator.control("requestCounts"));
    await this.assertNoMisuse();
    await this.emulator.control("resetCounters");
    return counts;
  }

  async assertNoMisuse(): Promise<void> {
    expect(await this.emulator.control("misuse"), "what the service forbids or advises against").toEqual([]);
  }
}

/** An account for each test of a file; one whose client misused the service fails the test. */
export function useEmulatedAccount(options: readonly string[] = []): () => EmulatedAccount {
  let emulator: EmulatorProcess | undefined;
  let account: EmulatedAccount | undefined;
  beforeEach(async () => {
    emulator = await startEmulatorProcess(options);
    account = new EmulatedAccount(emulator);
  });
  afterEach(async () => {
    try {
      await account?.assertNoMisuse();
    } finally {
      await emulator?.stop();
    }
  });
  return () => {
    if (account === undefined) throw new Error("the account is opened before each test");
    return account;
  };
}
