import * as z from "zod";
import { startYandexProcess } from "../emulators/yandex/emulator-process.js";
import type { YandexProcess } from "../emulators/yandex/emulator-process.js";
import { CloudAccount, toSecond } from "./cloud-account.js";
import type { Environment, RequestCounts } from "./cloud-account.js";
import { createSha256 } from "./digest.js";
import type { Digest } from "./digest.js";
import type { Standing } from "./side.js";

const fileSchema = z.object({
  sha256: z.string(),
  modified: z.string(),
  properties: z.object({ trisync_modified: z.string().optional() }).nullish(),
});
const issuedSchema = z.object({ refreshToken: z.string() });

/** The most entries that Yandex lists at once. */
const PAGE_ENTRIES = 1000;

export class YandexAccount extends CloudAccount {
  override readonly provider = "yandex";
  protected override readonly throttling = { route: "*", kind: "rate-limit", retryAfter: 1 };
  protected override readonly deletedCommand = "remote.trash";
  /** What people have overwritten: Yandex keeps no older versions of what other programs replace. */
  readonly #overwritten = new Set<string>();

  private constructor(private readonly emulator: YandexProcess) {
    super(emulator);
  }

  static async open(options: readonly string[] = []): Promise<YandexAccount> {
    return new YandexAccount(await startYandexProcess(options));
  }

  override async signIn(): Promise<Environment> {
    const { refreshToken } = issuedSchema.parse(await this.control("tokens.issue"));
    return { ...this.emulator.env, YANDEX_REFRESH_TOKEN: refreshToken };
  }

  override createDigest(): Digest {
    return createSha256();
  }

  override async write(path: string, content: Buffer | string): Promise<void> {
    const found = await this.#stat(path);
    if (found !== undefined) this.#overwritten.add(found.sha256);
    await super.write(path, content);
  }

  override async deletedHashes(): Promise<ReadonlySet<string>> {
    return new Set([...(await this.hashesFrom("remote.trashHashes")), ...this.#overwritten]);
  }

  override listingOf(standing: Standing): RequestCounts {
    const children = new Map([["", 0]]);
    for (const [path, hash] of standing) {
      const folder = path.slice(0, Math.max(0, path.lastIndexOf("/")));
      children.set(folder, (children.get(folder) ?? 0) + 1);
      if (hash === null) children.set(path, children.get(path) ?? 0);
    }
    const pages = [...children.values()].map((count) => Math.max(1, Math.ceil(count / PAGE_ENTRIES)));
    return { "GET resources": pages.reduce((sum, count) => sum + count, 0) };
  }

  override async modifiedAt(path: string): Promise<string> {
    const found = await this.#stat(path);
    if (found === undefined) throw new Error(`no file at ${path}`);
    return toSecond(found.properties?.trisync_modified ?? found.modified);
  }

  async #stat(path: string): Promise<z.infer<typeof fileSchema> | undefined> {
    return fileSchema.nullable().parse(await this.control("remote.stat", path)) ?? undefined;
  }
}
