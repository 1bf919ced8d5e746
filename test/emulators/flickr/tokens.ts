import type { Clock } from "../shared/clock.js";
import type { Ids } from "./ids.js";
import type { Settings } from "./settings.js";

/** What a token allows; each includes those before it. */
export type Perms = "read" | "write" | "delete";

export interface App {
  /** The API key, also called consumer key. */
  readonly key: string;
  readonly secret: string;
}

/** Between the first and the third leg of signing in. */
export interface RequestToken {
  readonly token: string;
  readonly secret: string;
  /** An address, or "oob". */
  readonly callback: string;
  readonly expiresMs: number;
  /** Set once the person has agreed. */
  approval: { readonly nsid: string; readonly perms: Perms; readonly verifier: string } | undefined;
}

export interface AccessToken {
  readonly token: string;
  readonly secret: string;
  readonly nsid: string;
  readonly perms: Perms;
  isRevoked: boolean;
}

/** Everything that has been given out. Access tokens do not expire; a person revokes them. */
export class Tokens {
  /** Whoever sits at the browser. */
  signedInNsid = "";
  readonly #requestTokens = new Map<string, RequestToken>();
  readonly #accessTokens = new Map<string, AccessToken>();
  readonly #nonces = new Set<string>();

  constructor(
    private readonly settings: Settings,
    private readonly clock: Clock,
    private readonly ids: Ids,
  ) {}

  /** An access token as if someone had signed in. */
  issue({ nsid = this.signedInNsid, perms = "delete" }: { nsid?: string | undefined; perms?: Perms | undefined } = {}) {
    const issued: AccessToken = { ...this.ids.token(), nsid, perms, isRevoked: false };
    this.#accessTokens.set(issued.token, issued);
    return issued;
  }

  request(callback: string): RequestToken {
    const expiresMs = this.clock.nowMs() + this.settings.requestTokenSeconds * 1000;
    const requested: RequestToken = { ...this.ids.token(), callback, expiresMs, approval: undefined };
    this.#requestTokens.set(requested.token, requested);
    return requested;
  }

  /** Undefined when it is unknown, used or too old. */
  requested(token: string): RequestToken | undefined {
    const requested = this.#requestTokens.get(token);
    return requested !== undefined && requested.expiresMs > this.clock.nowMs() ? requested : undefined;
  }

  /** Turns an approved request token into an access token. It is good for once. */
  redeem(requested: RequestToken, { nsid, perms }: { readonly nsid: string; readonly perms: Perms }): AccessToken {
    this.#requestTokens.delete(requested.token);
    return this.issue({ nsid, perms });
  }

  /** Undefined when it is unknown or revoked. */
  access(token: string): AccessToken | undefined {
    const found = this.#accessTokens.get(token);
    return found?.isRevoked === false ? found : undefined;
  }

  revoke(token: string): void {
    const found = this.#accessTokens.get(token);
    if (found !== undefined) found.isRevoked = true;
  }

  revokeAll(): void {
    for (const token of this.#accessTokens.keys()) this.revoke(token);
  }

  /** False when this nonce has been used with the time stamp before. */
  takeNonce(nonce: string, timestamp: string, token: string): boolean {
    const seen = `${timestamp} ${token} ${nonce}`;
    if (this.#nonces.has(seen)) return false;
    this.#nonces.add(seen);
    return true;
  }
}

const LEVELS: Readonly<Record<Perms | "none", number>> = { none: 0, read: 1, write: 2, delete: 3 };

export function allows(granted: Perms | "none", needed: Perms | "none"): boolean {
  return LEVELS[granted] >= LEVELS[needed];
}

export function isPerms(text: string | undefined): text is Perms {
  return text === "read" || text === "write" || text === "delete";
}
