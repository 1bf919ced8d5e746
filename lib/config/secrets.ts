import { chmod, mkdir, open, readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import * as z from "zod";
import type { SecretStore } from "../../providers/context.js";
import { UsageError } from "../model/errors.js";
import { hasCode } from "./has-code.js";
import { acquireSecretLock } from "./secret-lock.js";

export interface SecretStoreOptions {
  /** The state directory; secrets live in a folder of their own below it. */
  readonly dir: string;
  readonly provider: string;
  /** How long to wait for another process that is changing the same secrets. Default 60 s. */
  readonly lockTimeoutMs?: number;
}

/**
 * What `login` stored for one provider: a JSON file for this user alone (0600 in a folder 0700), replaced whole, and changed
 * by one process at a time. Reading needs no permission to write. Rejects with `UsageError` when the file is damaged or
 * cannot be read or stored, and with `LockedError` when another process does not let go of it.
 */
export function createSecretStore(options: SecretStoreOptions): SecretStore {
  const folder = join(options.dir, "secrets");
  const file: SecretFile = { folder, path: join(folder, `${options.provider}.json`), provider: options.provider };
  return {
    read: () => readSecrets(file),
    async update(change) {
      await storing(file, () => makeFolder(folder));
      const lockPath = join(folder, `${options.provider}.lock`);
      const release = await storing(file, () => acquireSecretLock(lockPath, options.lockTimeoutMs ?? 60_000));
      try {
        const stored = await readSecrets(file);
        const next = await change(stored);
        if (next !== stored) await storing(file, () => writeSecrets(file, next));
        return next ?? {};
      } finally {
        release();
      }
    },
  };
}

interface SecretFile {
  readonly folder: string;
  readonly path: string;
  readonly provider: string;
}

const SECRETS = z.record(z.string(), z.string());

async function readSecrets(file: SecretFile): Promise<Readonly<Record<string, string>>> {
  const text = await readText(file);
  if (text === undefined) return {};
  const secrets = parseSecrets(text);
  if (secrets !== undefined) return secrets;
  // Neither the text nor what is wrong with it is shown: it holds tokens.
  throw new UsageError(
    `the stored sign-in ${file.path} is damaged: delete this file, then run \`trisync login ${file.provider}\``,
  );
}

async function readText(file: SecretFile): Promise<string | undefined> {
  try {
    return await readFile(file.path, "utf8");
  } catch (error) {
    if (hasCode(error, "ENOENT", "ENOTDIR")) return undefined;
    throw new UsageError(`cannot read the stored sign-in ${file.path}: ${systemWords(error)}`, { cause: error });
  }
}

function parseSecrets(text: string): Readonly<Record<string, string>> | undefined {
  try {
    return SECRETS.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

async function makeFolder(folder: string): Promise<void> {
  const created = await mkdir(folder, { recursive: true, mode: 0o700 });
  // A folder that was there already may have been made, or copied, with wider permissions.
  if (created === undefined) await chmod(folder, 0o700);
}

/** Old or new, never half; on the disk before it resolves. `undefined` removes the file. */
async function writeSecrets(file: SecretFile, secrets: Readonly<Record<string, string>> | undefined): Promise<void> {
  await removeLeftovers(file);
  if (secrets === undefined) {
    await rm(file.path, { force: true });
  } else {
    const { default: writeFileAtomic } = await import("write-file-atomic");
    await writeFileAtomic(file.path, `${JSON.stringify(secrets, undefined, 2)}\n`, { mode: 0o600, fsync: true });
  }
  await syncFolder(file.folder);
}

/** A process that was killed while writing has left a temporary file with tokens in it. */
async function removeLeftovers(file: SecretFile): Promise<void> {
  const prefix = `${file.provider}.json.`;
  for (const name of await readdir(file.folder)) {
    if (name.startsWith(prefix)) await rm(join(file.folder, name), { force: true });
  }
}

/** Makes the new name survive a power cut. Where folders cannot be opened or synchronised, the system does it in its own time. */
async function syncFolder(folder: string): Promise<void> {
  try {
    const handle = await open(folder, "r");
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (!hasCode(error, "EISDIR", "EPERM", "EACCES", "EINVAL", "ENOTSUP")) throw error;
  }
}

/** Puts an error of the disk into words; errors for people pass. */
async function storing<T>(file: SecretFile, act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    if (!isDiskError(error)) throw error;
    const message = `cannot store the sign-in in ${file.folder}: ${systemWords(error)}; make it writable, or give another directory with --state`;
    throw new UsageError(message, { cause: error });
  }
}

function isDiskError(error: unknown): boolean {
  return error instanceof Error && ("syscall" in error || "errcode" in error);
}

/** "permission denied" of "EACCES: permission denied, open '/x'". */
function systemWords(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.replace(/^[A-Z]+: /, "").replace(/, \w+ '.*$/, "");
}
