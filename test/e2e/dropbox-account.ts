import * as z from "zod";
import { ContentHasher } from "../emulators/dropbox/content-hasher.js";
import { startEmulatorProcess } from "../emulators/dropbox/emulator-process.js";
import type { EmulatorProcess } from "../emulators/dropbox/emulator-process.js";
import type { Fault } from "../emulators/dropbox/faults.js";
import type { Settings } from "../emulators/dropbox/settings.js";
import { CloudAccount } from "./cloud-account.js";
import type { Environment, RequestCounts } from "./cloud-account.js";
import type { Digest } from "./digest.js";
import { useAccount } from "./use-account.js";

const revisionSchema = z.object({ clientModified: z.string() });

export class DropboxAccount extends CloudAccount {
  override readonly provider = "dropbox";
  protected override readonly throttling = { route: "*", kind: "rate-limit", retryAfter: 1 };
  protected override readonly deletedCommand = "remote.deleted";
  #refreshToken: string;

  private constructor(readonly emulator: EmulatorProcess) {
    super(emulator);
    this.#refreshToken = emulator.refreshToken;
  }

  static async open(options: readonly string[] = []): Promise<DropboxAccount> {
    return new DropboxAccount(await startEmulatorProcess(options));
  }

  /** Addresses, app and refresh token, as a user's env file holds them. */
  get env(): Environment {
    return { ...this.emulator.env, DROPBOX_REFRESH_TOKEN: this.#refreshToken };
  }

  /** Always the same: refresh tokens of Dropbox stay good. */
  override async signIn(): Promise<Environment> {
    return this.env;
  }

  override createDigest(): Digest {
    const hasher = new ContentHasher();
    return { update: (chunk) => hasher.update(chunk), finish: () => hasher.finish().hash };
  }

  override async deletedHashes(): Promise<ReadonlySet<string>> {
    return new Set(await this.hashesFrom("remote.deletedHashes"));
  }

  override listingOf(): RequestCounts {
    return { "files/list_folder/continue": 1 };
  }

  override async modifiedAt(path: string): Promise<string> {
    return revisionSchema.parse(await this.control("remote.stat", path)).clientModified;
  }

  async fault(fault: Fault): Promise<void> {
    await this.control("fault", fault);
  }

  async set(settings: Partial<Settings>): Promise<void> {
    await this.adjust(settings);
  }

  async resetCursors(): Promise<void> {
    await this.control("resetCursors");
  }

  async revokeTokens(): Promise<void> {
    await this.control("tokens.revokeAll");
  }

  /** A new refresh token, which `env` holds from now on. */
  async allowAgain(): Promise<void> {
    const answer = z.object({ refreshToken: z.string() }).parse(await this.control("tokens.issue"));
    this.#refreshToken = answer.refreshToken;
  }
}

export function useDropbox(options: readonly string[] = []): () => DropboxAccount {
  return useAccount(() => DropboxAccount.open(options));
}
