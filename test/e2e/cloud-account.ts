import { expect } from "vitest";
import * as z from "zod";
import type { Digest } from "./digest.js";
import type { Standing } from "./side.js";

const bytesSchema = z.object({ base64: z.string() }).transform(({ base64 }) => Buffer.from(base64, "base64"));
const requestSchema = z.object({
  route: z.string(),
  status: z.number(),
  bodyBytes: z.number(),
});
const hashesSchema = z.array(z.string());

export type SeenRequest = z.infer<typeof requestSchema>;
export type Environment = Readonly<Record<string, string>>;

/** Routes with how often each was asked for. */
export type RequestCounts = Readonly<Record<string, number>>;

/** A fault as the emulators take it. */
interface AnyFault {
  readonly route: string;
  readonly kind: string;
  readonly status?: number;
  readonly code?: string;
  readonly processed?: boolean;
  readonly retryAfter?: number;
}

/** What can happen to a request: by a name, and as the service's emulator is told of it. */
export type Troubles = Readonly<Record<string, AnyFault>>;

/** An emulator in a process of its own. */
export interface ServiceProcess {
  control(call: string, ...args: readonly unknown[]): Promise<unknown>;
  stop(): Promise<void>;
}

/** An emulated account, as another client and as the service's operator would see it. */
export abstract class CloudAccount {
  /** As the command line calls it. */
  abstract readonly provider: string;

  protected constructor(private readonly service: ServiceProcess) {}

  /** Addresses, app and a sign-in that nobody else uses, as one machine's env file holds them. */
  abstract signIn(): Promise<Environment>;

  /** The hash that the service lists for its files. */
  abstract createDigest(): Digest;

  /** Hashes of everything in the account that is no longer at its path but can be brought back. */
  abstract deletedHashes(): Promise<ReadonlySet<string>>;

  /** What a run asks for when nothing has changed. */
  abstract listingOf(standing: Standing): RequestCounts;

  /** When the file at the path was modified, in ISO form, as exactly as the service lists it. */
  abstract modifiedAt(path: string): Promise<string>;

  /** What can happen to any one request, or to what else `occasions` counts. */
  get troubles(): Troubles {
    return {
      "error 500": { route: "*", kind: "status", status: 500 },
      "error 500 after it was done": { route: "*", kind: "status", status: 500, processed: true },
      "cut off before it was done": { route: "*", kind: "cut-before" },
      "cut off after it was done": { route: "*", kind: "cut-after" },
      "answered by half": { route: "*", kind: "cut-half" },
      throttled: this.throttling,
    };
  }

  protected abstract readonly throttling: AnyFault;

  /** The emulator's command that answers with path and bytes of what was deleted. */
  protected abstract readonly deletedCommand: string;

  /** Names that only trisync gives to what is on its way. */
  isTemporary(path: string): boolean {
    return /\.trisync|\.part$/.test(path);
  }

  /** "dropbox:/Docs" for the folder "/Docs". */
  url(folder: string): string {
    return `${this.provider}:${folder}`;
  }

  control(call: string, ...args: readonly unknown[]): Promise<unknown> {
    return this.service.control(call, ...args);
  }

  async write(path: string, content: Buffer | string): Promise<void> {
    await this.control("remote.write", path, toBase64(content));
  }

  async writeMany(files: Readonly<Record<string, Buffer | string>>): Promise<void> {
    const travelling = Object.entries(files).map(([path, content]) => [path, toBase64(content)] as const);
    await this.control("remote.writeMany", Object.fromEntries(travelling));
  }

  /** A large file whose bytes are made from the seed. */
  async writeGenerated(path: string, sizeBytes: number, seed: number): Promise<void> {
    await this.control("remote.writeGenerated", path, sizeBytes, seed);
  }

  async mkdir(path: string): Promise<void> {
    await this.control("remote.mkdir", path);
  }

  async delete(path: string): Promise<void> {
    await this.control("remote.delete", path);
  }

  async move(from: string, to: string): Promise<void> {
    await this.control("remote.move", from, to);
  }

  async read(path: string): Promise<string> {
    return bytesSchema.parse(await this.control("remote.read", path)).toString();
  }

  /** Hashes of all files below the folder by relative path, null for folders. */
  async hashes(folder: string): Promise<Standing> {
    const all = z.record(z.string(), z.string().nullable()).parse(await this.control("remote.hashes"));
    return below(folder, Object.entries(all));
  }

  /** Texts of all files below the folder by relative path, null for folders. */
  async texts(folder: string): Promise<Readonly<Record<string, string | null>>> {
    const all = z.record(z.string(), bytesSchema.nullable()).parse(await this.control("remote.tree"));
    const texts = Object.entries(all).map(([path, bytes]) => [path, bytes?.toString() ?? null] as const);
    return Object.fromEntries(below(folder, texts));
  }

  /** What was replaced, deleted or moved away below the folder and can be brought back, with its text. */
  async deleted(folder: string): Promise<readonly { readonly path: string; readonly text: string }[]> {
    const shape = z.array(z.object({ path: z.string(), content: bytesSchema }));
    const all = shape.parse(await this.control(this.deletedCommand));
    return all
      .filter(({ path }) => path.toLowerCase().startsWith(`${folder.toLowerCase()}/`))
      .map(({ path, content }) => ({ path: path.slice(folder.length + 1), text: content.toString() }));
  }

  protected async hashesFrom(call: string): Promise<readonly string[]> {
    return hashesSchema.parse(await this.control(call));
  }

  async clearFaults(): Promise<void> {
    await this.control("clearFaults");
  }

  /** How often each of the troubles could have happened since the last `forgetRequests`. */
  async occasions(): Promise<Readonly<Record<string, number>>> {
    const { length } = await this.requests();
    return Object.fromEntries(Object.keys(this.troubles).map((name) => [name, length]));
  }

  /** Lets the trouble of this name happen at the occasion that comes as the `nth` from now. */
  async trouble(name: string, nth: number): Promise<void> {
    const fault = this.troubles[name];
    if (fault === undefined) throw new Error(`no trouble is called ${name}`);
    await this.control("fault", { ...fault, nth });
  }

  async pendingFaults(): Promise<number> {
    return z.array(z.unknown()).parse(await this.control("pendingFaults")).length;
  }

  /** Changes what the emulator calls so in its settings.ts. */
  async adjust(settings: Readonly<Record<string, unknown>>): Promise<void> {
    await this.control("settings", settings);
  }

  /** As they were when the account was opened. */
  async resetSettings(): Promise<void> {
    await this.control("resetSettings");
  }

  async expireTokens(): Promise<void> {
    await this.control("tokens.expireAll");
  }

  /** How many access tokens were given out since the last `forgetRequests`. */
  async tokensGiven(): Promise<number> {
    return z.object({ tokenAnswers: z.number() }).parse(await this.control("counters")).tokenAnswers;
  }

  /** Everything asked of the service since the last `forgetRequests`. */
  async requests(): Promise<readonly SeenRequest[]> {
    return z.array(requestSchema).parse(await this.control("requests"));
  }

  /** Shows in a failed comparison what the requests were. */
  async requestCounts(): Promise<RequestCounts> {
    const counts: Record<string, number> = {};
    for (const { route } of await this.requests()) counts[route] = (counts[route] ?? 0) + 1;
    return counts;
  }

  async forgetRequests(): Promise<void> {
    await this.assertNoMisuse();
    await this.control("resetCounters");
  }

  async assertNoMisuse(): Promise<void> {
    expect(await this.control("misuse"), "what the service forbids or advises against").toEqual([]);
  }

  async close(): Promise<void> {
    await this.service.stop();
  }
}

/** Cuts off what services do not list. */
export function toSecond(isoTime: string): string {
  return isoTime.replace(/\.\d+Z$/, ".000Z");
}

function toBase64(content: Buffer | string): { readonly base64: string } {
  return { base64: Buffer.from(content).toString("base64") };
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
