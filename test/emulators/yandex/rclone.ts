import { execFile, execFileSync } from "node:child_process";
import { join } from "node:path";
import process from "node:process";
import { promisify } from "node:util";
import type { TlsProxy } from "../shared/tls-proxy.js";

export const hasRclone = isInstalled();

export interface RcloneToken {
  readonly accessToken: string;
  readonly refreshToken: string;
  readonly expiry: Date;
  readonly tokenUrl: string;
  readonly app: { readonly id: string; readonly secret: string };
}

/** Runs rclone with the remote "ya:", which exists in its environment only. Resolves to what it printed. */
export async function runRclone(
  args: readonly string[],
  { proxy, token, directory }: { readonly proxy: TlsProxy; readonly token: RcloneToken; readonly directory: string },
): Promise<string> {
  const stored = {
    access_token: token.accessToken,
    token_type: "OAuth",
    refresh_token: token.refreshToken,
    expiry: token.expiry.toISOString(),
  };
  const env = {
    PATH: process.env["PATH"] ?? "",
    HOME: directory,
    HTTPS_PROXY: proxy.url,
    RCLONE_CONFIG: join(directory, "rclone.conf"),
    RCLONE_CONFIG_YA_TYPE: "yandex",
    RCLONE_CONFIG_YA_TOKEN: JSON.stringify(stored),
    RCLONE_CONFIG_YA_CLIENT_ID: token.app.id,
    RCLONE_CONFIG_YA_CLIENT_SECRET: token.app.secret,
    RCLONE_CONFIG_YA_TOKEN_URL: token.tokenUrl,
  };
  const all = [...args, "--ca-cert", proxy.caFile, "--retries", "1"];
  const { stdout } = await promisify(execFile)("rclone", all, { env, maxBuffer: 64 * 1024 * 1024 });
  return stdout;
}

function isInstalled(): boolean {
  try {
    execFileSync("rclone", ["version"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}
