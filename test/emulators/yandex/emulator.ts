import type { StartOptions } from "../shared/common-world.js";
import { Emulator } from "../shared/emulator.js";
import type { Origin } from "../shared/origin.js";
import { RequestLog, tally } from "../shared/request-log.js";
import type { Account, NewAccount } from "./accounts.js";
import { assertPossible } from "./assert-possible.js";
import type { Fault } from "./faults.js";
import { openOrigin } from "./origin.js";
import { Remote } from "./remote.js";
import type { Host, LoggedStart } from "./request-log.js";
import { defaultSettings, type Settings } from "./settings.js";
import { createWorld, type World } from "./world.js";

export interface YandexEmulatorOptions extends StartOptions, Partial<Settings> {
  /** What is there from the start: contents of files by path, null for folders. */
  readonly files?: Readonly<Record<string, Buffer | string | null>> | undefined;
}

/** Starts the emulated service on four ports of 127.0.0.1, one for each host of the real one. */
export async function startYandexEmulator(options: YandexEmulatorOptions = {}): Promise<YandexEmulator> {
  const { directory, seed, files = {}, ...settings } = options;
  const world = await createWorld({ ...defaultSettings(), ...settings }, { directory, seed });
  const log = new RequestLog<LoggedStart>();
  const account = world.accounts.add({ login: "ann.example" });
  world.tokens.signedInUid = account.uid;
  const open = async (host: Host): Promise<Origin> => {
    const origin = await openOrigin({ world, log, host });
    world.urls[host] = origin.url;
    return origin;
  };
  const hosts = [open("api"), open("oauth"), open("uploader"), open("downloader")] as const;
  const [api, oauth, uploader, downloader] = await Promise.all(hosts);
  const emulator = new YandexEmulator(world, log, { api, oauth, uploader, downloader }, account);
  emulator.remote.seed(files);
  return emulator;
}

export class YandexEmulator extends Emulator<World, Fault, LoggedStart, Host, Account> {
  readonly remote: Remote = this.remoteOf(this.account);

  /** Replaces `https://cloud-api.yandex.net`; routes are at `/v1/disk/…`. */
  readonly apiUrl = this.origins.api.url;
  /** Replaces `https://oauth.yandex.ru` and `https://oauth.yandex.com`. */
  readonly authUrl = this.origins.oauth.url;
  /** Where upload links lead: in place of `https://uploader1a.disk.yandex.net:443`. */
  readonly uploaderUrl = this.origins.uploader.url;
  /** Where download links lead: in place of `https://downloader.disk.yandex.ru`. */
  readonly downloaderUrl = this.origins.downloader.url;

  /** The URLs and the app as the program's environment variables. */
  get env(): Record<string, string> {
    return {
      YANDEX_API_URL: this.apiUrl,
      YANDEX_AUTH_URL: this.authUrl,
      YANDEX_CLIENT_ID: this.app.id,
      YANDEX_CLIENT_SECRET: this.app.secret,
    };
  }

  /** Throws when the kind can do nothing to requests of the route. */
  override fault(fault: Fault): void {
    assertPossible(fault);
    super.fault(fault);
  }

  countsByRoute(): Readonly<Record<string, number>> {
    return this.requestCounts();
  }

  countsByHost(): Readonly<Record<string, number>> {
    return tally(this.requests.map(({ host }) => host));
  }

  override resetCounters(): void {
    super.resetCounters();
    this.world.rateLimit.refused = 0;
    this.world.writeWatch.refused = 0;
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
}
