import type { Account } from "./accounts.js";
import { BodyStore } from "./body-store.js";
import type { Fault } from "./faults.js";
import { clientFile } from "./oauth.js";
import { openOrigin, type Origin } from "./origin.js";
import type { Quota } from "./quota.js";
import { Remote } from "./remote.js";
import { type Host, type LoggedRequest, RequestLog } from "./request-log.js";
import { defaultSettings, type Settings } from "./settings.js";
import type { App, Tokens } from "./tokens.js";
import type { Uploads } from "./uploads.js";
import { createWorld, type World } from "./world.js";

export interface GooglePhotosEmulatorOptions extends Partial<Settings> {
  /** Where large contents are kept while it runs. Default: the system's directory for temporary files. */
  readonly directory?: string | undefined;
  /** The seed of everything random: ids, page sizes, orders. Default 1. */
  readonly seed?: number | undefined;
}

/** Starts the emulated service on four ports of 127.0.0.1, one for each host of the real one. */
export async function startGooglePhotosEmulator(
  options: GooglePhotosEmulatorOptions = {},
): Promise<GooglePhotosEmulator> {
  const { directory, seed = 1, ...settings } = options;
  const all: Settings = { ...defaultSettings(), ...settings };
  const world = createWorld(all, await BodyStore.create(all, directory), seed);
  const log = new RequestLog();
  const account = world.accounts.add();
  world.tokens.signedInAccountId = account.accountId;
  const [accounts, oauth, api, image] = await Promise.all([
    openOrigin(world, log, "accounts"),
    openOrigin(world, log, "oauth"),
    openOrigin(world, log, "api"),
    openOrigin(world, log, "image"),
  ]);
  world.imageUrl = image.url;
  return new GooglePhotosEmulator(world, log, { accounts, oauth, api, image }, account);
}

/** A running emulator. Everything that a test may see or change hangs here. */
export class GooglePhotosEmulator {
  readonly remote: Remote;

  constructor(
    private readonly world: World,
    private readonly log: RequestLog,
    /** The four servers; their listeners serve TLS as well, see tls-proxy.ts. */
    readonly origins: Readonly<Record<Host, Origin>>,
    readonly account: Account,
  ) {
    this.remote = this.remoteOf(account);
  }

  /** Replaces `https://accounts.google.com`; the consent page is at `/o/oauth2/v2/auth`. */
  get accountsUrl(): string {
    return this.origins.accounts.url;
  }

  /** Replaces `https://oauth2.googleapis.com`; `/token` and `/revoke`. */
  get oauthUrl(): string {
    return this.origins.oauth.url;
  }

  /** Replaces `https://photoslibrary.googleapis.com`; methods and uploads are below `/v1`. */
  get apiUrl(): string {
    return this.origins.api.url;
  }

  /** Replaces `https://lh3.googleusercontent.com`; addresses come with the items. */
  get imageUrl(): string {
    return this.origins.image.url;
  }

  /** Addresses given out from now on lead here: for clients that know the real names only. */
  set imageUrl(url: string) {
    this.world.imageUrl = url;
  }

  /** The URLs and the client as the program's environment variables. */
  get env(): Record<string, string> {
    return {
      GOOGLE_API_URL: this.apiUrl,
      GOOGLE_AUTH_URL: this.accountsUrl,
      GOOGLE_TOKEN_URL: this.oauthUrl,
      GOOGLE_CLIENT_ID: this.app.clientId,
      GOOGLE_CLIENT_SECRET: this.app.clientSecret,
    };
  }

  /** The JSON file that the console gives out for this client, with addresses that lead here. */
  clientFile(kind: "installed" | "web" = this.settings.clientKind): Readonly<Record<string, unknown>> {
    const { accountsUrl, app, oauthUrl, settings } = this;
    return clientFile({ kind, client: app, accountsUrl, oauthUrl, redirectUris: settings.redirectUris });
  }

  get app(): App {
    return this.world.app;
  }

  /** Limits and behaviour; every field may be changed at any time. */
  get settings(): Settings {
    return this.world.settings;
  }

  get latencyMs(): number {
    return this.settings.latencyMs;
  }

  set latencyMs(ms: number) {
    this.settings.latencyMs = ms;
  }

  /** What clients did that the service forbids or advises against. A careful client leaves it empty. */
  get misuse(): string[] {
    return this.world.misuse;
  }

  get tokens(): Tokens {
    return this.world.tokens;
  }

  /** Upload tokens and sessions. */
  get uploads(): Uploads {
    return this.world.uploads;
  }

  /** What has been spent of the day's allowances. */
  get quota(): Quota {
    return this.world.quota;
  }

  get requests(): readonly LoggedRequest[] {
    return this.log.requests;
  }

  /** All requests, those of a route ("albums.list"), or of a group ("albums"). */
  requestCount(route?: string): number {
    return this.log.count(route);
  }

  /** How often each route was called. */
  requestCounts(): Readonly<Record<string, number>> {
    return this.log.counts();
  }

  /** Forgets requests, misuse and counts; photos, tokens, faults and spent allowances stay. */
  resetCounters(): void {
    this.log.reset();
    this.world.misuse.length = 0;
    this.world.lock.rejections = 0;
    this.world.earlyRequests = 0;
    this.world.tokenAnswers = 0;
    this.world.quota.requestsPastDay = 0;
  }

  /** How many writes came while another one of the account was at work, or during the penalty for that. */
  get lockRejections(): number {
    return this.world.lock.rejections;
  }

  /** How many requests came before the time that a passing 429 asks to wait was over. */
  get earlyRequests(): number {
    return this.world.earlyRequests;
  }

  /** How many requests came after the day's allowance was said to be spent. */
  get requestsPastDay(): number {
    return this.world.quota.requestsPastDay;
  }

  /** How many access tokens the token endpoint gave out. */
  get tokenAnswers(): number {
    return this.world.tokenAnswers;
  }

  fault(fault: Fault): void {
    this.world.faults.add(fault);
  }

  clearFaults(): void {
    this.world.faults.clear();
  }

  /** Faults that have not struck as often as they were meant to. */
  pendingFaults(): readonly Fault[] {
    return this.world.faults.pending();
  }

  /** The next `requests` listings and searches that begin show the items of now; get and batchGet show all. */
  freezeListings(requests: number): void {
    this.world.frozenListings = { atMs: this.world.clock.nowMs(), requestsLeft: requests };
  }

  /** Sets the service's clock forward. */
  advanceClock(ms: number): void {
    this.world.clock.advance(ms);
  }

  addAccount(): Account {
    return this.world.accounts.add();
  }

  /** New sign-ins open this account from now on; tokens given out before keep theirs. */
  signInAs(account: Account): void {
    this.tokens.signedInAccountId = account.accountId;
  }

  /** The photos of an account. */
  remoteOf(account: Account): Remote {
    return new Remote(account, this.world);
  }

  async close(): Promise<void> {
    await Promise.all(Object.values(this.origins).map((origin) => origin.close()));
    await this.world.bodies.close();
  }
}
