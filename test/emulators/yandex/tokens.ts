import type { Chance } from "../shared/chance.js";
import type { Clock } from "../shared/clock.js";
import type { Challenge } from "../shared/is-verified.js";
import type { CommonTokens } from "../shared/common-tokens.js";
import type { TokenOptions } from "../shared/token-options.js";
import { hexDigits } from "./hex.js";
import type { Settings } from "./settings.js";

export interface App {
  readonly id: string;
  readonly secret: string;
}

export interface IssueOptions extends TokenOptions {
  readonly uid?: string | undefined;
}

export interface IssuedTokens extends CommonTokens {
  readonly uid: string;
}

export interface AccessToken {
  readonly value: string;
  readonly grant: Grant;
  readonly lifetimeMs: number;
  expiresMs: number;
  usesLeft: number;
}

/** What a person has allowed once. Refresh tokens follow one another within it. */
export interface Grant {
  readonly uid: string;
  readonly scopes: readonly string[];
  latest: AccessToken | undefined;
  isRevoked: boolean;
}

interface RefreshToken {
  readonly grant: Grant;
  readonly expiresMs: number;
  isVoid: boolean;
}

export interface AuthorizationCode {
  readonly code: string;
  readonly uid: string;
  readonly scopes: readonly string[];
  readonly challenge: Challenge | undefined;
  readonly expiresMs: number;
  isUsed: boolean;
}

export interface DeviceCode {
  readonly deviceCode: string;
  readonly userCode: string;
  readonly scopes: readonly string[];
  readonly expiresMs: number;
  state: "waiting" | "approved" | "denied" | "used";
  polledMs: number;
}

const TOKEN_START = "y0_";
const CODE_LIFETIME_MS = 10 * 60 * 1000;

/** Codes, access tokens and refresh tokens of one app. */
export class Tokens {
  /** Whose files a new sign-in opens; tests change it. */
  signedInUid = "";
  readonly #access = new Map<string, AccessToken>();
  readonly #refresh = new Map<string, RefreshToken>();
  readonly #codes = new Map<string, AuthorizationCode>();
  readonly #devices = new Map<string, DeviceCode>();

  constructor(
    private readonly settings: Settings,
    private readonly clock: Clock,
    private readonly chance: Chance,
  ) {}

  /** Tokens as a finished sign-in leaves them. */
  issue(options: IssueOptions = {}): IssuedTokens {
    const uid = options.uid ?? this.signedInUid;
    const scopes = options.scopes ?? this.settings.appScopes;
    return this.issueFor({ uid, scopes, latest: undefined, isRevoked: false }, options);
  }

  /** Another access token of a grant, with another refresh token. */
  issueFor(grant: Grant, { expiresInSeconds, uses }: IssueOptions = {}): IssuedTokens {
    const seconds = expiresInSeconds ?? this.settings.accessTokenSeconds;
    const access = this.#keptToken(grant) ?? this.#newAccess(grant, seconds, uses ?? this.settings.accessTokenUses);
    grant.latest = access;
    const refreshToken = `1:${[16, 43, 60].map((length) => this.chance.letters(length)).join(":")}`;
    const expiresMs = this.clock.nowMs() + seconds * 1000;
    this.#refresh.set(refreshToken, { grant, expiresMs, isVoid: false });
    const expiresInNow = Math.round((access.expiresMs - this.clock.nowMs()) / 1000);
    return { accessToken: access.value, refreshToken, expiresInSeconds: expiresInNow, uid: grant.uid };
  }

  /** The grant of a refresh token that is good now. With rotation the token is used up by this. */
  redeemRefresh(refreshToken: string): Grant | undefined {
    const known = this.#refresh.get(refreshToken);
    if (known === undefined || known.isVoid || known.grant.isRevoked) return undefined;
    if (known.expiresMs <= this.clock.nowMs()) return undefined;
    if (this.settings.refreshTokens === "rotate") known.isVoid = true;
    return known.grant;
  }

  access(token: string): AccessToken | undefined {
    return this.#access.get(token);
  }

  /** Whether the text holds an access token that was ever given out. */
  occursIn(text: string): boolean {
    return text.includes(TOKEN_START) && [...this.#access.keys()].some((token) => text.includes(token));
  }

  isCurrent(token: AccessToken): boolean {
    return !token.grant.isRevoked && token.expiresMs > this.clock.nowMs() && token.usesLeft > 0;
  }

  /** Refresh tokens that could be used now. */
  get validRefreshTokens(): readonly string[] {
    return [...this.#refresh].filter(([, { isVoid, grant }]) => !isVoid && !grant.isRevoked).map(([token]) => token);
  }

  /** All access tokens given out so far count as expired; refresh tokens stay good. */
  expireAll(): void {
    for (const token of this.#access.values()) token.expiresMs = 0;
  }

  /** All access and refresh tokens given out so far are void, as after a change of the password. */
  revokeAll(): void {
    for (const { grant } of this.#refresh.values()) grant.isRevoked = true;
  }

  newCode(code: Pick<AuthorizationCode, "uid" | "scopes" | "challenge">): string {
    const made = this.chance.letters(16).toLowerCase();
    const expiresMs = this.clock.nowMs() + CODE_LIFETIME_MS;
    this.#codes.set(made, { ...code, code: made, expiresMs, isUsed: false });
    return made;
  }

  /** A code that may still be exchanged. */
  code(code: string): AuthorizationCode | undefined {
    const known = this.#codes.get(code);
    return known === undefined || known.isUsed || known.expiresMs <= this.clock.nowMs() ? undefined : known;
  }

  newDevice(scopes: readonly string[]): DeviceCode {
    const device: DeviceCode = {
      deviceCode: hexDigits(this.chance, 32),
      userCode: this.chance.letters(8).toLowerCase(),
      scopes,
      expiresMs: this.clock.nowMs() + this.settings.deviceCodeSeconds * 1000,
      state: this.settings.consent === "approve" ? "approved" : this.settings.consent === "deny" ? "denied" : "waiting",
      polledMs: this.clock.nowMs(),
    };
    this.#devices.set(device.deviceCode, device);
    return device;
  }

  device(deviceCode: string): DeviceCode | undefined {
    return this.#devices.get(deviceCode);
  }

  answerDevice(userCode: string, answer: "approve" | "deny"): void {
    const device = [...this.#devices.values()].find((one) => one.userCode === userCode);
    if (device === undefined) throw new Error(`no device code ${userCode}`);
    device.state = answer === "approve" ? "approved" : "denied";
  }

  #newAccess(grant: Grant, seconds: number, uses: number): AccessToken {
    const lifetimeMs = seconds * 1000;
    const value = `${TOKEN_START}${this.chance.letters(55)}`;
    const access = { value, grant, lifetimeMs, expiresMs: this.clock.nowMs() + lifetimeMs, usesLeft: uses };
    this.#access.set(value, access);
    return access;
  }

  #keptToken({ latest }: Grant): AccessToken | undefined {
    if (latest === undefined || !this.settings.refreshKeepsAccessToken || !this.isCurrent(latest)) return undefined;
    return latest.expiresMs - this.clock.nowMs() > latest.lifetimeMs / 2 ? latest : undefined;
  }
}
