import type { StartOptions } from "../shared/common-world.js";
import { Emulator } from "../shared/emulator.js";
import type { Origin } from "../shared/origin.js";
import { RequestLog } from "../shared/request-log.js";
import type { Account } from "./accounts.js";
import type { Fault } from "./faults.js";
import { openOrigin } from "./origin.js";
import { Remote } from "./remote.js";
import type { Host, LoggedStart } from "./request-log.js";
import { defaultSettings, type Settings } from "./settings.js";
import type { AccessToken } from "./tokens.js";
import { createWorld, type World } from "./world.js";

export type FlickrEmulatorOptions = StartOptions & Partial<Settings>;

/** Starts the emulated service on four ports of 127.0.0.1, one for each host of the real one. */
export async function startFlickrEmulator(options: FlickrEmulatorOptions = {}): Promise<FlickrEmulator> {
  const { directory, seed, ...settings } = options;
  const world = await createWorld({ ...defaultSettings(), ...settings }, { directory, seed });
  const log = new RequestLog<LoggedStart>();
  const account = world.accounts.add();
  world.tokens.signedInNsid = account.nsid;
  const open = (host: Host): Promise<Origin> => openOrigin({ world, log, host });
  const [www, api, up, image] = await Promise.all([open("www"), open("api"), open("up"), open("image")]);
  world.siteUrl = www.url;
  world.imageUrl = image.url;
  return new FlickrEmulator(world, log, { www, api, up, image }, account);
}

export class FlickrEmulator extends Emulator<World, Fault, LoggedStart, Host, Account> {
  readonly remote: Remote = this.remoteOf(this.account);
  /** Signed in to `account` with all that may be allowed; it is the one in `env`. */
  readonly token: AccessToken = this.tokens.issue({ nsid: this.account.nsid });

  /** Replaces `https://www.flickr.com`: signing in is below `/services/oauth`. */
  readonly authUrl = this.origins.www.url;
  /** Replaces `https://api.flickr.com`; methods are called at `/services/rest/`. */
  readonly apiUrl = this.origins.api.url;
  /** Replaces `https://up.flickr.com`; `/services/upload/` and `/services/replace/`. */
  readonly uploadUrl = this.origins.up.url;
  /** Replaces `https://live.staticflickr.com`; addresses come in answers. */
  readonly imageUrl = this.origins.image.url;

  /** Addresses given out from now on lead there: for clients that know the real names only. */
  useNames({ imageUrl, siteUrl }: { readonly imageUrl: string; readonly siteUrl: string }): void {
    this.world.imageUrl = imageUrl;
    this.world.siteUrl = siteUrl;
  }

  /** The URLs, the key and a token as the program's environment variables. */
  get env(): Record<string, string> {
    return {
      FLICKR_API_URL: this.apiUrl,
      FLICKR_UPLOAD_URL: this.uploadUrl,
      FLICKR_AUTH_URL: this.authUrl,
      FLICKR_API_KEY: this.app.key,
      FLICKR_API_SECRET: this.app.secret,
      FLICKR_OAUTH_TOKEN: this.token.token,
      FLICKR_OAUTH_TOKEN_SECRET: this.token.secret,
    };
  }

  override resetCounters(): void {
    super.resetCounters();
    this.world.rateLimit.requestsPastLimit = 0;
    this.world.imageLane.reset();
  }

  /** How many calls came while the hour was used up. */
  get requestsPastLimit(): number {
    return this.world.rateLimit.requestsPastLimit;
  }

  /** How many calls of the last hour count. */
  get requestsInHour(): number {
    return this.world.rateLimit.requestsInHour;
  }

  /** As if so many calls had been made just now. */
  spendRequests(count: number): void {
    this.world.rateLimit.spend(count);
  }

  /** The most downloads that were under way at once, and how many got 429. */
  get imageTraffic(): { readonly peak: number; readonly rejections: number } {
    const { peak, rejections } = this.world.imageLane;
    return { peak, rejections };
  }

  /** Tickets that are neither done nor failed. */
  get openTickets(): number {
    this.world.tickets.settle();
    return this.world.tickets.working;
  }

  /** The next `requests` listings show the photos and sets of now; getInfo and getSizes show those of their time. */
  freezeListings(requests: number): void {
    const accounts = this.world.accounts.all();
    const views = new Map(accounts.map(({ nsid, library }) => [nsid, library.snapshot()]));
    this.world.frozenListings = { views, requestsLeft: requests };
  }

  addAccount(names: { username?: string; fullname?: string } = {}): Account {
    return this.world.accounts.add(names);
  }

  /** New sign-ins open this account from now on; tokens given out before keep theirs. */
  signInAs(account: Account): void {
    this.tokens.signedInNsid = account.nsid;
  }

  /** The photos of an account. */
  remoteOf(account: Account): Remote {
    return new Remote(account, this.world);
  }
}
