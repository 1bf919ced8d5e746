import type { Account, NewAccount } from "./accounts.js";
import type { Fault } from "./faults.js";
import { type Origin, openOrigin } from "./origin.js";
import { Remote } from "./remote.js";
import { type Host, type LoggedRequest, RequestLog } from "./request-log.js";
import { defaultSettings, type Settings } from "./settings.js";
import { Spool } from "./spool.js";
import type { App, Tokens } from "./tokens.js";
import { createWorld, type World } from "./world.js";

export interface YandexEmulatorOptions extends Partial<Settings> {
  /** Where large contents are kept while it runs. Default: the system's directory for temporary files. */
  readonly directory?: string | undefined;
  /** The seed of everything random: ids, orders. Default 1. */
  readonly seed?: number | undefined;
  /** What is there from the start: contents of files by path, null for folders. */
  readonly files?: Readonly<Record<string, Buffer | string | null>> | undefined;
}

/** Starts the emulated service on four ports of 127.0.0.1, one for each host of the real one. */
export async function startYandexEmulator(options: YandexEmulatorOptions = {}): Promise<YandexEmulator> {
  const { directory, seed = 1, files = {}, ...settings } = options;
  const all: Settings = { ...defaultSettings(), ...settings };
  const world = createWorld(all, await Spool.create(all, directory), seed);
  const log = new RequestLog();
  const account = world.accounts.add({ login: "ann.example" });
  world.tokens.signedInUid = account.uid;
  const open = async (host: Host): Promise<Origin> => {
    const origin = await openOrigin(world, log, host);
    world.urls[host] = origin.url;
    return origin;
  };
  const [api, oauth, uploader, downloader] = await Promise.all([
    open("api"),
    open("oauth"),
    open("uploader"),
    open("downloader"),
  ]);
  const emulator = new YandexEmulator(world, log, { api, oauth, uploader, downloader }, account);
  emulator.remote.seed(files);
  return emulator;
}

/** A running emulator. Everything that a test may see or change hangs here. */
export class YandexEmulator {
  readonly remote: Remote;

  constructor(
    private readonly world: World,
    private readonly log: RequestLog,
    /** The four servers; their listeners serve TLS as well, see tls.ts. */
    readonly origins: Readonly<Record<Host, Origin>>,
    readonly account: Account,
  ) {
    this.remote = this.remoteOf(account);
  }

  /** Replaces `https://cloud-api.yandex.net`; routes are at `/v1/disk/…`. */
  get apiUrl(): string {
    return this.origins.api.url;
  }

  /** Replaces `https://oauth.yandex.ru` and `https://oauth.yandex.com`. */
  get authUrl(): string {
    return this.origins.oauth.url;
  }

  /** Where upload links lead: in place of `https://uploader1a.disk.yandex.net:443`. */
  get uploaderUrl(): string {
    return this.origins.uploader.url;
  }

  /** Where download links lead: in place of `https://downloader.disk.yandex.ru`. */
  get downloaderUrl(): string {
    return this.origins.downloader.url;
  }

  /** The URLs and the app as the program's environment variables. */
  get env(): Record<string, string> {
    return {
      YANDEX_API_URL: this.apiUrl,
      YANDEX_AUTH_URL: this.authUrl,
      YANDEX_CLIENT_ID: this.app.id,
      YANDEX_CLIENT_SECRET: this.app.secret,
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

  countsByRoute(): Readonly<Record<string, number>> {
    return this.log.countsByRoute();
  }

  countsByHost(): Readonly<Record<string, number>> {
    return this.log.countsByHost();
  }

  /** Forgets requests, misuse and counts; files, tokens and faults stay. */
  resetCounters(): void {
    this.log.reset();
    this.world.misuse.length = 0;
    this.world.rateLimit.refused = 0;
    this.world.writeWatch.refused = 0;
    this.world.earlyRequests = 0;
    this.world.tokenAnswers = 0;
  }

  /** How many API requests were more than the rate limit allows. */
  get rateLimited(): number {
    return this.world.rateLimit.refused;
  }

  /** The most API requests that came within any one second. */
  get peakRate(): number {
    return this.world.rateLimit.peak;
  }

  /** How many writes met another one, or an operation, at work in the same place. */
  get lockRejections(): number {
    return this.world.writeWatch.refused;
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

  /** Sets the service's clock forward: links and tokens expire, late files appear. */
  advanceClock(ms: number): void {
    this.world.clock.advance(ms);
  }

  /** Lets everything happen that is under way: operations end, late files appear. */
  settle(): void {
    this.world.schedule.settleAll();
  }

  /** Upload links that were given out and never used: each is a request for nothing. */
  unusedLinks(): readonly string[] {
    return this.world.links.unused();
  }

  /** Device codes that wait for the person; `remote` code of a test may approve or deny them. */
  answerDevice(userCode: string, answer: "approve" | "deny"): void {
    this.world.tokens.answerDevice(userCode, answer);
  }

  addAccount(options: NewAccount = {}): Account {
    return this.world.accounts.add(options);
  }

  /** New sign-ins open this account from now on; tokens given out before keep theirs. */
  signInAs(account: Account): void {
    this.tokens.signedInUid = account.uid;
  }

  remoteOf(account: Account): Remote {
    return new Remote(account, this.world);
  }

  async close(): Promise<void> {
    await Promise.all(Object.values(this.origins).map((origin) => origin.close()));
    await this.world.spool.close();
  }
}
