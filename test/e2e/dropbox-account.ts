import { afterAll, afterEach, beforeAll, expect } from "vitest";
import * as z from "zod";
import { startEmulatorProcess } from "../emulators/dropbox/emulator-process.js";
import type { EmulatorProcess } from "../emulators/dropbox/emulator-process.js";
import type { Fault } from "../emulators/dropbox/faults.js";
import { defaultSettings } from "../emulators/dropbox/settings.js";
import type { Settings } from "../emulators/dropbox/settings.js";

const bytesSchema = z.object({ base64: z.string() }).transform(({ base64 }) => Buffer.from(base64, "base64"));
const revisionSchema = z.object({
  path: z.string(),
  rev: z.string(),
  sizeBytes: z.number(),
  contentHash: z.string(),
  clientModified: z.string(),
});
const requestSchema = z.object({
  route: z.string(),
  status: z.number(),
  bodyBytes: z.number(),
});

export type RemoteRevision = z.infer<typeof revisionSchema>;
export type SeenRequest = z.infer<typeof requestSchema>;

/** An emulated Dropbox account in a process of its own, as another client and as the service's operator would see it. */
export class DropboxAccount {
  #refreshToken: string;

  private constructor(readonly emulator: EmulatorProcess) {
    this.#refreshToken = emulator.refreshToken;
  }

  static async open(options: readonly string[] = []): Promise<DropboxAccount> {
    return new DropboxAccount(await startEmulatorProcess(options));
  }

  /** Addresses, app and refresh token, as a user's env file holds them. */
  get env(): Readonly<Record<string, string>> {
    return { ...this.emulator.env, DROPBOX_REFRESH_TOKEN: this.#refreshToken };
  }

  async write(path: string, content: Buffer | string): Promise<void> {
    await this.emulator.control("remote.write", path, { base64: Buffer.from(content).toString("base64") });
  }

  async writeMany(files: Readonly<Record<string, string>>): Promise<void> {
    await this.emulator.control("remote.writeMany", files);
  }

  /** A large file whose bytes are made from the seed. */
  async writeGenerated(path: string, sizeBytes: number, seed: number): Promise<RemoteRevision> {
    return revisionSchema.parse(await this.emulator.control("remote.writeGenerated", path, sizeBytes, seed));
  }

  async mkdir(path: string): Promise<void> {
    await this.emulator.control("remote.mkdir", path);
  }

  async delete(path: string): Promise<void> {
    await this.emulator.control("remote.delete", path);
  }

  async move(from: string, to: string): Promise<void> {
    await this.emulator.control("remote.move", from, to);
  }

  async read(path: string): Promise<string> {
    return bytesSchema.parse(await this.emulator.control("remote.read", path)).toString();
  }

  /** What stands at the path now. */
  async stat(path: string): Promise<RemoteRevision> {
    return revisionSchema.parse(await this.emulator.control("remote.stat", path));
  }

  /** Content hashes of all files below the folder by relative path, null for folders. */
  async hashes(folder: string): Promise<ReadonlyMap<string, string | null>> {
    const all = z.record(z.string(), z.string().nullable()).parse(await this.emulator.control("remote.hashes"));
    return below(folder, Object.entries(all));
  }

  /** Texts of all files below the folder by relative path, null for folders. */
  async texts(folder: string): Promise<Readonly<Record<string, string | null>>> {
    const all = z.record(z.string(), bytesSchema.nullable()).parse(await this.emulator.control("remote.tree"));
    const texts = Object.entries(all).map(([path, bytes]) => [path, bytes?.toString() ?? null] as const);
    return Object.fromEntries(below(folder, texts));
  }

  /** What was replaced, deleted or moved away below the folder, with its text. */
  async deleted(folder: string): Promise<readonly { readonly path: string; readonly text: string }[]> {
    const shape = z.array(z.object({ path: z.string(), content: bytesSchema }));
    const all = shape.parse(await this.emulator.control("remote.deleted"));
    return all
      .filter(({ path }) => path.toLowerCase().startsWith(`${folder.toLowerCase()}/`))
      .map(({ path, content }) => ({ path: path.slice(folder.length + 1), text: content.toString() }));
  }

  /** Content hashes of everything in the account that is no longer at its path but can be brought back. */
  async deletedHashes(): Promise<ReadonlySet<string>> {
    return new Set(z.array(z.string()).parse(await this.emulator.control("remote.deletedHashes")));
  }

  async fault(fault: Fault): Promise<void> {
    await this.emulator.control("fault", fault);
  }

  async clearFaults(): Promise<void> {
    await this.emulator.control("clearFaults");
  }

  async pendingFaults(): Promise<number> {
    return z.array(z.unknown()).parse(await this.emulator.control("pendingFaults")).length;
  }

  async set(settings: Partial<Settings>): Promise<void> {
    await this.emulator.control("settings", settings);
  }

  async resetCursors(): Promise<void> {
    await this.emulator.control("resetCursors");
  }

  async revokeTokens(): Promise<void> {
    await this.emulator.control("tokens.revokeAll");
  }

  async expireTokens(): Promise<void> {
    await this.emulator.control("tokens.expireAll");
  }

  /** A new refresh token, which `env` holds from now on. */
  async allowAgain(): Promise<void> {
    const answer = z.object({ refreshToken: z.string() }).parse(await this.emulator.control("tokens.issue"));
    this.#refreshToken = answer.refreshToken;
  }

  /** Everything asked of the service since the last `forgetRequests`. */
  async requests(): Promise<readonly SeenRequest[]> {
    return z.array(requestSchema).parse(await this.emulator.control("requests"));
  }

  /** Routes with how often each was asked for: shows in a failed comparison what the requests were. */
  async requestCounts(): Promise<Readonly<Record<string, number>>> {
    const counts: Record<string, number> = {};
    for (const { route } of await this.requests()) counts[route] = (counts[route] ?? 0) + 1;
    return counts;
  }

  async forgetRequests(): Promise<void> {
    await this.assertNoMisuse();
    await this.emulator.control("resetCounters");
  }

  async assertNoMisuse(): Promise<void> {
    expect(await this.emulator.control("misuse"), "what the service forbids or advises against").toEqual([]);
  }

  async close(): Promise<void> {
    await this.emulator.stop();
  }
}

/** One account for the tests of a file. After each test it has seen no misuse, and behaves well again. */
export function useDropbox(options: readonly string[] = []): () => DropboxAccount {
  let account: DropboxAccount | undefined;
  const current = (): DropboxAccount => {
    if (account === undefined) throw new Error("the account is opened before the first test");
    return account;
  };
  beforeAll(async () => {
    account = await DropboxAccount.open(options);
  });
  afterEach(async () => {
    await current().clearFaults();
    await current().set(defaultSettings());
    await current().forgetRequests();
  });
  afterAll(async () => {
    await account?.close();
  });
  return current;
}

function below<T>(folder: string, entries: readonly (readonly [string, T])[]): ReadonlyMap<string, T> {
  const inside = `${folder.toLowerCase()}/`;
  return new Map(
    entries
      .filter(([path]) => path.toLowerCase().startsWith(inside))
      .map(([path, value]) => [path.slice(inside.length), value] as const)
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );
}
