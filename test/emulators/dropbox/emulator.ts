import type { StartOptions } from "../shared/common-world.js";
import { Emulator } from "../shared/emulator.js";
import type { Origin } from "../shared/origin.js";
import { RequestLog } from "../shared/request-log.js";
import type { Account, NewAccount } from "./accounts.js";
import type { Fault } from "./faults.js";
import { openOrigin } from "./origin.js";
import type { StorePath } from "./paths.js";
import { Remote } from "./remote.js";
import type { Host, LoggedStart } from "./request-log.js";
import { receivedBytes } from "./sessions.js";
import { defaultSettings, type Settings } from "./settings.js";
import { appView } from "./view.js";
import { createWorld, type World } from "./world.js";

export interface DropboxEmulatorOptions extends StartOptions, Partial<Settings> {
  /** Puts the first account into a team with a shared root of this name. */
  readonly teamName?: string | undefined;
}

/** Starts the emulated service on three ports of 127.0.0.1, one for each host of the real one. */
export async function startDropboxEmulator(options: DropboxEmulatorOptions = {}): Promise<DropboxEmulator> {
  const { directory, seed, teamName, ...settings } = options;
  const world = await createWorld({ ...defaultSettings(), ...settings }, { directory, seed });
  const log = new RequestLog<LoggedStart>();
  const account = world.accounts.add({ displayName: "Ann Example", teamName });
  world.tokens.signedInAccountId = account.accountId;
  const open = (host: Host): Promise<Origin> => openOrigin({ world, log, host });
  const [api, content, auth] = await Promise.all([open("api"), open("content"), open("auth")]);
  world.contentUrl = content.url;
  return new DropboxEmulator(world, log, { api, content, auth }, account);
}

export class DropboxEmulator extends Emulator<World, Fault, LoggedStart, Host, Account> {
  readonly remote: Remote = this.remoteOf(this.account);

  /** Replaces `https://api.dropboxapi.com`; routes are at `/2/…`, the token endpoint at `/oauth2/token`. */
  readonly apiUrl = this.origins.api.url;
  /** Replaces `https://content.dropboxapi.com`. */
  readonly contentUrl = this.origins.content.url;
  /** Replaces `https://www.dropbox.com`; the authorize page is at `/oauth2/authorize`. */
  readonly authUrl = this.origins.auth.url;

  /** The URLs and the app as the program's environment variables. */
  get env(): Record<string, string> {
    return {
      DROPBOX_API_URL: this.apiUrl,
      DROPBOX_CONTENT_URL: this.contentUrl,
      DROPBOX_AUTH_URL: this.authUrl,
      DROPBOX_APP_KEY: this.app.key,
    };
  }

  override resetCounters(): void {
    super.resetCounters();
    this.world.lock.rejections = 0;
  }

  /** How many commits came while another one of the account was at work. */
  get lockRejections(): number {
    return this.world.lock.rejections;
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

  override async close(): Promise<void> {
    this.world.jobs.close();
    await super.close();
  }

  #rootOf(account: Account): StorePath {
    return appView(account, this.settings, () => undefined).root;
  }
}
