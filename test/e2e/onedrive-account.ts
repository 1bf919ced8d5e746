import * as z from "zod";
import { startEmulatorProcess } from "../emulators/onedrive/emulator-process.js";
import type { EmulatorProcess } from "../emulators/onedrive/emulator-process.js";
import { XorRow } from "../emulators/onedrive/xor-row.js";
import { CloudAccount, toSecond } from "./cloud-account.js";
import type { Environment, RequestCounts, Troubles } from "./cloud-account.js";
import type { Digest } from "./digest.js";

const fileSchema = z.object({ modified: z.string() });
const countsSchema = z.record(z.string(), z.number());
const issuedSchema = z.object({ refreshToken: z.string() });

/** What can happen to any one member of a batch, though the batch as a whole is answered with 200. */
const MEMBER_TROUBLES: Troubles = {
  "error 500 of a member": { route: "batch/*", kind: "error", status: 500, code: "generalException" },
  "throttled member": { route: "batch/*", kind: "throttle", retryAfter: 1 },
};

/** A drive for work, unless the options say otherwise: `["--kind", "personal"]`. */
export class OneDriveAccount extends CloudAccount {
  override readonly provider = "onedrive";
  protected override readonly throttling = { route: "*", kind: "throttle", retryAfter: 1 };
  protected override readonly deletedCommand = "remote.deleted";

  private constructor(private readonly emulator: EmulatorProcess) {
    super(emulator);
  }

  static async open(options: readonly string[] = []): Promise<OneDriveAccount> {
    return new OneDriveAccount(await startEmulatorProcess(options));
  }

  override get troubles(): Troubles {
    return { ...super.troubles, ...MEMBER_TROUBLES };
  }

  /** Members of batches are counted apart from requests. */
  override async occasions(): Promise<Readonly<Record<string, number>>> {
    const counts = Object.entries(countsSchema.parse(await this.control("requestCounts")));
    const members = counts.reduce((sum, [route, count]) => sum + (route.startsWith("batch/") ? count : 0), 0);
    const ofMembers = Object.keys(MEMBER_TROUBLES).map((name) => [name, members] as const);
    return { ...(await super.occasions()), ...Object.fromEntries(ofMembers) };
  }

  override async signIn(): Promise<Environment> {
    const { refreshToken } = issuedSchema.parse(await this.control("tokens.issue"));
    return { ...this.emulator.env, ONEDRIVE_REFRESH_TOKEN: refreshToken };
  }

  override createDigest(): Digest {
    const row = new XorRow();
    return { update: (chunk) => row.update(chunk), finish: () => row.quickXorHash() };
  }

  override async deletedHashes(): Promise<ReadonlySet<string>> {
    return new Set(await this.hashesFrom("remote.deletedHashes"));
  }

  override listingOf(): RequestCounts {
    return { delta: 1 };
  }

  override async modifiedAt(path: string): Promise<string> {
    return toSecond(fileSchema.parse(await this.control("remote.stat", path)).modified);
  }
}
