import type { StartOptions } from "../shared/common-world.js";
import { Emulator } from "../shared/emulator.js";
import type { Origin } from "../shared/origin.js";
import { RequestLog } from "../shared/request-log.js";
import type { Account } from "./accounts.js";
import type { Fault } from "./faults.js";
import { clientFile } from "./oauth.js";
import { openOrigin } from "./origin.js";
import type { Quota } from "./quota.js";
import { Remote } from "./remote.js";
import type { Host, LoggedStart } from "./request-log.js";
import { defaultSettings, type Settings } from "./settings.js";
import type { Uploads } from "./uploads.js";
import { createWorld, type World } from "./world.js";

export type GooglePhotosEmulatorOptions = StartOptions & Partial<Settings>;

/** Starts the emulated service on four ports of 127.0.0.1, one for each host of the real one. */
export async function startGooglePhotosEmulator(
  options: GooglePhotosEmulatorOptions = {},
): Promise<GooglePhotosEmulator> {
  const { directory, seed, ...settings } = options;
  const world = await createWorld({ ...defaultSettings(), ...settings }, { directory, seed });
  const log = new RequestLog<LoggedStart>();
  const account = world.accounts.add();
  world.tokens.signedInAccountId = account.accountId;
  const open = (host: Host): Promise<Origin> => openOrigin({ world, log, host });
  const [accounts, oauth, api, image] = await Promise.all([
    open("accounts"),
    open("oauth"),
    open("api"),
    open("image"),
  ]);
  world.imageUrl = image.url;
  return new GooglePhotosEmulator(world, log, { accounts, oauth, api, image }, account);
}

export class GooglePhotosEmulator extends Emulator<World, Fault, LoggedStart, Host, Account> {
  readonly remote: Remote = this.remoteOf(this.account);

  /** Replaces `https://accounts.google.com`; the consent page is at `/o/oauth2/v2/auth`. */
  readonly accountsUrl = this.origins.accounts.url;
  /** Replaces `https://oauth2.googleapis.com`; `/token` and `/revoke`. */
  readonly oauthUrl = this.origins.oauth.url;
  /** Replaces `https://photoslibrary.googleapis.com`; methods and uploads are below `/v1`. */
  readonly apiUrl = this.origins.api.url;

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

  /** Upload tokens and sessions. */
  get uploads(): Uploads {
    return this.world.uploads;
  }

  /** What has been spent of the day's allowances. */
  get quota(): Quota {
    return this.world.quota;
  }

  override resetCounters(): void {
    super.resetCounters();
    this.world.lock.rejections = 0;
    this.world.quota.requestsPastDay = 0;
  }

  /** How many writes came while another one of the account was at work, or during the penalty for that. */
  get lockRejections(): number {
    return this.world.lock.rejections;
  }

  /** How many requests came after the day's allowance was said to be spent. */
  get requestsPastDay(): number {
    return this.world.quota.requestsPastDay;
  }

  /** The next `requests` listings and searches that begin show the items of now; get and batchGet show all. */
  freezeListings(requests: number): void {
    this.world.frozenListings = { atMs: this.world.clock.nowMs(), requestsLeft: requests };
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
}
