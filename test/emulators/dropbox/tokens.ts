import type { Chance } from "../shared/chance.js";
import type { Clock } from "../shared/clock.js";
import type { Challenge } from "../shared/is-verified.js";
import type { CommonTokens } from "../shared/common-tokens.js";
import type { TokenOptions } from "../shared/token-options.js";
import type { Settings } from "./settings.js";

export interface App {
  readonly key: string;
  readonly secret: string;
}

export interface IssueOptions extends TokenOptions {
  readonly accountId?: string | undefined;
  /** The refresh token comes from a PKCE sign-in: it may be used without the app secret. Default true. */
  readonly isPublic?: boolean | undefined;
}

export interface IssuedTokens extends CommonTokens {
  readonly accountId: string;
}

export interface AccessToken {
  readonly accountId: string;
  readonly scopes: readonly string[];
  /** The grant it belongs to: revoking one token revokes all of the grant. */
  readonly grant: Grant;
  expiresMs: number;
  usesLeft: number;
}

export interface Grant {
  readonly refreshToken: string;
  readonly accountId: string;
  readonly scopes: readonly string[];
  readonly isPublic: boolean;
  isRevoked: boolean;
}

export interface AuthorizationCode {
  readonly code: string;
  readonly accountId: string;
  readonly scopes: readonly string[];
  readonly challenge: Challenge | undefined;
  readonly redirectUri: string | undefined;
  readonly isOffline: boolean;
  readonly expiresMs: number;
  isUsed: boolean;
}

const CODE_LIFETIME_MS = 10 * 60 * 1000;

/** Codes, access tokens and refresh tokens of one app. */
export class Tokens {
  readonly #access = new Map<string, AccessToken>();
  readonly #grants = new Map<string, Grant>();
  readonly #codes = new Map<string, AuthorizationCode>();

  constructor(
    private readonly settings: Settings,
    private readonly clock: Clock,
    private readonly chance: Chance,
    /** Whose files a new sign-in opens; tests change it. */
    public signedInAccountId: string,
  ) {}

  /** Tokens as a finished sign-in leaves them. */
  issue(options: IssueOptions = {}): IssuedTokens {
    const grant = this.#newGrant({
      accountId: options.accountId ?? this.signedInAccountId,
      scopes: options.scopes ?? this.settings.appScopes,
      isPublic: options.isPublic ?? true,
    });
    return this.issueFor(grant, options);
  }

  /** Another access token of a grant, as a refresh gives it. */
  issueFor(grant: Grant, { expiresInSeconds, scopes, uses }: IssueOptions = {}): IssuedTokens {
    const seconds = expiresInSeconds ?? this.settings.accessTokenSeconds;
    const accessToken = `sl.u.${this.chance.letters(60)}`;
    this.#access.set(accessToken, {
      accountId: grant.accountId,
      scopes: scopes ?? grant.scopes,
      grant,
      expiresMs: this.clock.nowMs() + seconds * 1000,
      usesLeft: uses ?? this.settings.accessTokenUses ?? Number.POSITIVE_INFINITY,
    });
    const { refreshToken, accountId } = grant;
    return { accessToken, refreshToken, expiresInSeconds: seconds, accountId };
  }

  access(token: string): AccessToken | undefined {
    return this.#access.get(token);
  }

  grant(refreshToken: string): Grant | undefined {
    return this.#grants.get(refreshToken);
  }

  /** All access tokens given out so far count as expired; refresh tokens stay good. */
  expireAll(): void {
    for (const token of this.#access.values()) token.expiresMs = 0;
  }

  /** All access and refresh tokens given out so far are void. */
  revokeAll(): void {
    for (const grant of this.#grants.values()) grant.isRevoked = true;
  }

  /** How many access tokens are good now. */
  get validCount(): number {
    const nowMs = this.clock.nowMs();
    return [...this.#access.values()].filter((token) => !token.grant.isRevoked && token.expiresMs > nowMs).length;
  }

  newCode(code: Omit<AuthorizationCode, "code" | "expiresMs" | "isUsed">): AuthorizationCode {
    const made = {
      ...code,
      code: this.chance.letters(43),
      expiresMs: this.clock.nowMs() + CODE_LIFETIME_MS,
      isUsed: false,
    };
    this.#codes.set(made.code, made);
    return made;
  }

  code(code: string): AuthorizationCode | undefined {
    return this.#codes.get(code);
  }

  /** Exchanges a code that has been checked. */
  redeem(code: AuthorizationCode): { readonly grant: Grant; readonly tokens: IssuedTokens } {
    code.isUsed = true;
    const { accountId, scopes, challenge } = code;
    const grant = this.#newGrant({ accountId, scopes, isPublic: challenge !== undefined });
    return { grant, tokens: this.issueFor(grant) };
  }

  isCurrent(code: AuthorizationCode): boolean {
    return !code.isUsed && code.expiresMs > this.clock.nowMs();
  }

  #newGrant(grant: Omit<Grant, "refreshToken" | "isRevoked">): Grant {
    const made = { ...grant, refreshToken: this.chance.letters(64), isRevoked: false };
    this.#grants.set(made.refreshToken, made);
    return made;
  }
}
