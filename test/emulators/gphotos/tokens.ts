import type { Chance } from "../shared/chance.js";
import type { Clock } from "../shared/clock.js";
import type { Challenge } from "../shared/is-verified.js";
import type { CommonTokens } from "../shared/common-tokens.js";
import type { TokenOptions } from "../shared/token-options.js";
import { LIVING_SCOPES } from "./scopes.js";
import type { Settings } from "./settings.js";

export interface App {
  readonly clientId: string;
  readonly clientSecret: string;
  readonly projectId: string;
  readonly projectNumber: string;
}

export interface IssueOptions extends TokenOptions {
  readonly accountId?: string | undefined;
}

export interface IssuedTokens extends CommonTokens {
  readonly accountId: string;
}

export interface AccessToken {
  readonly accountId: string;
  readonly scopes: readonly string[];
  readonly grant: Grant;
  expiresMs: number;
  usesLeft: number;
}

/** A consent: all tokens that come from it die with it. */
export interface Grant {
  readonly accountId: string;
  readonly scopes: readonly string[];
  readonly refreshToken: string;
  /** Infinity in production; a week after the consent in testing. */
  readonly expiresMs: number;
  lastUsedMs: number;
  isRevoked: boolean;
}

export interface AuthorizationCode {
  readonly code: string;
  readonly accountId: string;
  readonly scopes: readonly string[];
  readonly challenge: Challenge | undefined;
  readonly redirectUri: string;
  readonly givesRefreshToken: boolean;
  readonly expiresMs: number;
  isUsed: boolean;
}

const CODE_LIFETIME_MS = 10 * 60 * 1000;
const TESTING_LIFETIME_MS = 7 * 24 * 3600 * 1000;
const IDLE_LIFETIME_MS = 183 * 24 * 3600 * 1000;

/** Codes, access tokens and refresh tokens of one client. */
export class Tokens {
  readonly #access = new Map<string, AccessToken>();
  readonly #grants = new Map<string, Grant>();
  readonly #codes = new Map<string, AuthorizationCode>();
  /** Whose photos a new sign-in opens; tests change it. */
  signedInAccountId = "";
  /** Every refresh token is answered with invalid_grant while this is set. */
  refusesRefresh = false;

  constructor(
    private readonly settings: Settings,
    private readonly clock: Clock,
    private readonly chance: Chance,
  ) {}

  /** Tokens as a finished sign-in leaves them; with removed scopes, as stored before they went. */
  issue(options: IssueOptions = {}): IssuedTokens {
    const grant = this.#newGrant(options.accountId ?? this.signedInAccountId, options.scopes ?? LIVING_SCOPES);
    return this.issueFor(grant, options);
  }

  /** Another access token of a grant, as a refresh gives it. */
  issueFor(grant: Grant, { expiresInSeconds, uses }: IssueOptions = {}): IssuedTokens {
    const seconds = expiresInSeconds ?? this.settings.accessTokenSeconds;
    const accessToken = `ya29.${this.chance.letters(120)}`;
    const { accountId, scopes, refreshToken } = grant;
    grant.lastUsedMs = this.clock.nowMs();
    this.#access.set(accessToken, {
      accountId,
      scopes,
      grant,
      expiresMs: this.clock.nowMs() + seconds * 1000,
      usesLeft: uses ?? this.settings.accessTokenUses,
    });
    return { accessToken, refreshToken, expiresInSeconds: seconds, accountId };
  }

  access(token: string): AccessToken | undefined {
    return this.#access.get(token);
  }

  /** The grant of a refresh token, unless it is dead. */
  grant(refreshToken: string): Grant | undefined {
    const grant = this.#grants.get(refreshToken);
    return grant === undefined || this.refusesRefresh || !this.isAlive(grant) ? undefined : grant;
  }

  isAlive(grant: Grant): boolean {
    const nowMs = this.clock.nowMs();
    return !grant.isRevoked && grant.expiresMs > nowMs && grant.lastUsedMs + IDLE_LIFETIME_MS > nowMs;
  }

  /** A new refresh token for the same consent; the old one stays good. */
  rotate(grant: Grant): Grant {
    return this.#newGrant(grant.accountId, grant.scopes, grant.expiresMs);
  }

  /** All access tokens given out so far count as expired; refresh tokens stay good. */
  expireAll(): void {
    for (const token of this.#access.values()) token.expiresMs = 0;
  }

  /** All access and refresh tokens given out so far are void, as when the user removes the app's access. */
  revokeAll(): void {
    for (const grant of this.#grants.values()) grant.isRevoked = true;
  }

  /** Ends the consent that an access or a refresh token belongs to; false when there is none. */
  revoke(token: string): boolean {
    const grant = this.#access.get(token)?.grant ?? this.#grants.get(token);
    if (grant === undefined || grant.isRevoked) return false;
    grant.isRevoked = true;
    return true;
  }

  newCode(code: Omit<AuthorizationCode, "code" | "expiresMs" | "isUsed">): AuthorizationCode {
    const expiresMs = this.clock.nowMs() + CODE_LIFETIME_MS;
    const made = { ...code, code: `4/0${this.chance.letters(70)}`, expiresMs, isUsed: false };
    this.#codes.set(made.code, made);
    return made;
  }

  code(code: string): AuthorizationCode | undefined {
    return this.#codes.get(code);
  }

  isCurrent(code: AuthorizationCode): boolean {
    return !code.isUsed && code.expiresMs > this.clock.nowMs();
  }

  /** Exchanges a code that has been checked. */
  redeem(code: AuthorizationCode): { readonly grant: Grant; readonly tokens: IssuedTokens } {
    code.isUsed = true;
    const grant = this.#newGrant(code.accountId, code.scopes);
    return { grant, tokens: this.issueFor(grant) };
  }

  #newGrant(accountId: string, scopes: readonly string[], expiresMs = this.#grantEndMs()): Grant {
    const nowMs = this.clock.nowMs();
    const refreshToken = `1//0${this.chance.letters(96)}`;
    const made = { accountId, scopes, refreshToken, expiresMs, lastUsedMs: nowMs, isRevoked: false };
    this.#grants.set(refreshToken, made);
    const living = [...this.#grants.values()].filter((one) => one.accountId === accountId && !one.isRevoked);
    for (const oldest of living.slice(0, Math.max(0, living.length - this.settings.refreshTokens))) {
      oldest.isRevoked = true;
    }
    return made;
  }

  #grantEndMs(): number {
    if (this.settings.publishing === "production") return Number.POSITIVE_INFINITY;
    return this.clock.nowMs() + TESTING_LIFETIME_MS;
  }
}
