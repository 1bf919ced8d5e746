import type { Chance } from "../shared/chance.js";
import type { Clock } from "../shared/clock.js";
import type { CommonTokens } from "../shared/common-tokens.js";
import type { TokenOptions } from "../shared/token-options.js";
import type { Settings } from "./settings.js";

export interface App {
  readonly clientId: string;
  /** With characters that a form has to encode. */
  readonly clientSecret: string;
  /** Certificates registered for the app, as PEM. */
  readonly certificates: string[];
}

export interface IssueOptions extends TokenOptions {
  readonly userId?: string | undefined;
}

export interface IssuedTokens extends CommonTokens {
  readonly userId: string;
}

export interface AccessToken {
  /** Undefined for a token of the app itself. */
  readonly userId: string | undefined;
  readonly scopes: readonly string[];
  readonly grant: Grant | undefined;
  expiresMs: number;
  usesLeft: number;
}

/** What a person has agreed to. All refresh tokens of a chain belong to one grant. */
export interface Grant {
  readonly userId: string;
  readonly scopes: readonly string[];
  isRevoked: boolean;
}

export interface RefreshToken {
  readonly grant: Grant;
  isRevoked: boolean;
  timesUsed: number;
}

export interface AuthorizationCode {
  readonly userId: string;
  readonly scopes: readonly string[];
  readonly challenge: string | undefined;
  readonly redirectUri: string;
  readonly nonce: string | undefined;
  readonly expiresMs: number;
  isUsed: boolean;
}

export interface DeviceCode {
  readonly userCode: string;
  readonly userId: string;
  readonly scopes: readonly string[];
  readonly expiresMs: number;
  state: "pending" | "approved" | "declined";
  polls: number;
  lastPollMs: number | undefined;
}

const CODE_LIFETIME_MS = 10 * 60 * 1000;
const DEVICE_LIFETIME_MS = 15 * 60 * 1000;

/** Codes, access tokens and refresh tokens of one app. */
export class Tokens {
  readonly #access = new Map<string, AccessToken>();
  readonly #refresh = new Map<string, RefreshToken>();
  readonly #codes = new Map<string, AuthorizationCode>();
  readonly #devices = new Map<string, DeviceCode>();
  /** Assertions seen, which may be used once. */
  readonly assertionIds = new Set<string>();

  constructor(
    private readonly settings: Settings,
    private readonly clock: Clock,
    private readonly chance: Chance,
    /** Whose drive a new sign-in opens; tests change it. */
    public signedInUserId: string,
    private readonly isPersonalUser: (userId: string) => boolean,
  ) {}

  /** Tokens as a finished sign-in leaves them. */
  issue(options: IssueOptions = {}): IssuedTokens {
    const userId = options.userId ?? this.signedInUserId;
    const scopes = options.scopes ?? ["Files.ReadWrite.All", "User.Read", "offline_access"];
    const grant = { userId, scopes, isRevoked: false };
    return { ...this.issueFor(grant, options), refreshToken: this.newRefreshToken(grant) };
  }

  /** A token of the app itself, as client credentials give it. */
  issueForApp(options: Omit<IssueOptions, "userId"> = {}): Omit<IssuedTokens, "refreshToken" | "userId"> {
    return this.#newAccess(undefined, { scopes: [".default"], ...options });
  }

  /** Another access token of a grant. */
  issueFor(grant: Grant, options: IssueOptions = {}): Omit<IssuedTokens, "refreshToken"> {
    return { ...this.#newAccess(grant, options), userId: grant.userId };
  }

  newRefreshToken(grant: Grant): string {
    const start = this.isPersonalUser(grant.userId) ? "M.C507_BAY.0.U.-" : "0.AXoA";
    const token = start + this.chance.letters(120);
    this.#refresh.set(token, { grant, isRevoked: false, timesUsed: 0 });
    return token;
  }

  access(token: string): AccessToken | undefined {
    return this.#access.get(token);
  }

  refresh(token: string): RefreshToken | undefined {
    return this.#refresh.get(token);
  }

  /** All access tokens given out so far count as expired; refresh tokens stay good. */
  expireAll(): void {
    for (const token of this.#access.values()) token.expiresMs = 0;
  }

  /** All access and refresh tokens given out so far are void, as after a change of password. */
  revokeAll(): void {
    for (const { grant } of this.#refresh.values()) grant.isRevoked = true;
    this.expireAll();
  }

  /** How many access tokens are good now. */
  get validCount(): number {
    const nowMs = this.clock.nowMs();
    return [...this.#access.values()].filter(({ expiresMs, usesLeft }) => expiresMs > nowMs && usesLeft > 0).length;
  }

  /** How many refresh tokens have been given out. */
  get refreshTokenCount(): number {
    return this.#refresh.size;
  }

  newCode(made: Omit<AuthorizationCode, "expiresMs" | "isUsed">): string {
    const code = `0.AXoA${this.chance.letters(80)}`;
    this.#codes.set(code, { ...made, expiresMs: this.clock.nowMs() + CODE_LIFETIME_MS, isUsed: false });
    return code;
  }

  code(code: string): AuthorizationCode | undefined {
    return this.#codes.get(code);
  }

  isCurrent({ expiresMs }: { readonly expiresMs: number }): boolean {
    return expiresMs > this.clock.nowMs();
  }

  newDevice(scopes: readonly string[]): { readonly deviceCode: string; readonly device: DeviceCode } {
    const deviceCode = `GAQABAAEAAAD${this.chance.letters(60)}`;
    const device: DeviceCode = {
      userCode: this.chance.letters(9).toUpperCase().replaceAll(/[-_]/g, "X"),
      userId: this.signedInUserId,
      scopes,
      expiresMs: this.clock.nowMs() + DEVICE_LIFETIME_MS,
      state: "pending",
      polls: 0,
      lastPollMs: undefined,
    };
    this.#devices.set(deviceCode, device);
    return { deviceCode, device };
  }

  device(deviceCode: string): DeviceCode | undefined {
    return this.#devices.get(deviceCode);
  }

  /** The person enters this code, or the one of every device that waits. */
  decideDevices(state: "approved" | "declined", userCode?: string): void {
    for (const device of this.#devices.values()) {
      if (userCode === undefined || device.userCode === userCode) device.state = state;
    }
  }

  #newAccess(
    grant: Grant | undefined,
    { expiresInSeconds, scopes, uses }: IssueOptions,
  ): Omit<IssuedTokens, "refreshToken" | "userId"> {
    const seconds = expiresInSeconds ?? this.settings.accessTokenSeconds;
    const isOpaque = grant !== undefined && this.isPersonalUser(grant.userId);
    const accessToken = isOpaque ? `EwB${this.chance.letters(90)}` : this.#looksLikeJwt();
    this.#access.set(accessToken, {
      userId: grant?.userId,
      scopes: scopes ?? grant?.scopes ?? [],
      grant,
      expiresMs: this.clock.nowMs() + seconds * 1000,
      usesLeft: uses ?? this.settings.accessTokenUses ?? Number.POSITIVE_INFINITY,
    });
    return { accessToken, expiresInSeconds: seconds };
  }

  /** Only looks: clients must not read it. */
  #looksLikeJwt(): string {
    const header = Buffer.from('{"typ":"JWT","alg":"RS256"}').toString("base64url");
    return `${header}.eyJ${this.chance.letters(60)}.${this.chance.letters(40)}`;
  }
}
