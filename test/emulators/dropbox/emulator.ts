import type { Account, NewAccount } from "./accounts.js";
import type { Fault } from "./faults.js";
import { type Origin, openOrigin } from "./origin.js";
import type { StorePath } from "./paths.js";
import { Remote } from "./remote.js";
import { type LoggedRequest, RequestLog } from "./request-log.js";
import { receivedBytes } from "./sessions.js";
import { defaultSettings, type Settings } from "./settings.js";
import { Spool } from "./spool.js";
import type { App, Tokens } from "./tokens.js";
import { appView } from "./view.js";
import { createWorld, type World } from "./world.js";

export interface DropboxEmulatorOptions extends Partial<Settings> {
  /** Where large contents are kept while it runs. Default: the system's directory for temporary files. */
  readonly directory?: string | undefined;
  /** The seed of everything random: ids, page sizes, dots. Default 1. */
  readonly seed?: number | undefined;
  /** Puts the first account into a team with a shared root of this name. */
  readonly teamName?: string | undefined;
}

/** Starts the emulated service on three ports of 127.0.0.1, one for each host of the real one. */
export async function startDropboxEmulator(options: DropboxEmulatorOptions = {}): Promise<DropboxEmulator> {
  const { directory, seed = 1, teamName, ...settings } = options;
  const all: Settings = { ...defaultSettings(), ...settings };
  const world = createWorld(all, await Spool.create(all, directory), seed);
  const log = new RequestLog();
  const account = world.accounts.add({ displayName: "Ann Example", teamName });
  world.tokens.signedInAccountId = account.accountId;
  const [api, content, auth] = await Promise.all([
    openOrigin(world, log, "api"),
    openOrigin(world, log, "content"),
    openOrigin(world, log, "auth"),
  ]);
  world.contentUrl = content.url;
  return new DropboxEmulator(world, log, { api, content, auth }, account);
}

/** A running emulator. Everything that a test may see or change hangs here. */
export class DropboxEmulator {
  readonly remote: Remote;

  constructor(
    private readonly world: World,
    private readonly log: RequestLog,
    /** The three servers; their listeners serve TLS as well, see tls-proxy.ts. */
    readonly origins: Readonly<Record<"api" | "content" | "auth", Origin>>,
    readonly account: Account,
  ) {
    this.remote = this.remoteOf(account);
  }

  /** Replaces `https://api.dropboxapi.com`; routes are at `/2/…`, the token endpoint at `/oauth2/token`. */
  get apiUrl(): string {
    return this.origins.api.url;
  }

  /** Replaces `https://content.dropboxapi.com`. */
  get contentUrl(): string {
    return this.origins.content.url;
  }

  /** Replaces `https://www.dropbox.com`; the authorize page is at `/oauth2/authorize`. */
  get authUrl(): string {
    return this.origins.auth.url;
  }

  /** The URLs and the app as the program's environment variables. */
  get env(): Record<string, string> {
    return {
      DROPBOX_API_URL: this.apiUrl,
      DROPBOX_CONTENT_URL: this.contentUrl,
      DROPBOX_AUTH_URL: this.authUrl,
      DROPBOX_APP_KEY: this.app.key,
    };
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

  get requests(): readonly LoggedRequest[] {
    return this.log.requests;
  }

  requestCount(route?: string): number {
    return this.log.count(route);
  }

  /** Forgets requests, misuse and counts; files, tokens and faults stay. */
  resetCounters(): void {
    this.log.reset();
    this.world.misuse.length = 0;
    this.world.lock.rejections = 0;
    this.world.earlyRequests = 0;
    this.world.tokenAnswers = 0;
  }

  /** How many commits came while another one of the account was at work. */
  get lockRejections(): number {
    return this.world.lock.rejections;
  }

  /** How many requests came before the time that a 429 asked to wait was over. */
  get earlyRequests(): number {
    return this.world.earlyRequests;
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

  /** The next `requests` listing requests show the state of now; what is written meanwhile comes in a later delta. */
  freezeListings(requests: number): void {
    this.world.listings.freeze(this.account.tree.journal.sequence, requests);
  }

  /** The next `requests` calls of get_metadata show the state of now. */
  freezeMetadata(requests: number): void {
    this.world.staleMetadata = { sequence: this.account.tree.journal.sequence, requestsLeft: requests };
  }

  /** Every cursor given out so far is answered with `reset`. */
  resetCursors(): void {
    this.world.listings.resetCursors();
  }

  /** Sets the service's clock forward. */
  advanceClock(ms: number): void {
    this.world.clock.advance(ms);
  }

  /** Carries out the batches that still run. */
  async settleJobs(): Promise<void> {
    await this.world.jobs.settle();
  }

  /** Upload sessions that were started and not committed, with the bytes they hold. */
  openSessions(): readonly { readonly id: string; readonly receivedBytes: number; readonly isClosed: boolean }[] {
    return this.world.sessions
      .open()
      .map((session) => ({ id: session.id, receivedBytes: receivedBytes(session), isClosed: session.isClosed }));
  }

  addAccount(options: NewAccount = {}): Account {
    return this.world.accounts.add(options);
  }

  /** New sign-ins open this account from now on; tokens given out before keep theirs. */
  signInAs(account: Account): void {
    this.tokens.signedInAccountId = account.accountId;
  }

  /** The files of an account below the root that the app sees. */
  remoteOf(account: Account): Remote {
    return new Remote(
      account,
      () => this.#rootOf(account),
      () => this.settleJobs(),
    );
  }

  async close(): Promise<void> {
    this.world.jobs.close();
    await Promise.all(Object.values(this.origins).map((origin) => origin.close()));
    await this.world.spool.close();
  }

  #rootOf(account: Account): StorePath {
    return appView(account, this.settings, () => undefined).root;
  }
}
