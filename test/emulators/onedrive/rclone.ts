import { execFile } from "node:child_process";
import { join } from "node:path";
import process from "node:process";
import { promisify } from "node:util";
import type { TlsProxy } from "../shared/tls-proxy.js";
import type { OneDriveEmulator } from "./emulator.js";
import { driveTypeOf } from "./kinds.js";

/** Runs rclone with the remote "od:", which exists in its environment only. Resolves to what it printed. */
export async function runRclone(
  args: readonly string[],
  { emulator, proxy, directory, isExpired = false }: RcloneRun,
): Promise<string> {
  const { accessToken, refreshToken } = emulator.tokens.issue();
  const expiry = new Date(isExpired ? 0 : Date.now() + 3_600_000).toISOString();
  const token = { access_token: accessToken, token_type: "Bearer", refresh_token: refreshToken, expiry };
  const env = {
    PATH: process.env["PATH"] ?? "",
    HOME: directory,
    HTTPS_PROXY: proxy.url,
    // Its polling of copies does not know of --ca-cert.
    SSL_CERT_FILE: proxy.caFile,
    RCLONE_CONFIG: join(directory, "rclone.conf"),
    RCLONE_CONFIG_OD_TYPE: "onedrive",
    RCLONE_CONFIG_OD_TOKEN: JSON.stringify(token),
    RCLONE_CONFIG_OD_CLIENT_ID: emulator.app.clientId,
    RCLONE_CONFIG_OD_CLIENT_SECRET: emulator.app.clientSecret,
    RCLONE_CONFIG_OD_DRIVE_ID: emulator.drive.id,
    RCLONE_CONFIG_OD_DRIVE_TYPE: driveTypeOf(emulator.drive.kind),
  };
  const all = [...args, "--ca-cert", proxy.caFile, "--retries", "1", "--low-level-retries", "3"];
  const { stdout } = await promisify(execFile)("rclone", all, { env, maxBuffer: 64 * 1024 * 1024 });
  return stdout;
}

export interface RcloneRun {
  readonly emulator: OneDriveEmulator;
  readonly proxy: TlsProxy;
  readonly directory: string;
  readonly isExpired?: boolean | undefined;
}
