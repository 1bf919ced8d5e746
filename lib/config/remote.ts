import { PROVIDERS } from "../../providers/index.js";
import type { ProviderLine } from "../../providers/index.js";
import type { ProviderModule } from "../../providers/context.js";
import { UsageError } from "../model/errors.js";
import { closest } from "./closest.js";
import type { RemoteAddress } from "./options.js";

/**
 * Takes REMOTE apart and lets the provider check its part. `resolve` makes a directory on this machine absolute.
 * Throws `UsageError`.
 */
export async function parseRemote(text: string, resolve: (path: string) => string): Promise<RemoteAddress> {
  const match = /^([A-Za-z][A-Za-z0-9-]*):(.*)$/s.exec(text);
  if (match === null) {
    throw new UsageError(
      `must be PROVIDER:PATH, such as dropbox:/Documents or folder:/mnt/disk, not ${JSON.stringify(text)}`,
    );
  }
  const [, provider = "", given = ""] = match;
  const line = findProvider(provider);
  const parseTarget = await line.loadTargetParser();
  const target = parseTarget(line.isOnThisMachine && given !== "" ? resolve(given) : given);
  return { provider, target, text: `${provider}:${target}` };
}

/** Throws `UsageError` for a name that is not in the registry. */
export async function loadProvider(name: string): Promise<ProviderModule> {
  return findProvider(name).load();
}

function findProvider(name: string): ProviderLine {
  const line = Object.hasOwn(PROVIDERS, name) ? PROVIDERS[name] : undefined;
  if (line !== undefined) return line;
  const known = Object.keys(PROVIDERS).join(", ");
  const near = closest(name, Object.keys(PROVIDERS));
  const hint = near === undefined ? "" : `; did you mean "${near}"?`;
  throw new UsageError(`there is no provider ${JSON.stringify(name)}; there is ${known}${hint}`);
}

/** True for what names one of our providers before a colon. */
export function looksLikeRemote(text: string): boolean {
  return Object.keys(PROVIDERS).some((name) => text.startsWith(`${name}:`));
}

/** The directory that a remote side is, where it is one on this machine. */
export function localTargetOf(remote: RemoteAddress): string | undefined {
  return PROVIDERS[remote.provider]?.isOnThisMachine === true ? remote.target : undefined;
}
