import { createHash } from "node:crypto";
import type { SecretStore } from "../../providers/context.js";
import { ProviderError, UsageError } from "../model/errors.js";
import { createSingleFlight } from "./single-flight.js";
import type { TokenSource } from "./types.js";

/** What a service grants at sign-in and at every renewal. */
export interface TokenSet {
  readonly accessToken: string;
  /** Undefined when the answer brings none: the one used so far stays good. */
  readonly refreshToken: string | undefined;
  /** Milliseconds since 1970; undefined when the service does not say. */
  readonly expiresMs: number | undefined;
  /** When the refresh token ends, where the service says that it does: milliseconds since 1970. */
  readonly refreshExpiresMs?: number;
}

export interface TokenSourceOptions {
  /** As in `trisync login PROVIDER`. */
  readonly provider: string;
  readonly secrets: SecretStore;
  readonly clientId: string;
  /** From the environment; undefined to use what `login` stored. */
  readonly refreshToken: string | undefined;
  /** True when every renewal makes the refresh token that was used worthless: then its successor must be stored. */
  readonly rotates: boolean;
  readonly refresh: (refreshToken: string, signal: AbortSignal) => Promise<TokenSet>;
  readonly now: () => number;
}

/** A token with less than this left is renewed before it is used; one that lives shorter, at half of its life. */
const MARGIN_MS = 300_000;

/** How long a renewal that nobody waits for any more may take to end. */
const GRACE_MS = 5_000;

/**
 * Access tokens that renew themselves. The token is kept in the store with its expiry, so that the next run costs no request,
 * and renewed while the store is locked: of all processes with these credentials one asks the service, the others
 * find its answer. Tokens belong to the credentials they came from; other credentials never get to see them.
 */
export function createTokenSource(options: TokenSourceOptions): TokenSource {
  const { secrets, now } = options;
  const names = namesFor(options);
  return createRenewingSource({
    secrets,
    now,
    names,
    isKeepingVital: options.rotates,
    renew: (stored, signal) => options.refresh(refreshTokenIn(stored, names, options), signal),
  });
}

/** A source whose tokens live in the store. */
interface Renewing {
  readonly secrets: SecretStore;
  readonly now: () => number;
  readonly names: Names;
  /** True when a token that cannot be stored must not be used, because losing its successor would end the sign-in. */
  readonly isKeepingVital: boolean;
  readonly renew: (stored: Stored, signal: AbortSignal) => Promise<TokenSet>;
}

function createRenewingSource(options: Renewing): TokenSource {
  const { names } = options;
  let cached: Access | undefined;
  let rejected: string | undefined;

  const isGood = (access: Access | undefined): access is Access =>
    access !== undefined && access.token !== rejected && options.now() < access.renewMs;

  const renewNow = createSingleFlight(async (signal) => {
    cached = await renewInStore(options, isGood, signal);
    return cached.token;
  }, GRACE_MS);

  return {
    async token(signal) {
      signal.throwIfAborted();
      if (isGood(cached)) return cached.token;
      const stored = accessIn(await options.secrets.read(), names);
      if (!isGood(stored)) return await renewNow(signal);
      cached = stored;
      return stored.token;
    },
    async renew(token, signal) {
      if (isGood(cached) && cached.token !== token) return cached.token;
      rejected = token;
      return await renewNow(signal);
    },
  };
}

export interface ApplicationTokenSourceOptions {
  readonly secrets: SecretStore;
  /** All that tells these credentials from others: where, who, what for, and by which proof. */
  readonly credentials: readonly string[];
  readonly obtain: (signal: AbortSignal) => Promise<TokenSet>;
  readonly now: () => number;
}

/**
 * Tokens of an application that signs in by itself: there is no refresh token, the credentials are shown anew each time. Tokens are kept
 * in the store as others are.
 */
export function createApplicationTokenSource(options: ApplicationTokenSourceOptions): TokenSource {
  const { secrets, now, obtain } = options;
  const names = namesOf(options.credentials);
  return createRenewingSource({
    secrets,
    now,
    names,
    isKeepingVital: false,
    renew: (_stored, signal) => obtain(signal),
  });
}

/** A pasted access token: good until the service refuses it, and then only its user can help. */
export function createFixedTokenSource(options: {
  readonly provider: string;
  readonly token: string;
  /** Where it came from: "DROPBOX_ACCESS_TOKEN". */
  readonly variable: string;
}): TokenSource {
  const { provider, token, variable } = options;
  return {
    token: () => Promise.resolve(token),
    renew: () =>
      Promise.reject(
        new ProviderError(
          "unauthorized",
          `${provider}: the access token in ${variable} is not accepted, it has expired or was revoked; ` +
            `give a new one, or remove it and run \`trisync login ${provider}\``,
        ),
      ),
  };
}

/** Keeps what a sign-in brought, for runs without a refresh token in the environment. */
export async function storeSignIn(
  { secrets, clientId, now }: Pick<TokenSourceOptions, "secrets" | "clientId" | "now">,
  tokens: TokenSet,
): Promise<void> {
  const names = namesFor({ clientId, refreshToken: undefined });
  await secrets.update((stored) => Promise.resolve(withTokens(stored, tokens, names, now())));
}

interface Access {
  readonly token: string;
  /** When to replace it, in milliseconds since 1970. */
  readonly renewMs: number;
}

interface Names {
  readonly access: string;
  readonly renewAt: string;
  readonly refresh: string;
}

/** The names under which the store keeps the tokens of these credentials. */
function namesFor(credentials: Pick<TokenSourceOptions, "clientId" | "refreshToken">): Names {
  return namesOf([credentials.clientId, credentials.refreshToken ?? null]);
}

function namesOf(credentials: readonly (string | null)[]): Names {
  const text = JSON.stringify(credentials);
  const fingerprint = createHash("sha256").update(text).digest("hex").slice(0, 16);
  return {
    access: `${fingerprint}.accessToken`,
    renewAt: `${fingerprint}.renewAt`,
    refresh: `${fingerprint}.refreshToken`,
  };
}

type Stored = Readonly<Record<string, string>>;

function accessIn(stored: Stored, names: Names): Access | undefined {
  const token = stored[names.access];
  if (token === undefined) return undefined;
  const renewAt = stored[names.renewAt];
  return { token, renewMs: renewAt === undefined ? Number.POSITIVE_INFINITY : Date.parse(renewAt) };
}

/** A token whose expiry is not known counts as good until the service says otherwise. */
function toAccess(tokens: TokenSet, nowMs: number): Access {
  if (tokens.expiresMs === undefined) return { token: tokens.accessToken, renewMs: Number.POSITIVE_INFINITY };
  const marginMs = Math.min(MARGIN_MS, (tokens.expiresMs - nowMs) / 2);
  return { token: tokens.accessToken, renewMs: tokens.expiresMs - marginMs };
}

function withTokens(stored: Stored, tokens: TokenSet, names: Names, nowMs: number): Stored {
  const kept = Object.fromEntries(Object.entries(stored).filter(([name]) => name !== names.renewAt));
  const { token, renewMs } = toAccess(tokens, nowMs);
  return {
    ...kept,
    [names.access]: token,
    ...(Number.isFinite(renewMs) ? { [names.renewAt]: new Date(renewMs).toISOString() } : {}),
    ...(tokens.refreshToken === undefined ? {} : { [names.refresh]: tokens.refreshToken }),
  };
}

async function renewInStore(
  options: Renewing,
  isGood: (access: Access | undefined) => access is Access,
  signal: AbortSignal,
): Promise<Access> {
  const { names } = options;
  let renewed: Access | undefined;
  try {
    await options.secrets.update(async (stored) => {
      const found = accessIn(stored, names);
      if (isGood(found)) {
        renewed = found;
        return stored;
      }
      const tokens = await options.renew(stored, signal);
      renewed = toAccess(tokens, options.now());
      return withTokens(stored, tokens, names, options.now());
    });
  } catch (error) {
    // A token that cannot be stored still serves this run, unless losing its successor would end the sign-in.
    if (!(error instanceof UsageError) || options.isKeepingVital) throw error;
    renewed ??= await renewWithoutStore(options, signal);
  }
  if (renewed === undefined) throw new Error("the store resolved without calling back");
  return renewed;
}

async function renewWithoutStore(options: Renewing, signal: AbortSignal): Promise<Access> {
  const stored = await options.secrets.read();
  return toAccess(await options.renew(stored, signal), options.now());
}

/** The newest one: a stored successor comes before the one in the environment that it replaced. */
function refreshTokenIn(stored: Stored, names: Names, options: TokenSourceOptions): string {
  const token = stored[names.refresh] ?? options.refreshToken;
  if (token !== undefined) return token;
  throw new ProviderError(
    "unauthorized",
    `not signed in to ${options.provider} with this application; run \`trisync login ${options.provider}\``,
  );
}
