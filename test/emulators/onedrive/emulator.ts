import type { StartOptions } from "../shared/common-world.js";
import { Emulator } from "../shared/emulator.js";
import type { Origin } from "../shared/origin.js";
import { RequestLog, tally } from "../shared/request-log.js";
import type { Account, NewAccount } from "./accounts.js";
import { assertPossible } from "./assert-possible.js";
import type { Drive } from "./drive.js";
import type { Fault, ResyncCode } from "./faults.js";
import type { DriveKind } from "./kinds.js";
import { openOrigin } from "./origin.js";
import { Remote } from "./remote.js";
import type { Host, LoggedStart } from "./request-log.js";
import { defaultSettings, type Settings } from "./settings.js";
import { createWorld, type World } from "./world.js";

export interface OneDriveEmulatorOptions extends StartOptions, Partial<Settings> {
  /** What the drive that tests work with is. Default "business". */
  readonly kind?: DriveKind | undefined;
  /** Files to begin with, by path. */
  readonly files?: Readonly<Record<string, string | Buffer>> | undefined;
}

/** Starts the emulated service on three ports of 127.0.0.1: the API, the sign-in, and upload and download URLs. */
export async function startOneDriveEmulator(options: OneDriveEmulatorOptions = {}): Promise<OneDriveEmulator> {
  const { directory, seed, kind = "business", files = {}, ...settings } = options;
  const world = await createWorld({ ...defaultSettings(), ...settings }, { directory, seed });
  const log = new RequestLog<LoggedStart>();
  // A library has no person of its own: somebody of the tenant signs in, who has another drive.
  const person = world.accounts.add({ kind: kind === "documentLibrary" ? "business" : kind });
  const account = kind === "documentLibrary" ? world.accounts.add({ kind, displayName: "Team" }) : person;
  world.tokens.signedInUserId = person.userId;
  const open = (host: Host): Promise<Origin> => openOrigin({ world, log, host });
  const [graph, login, files_] = await Promise.all([open("graph"), open("login"), open("files")]);
  Object.assign(world.urls, { graph: graph.url, login: login.url, files: files_.url });
  const emulator = new OneDriveEmulator(world, log, { graph, login, files: files_ }, { account, person });
  for (const [path, content] of Object.entries(files)) emulator.remote.write(path, content);
  return emulator;
}

export class OneDriveEmulator extends Emulator<World, Fault, LoggedStart, Host, Account> {
  readonly remote: Remote = this.remoteOf(this.account);
  /** Who signs in. Another than `account` only when that is a library. */
  readonly person: Account;

  /** Replaces `https://graph.microsoft.com`; the API is below `/v1.0`. */
  readonly graphUrl = this.origins.graph.url;
  /** Replaces `https://login.microsoftonline.com`; endpoints are at `/{tenant}/oauth2/v2.0/…`. */
  readonly loginUrl = this.origins.login.url;
  /** Where upload and download URLs lead. */
  readonly filesUrl = this.origins.files.url;

  constructor(
    world: World,
    log: RequestLog<LoggedStart>,
    origins: Readonly<Record<Host, Origin>>,
    { account, person }: { readonly account: Account; readonly person: Account },
  ) {
    super(world, log, origins, account);
    this.person = person;
  }

  /** The URLs, the app and the tenant as the program's environment variables; the sign-in is up to the test. */
  get env(): Record<string, string> {
    return {
      ONEDRIVE_API_URL: this.graphUrl,
      ONEDRIVE_AUTH_URL: this.loginUrl,
      ONEDRIVE_CLIENT_ID: this.app.clientId,
      ONEDRIVE_TENANT_ID: this.account.tenantId,
      ...(this.account === this.person ? {} : { ONEDRIVE_DRIVE_ID: this.drive.id }),
    };
  }

  /** What the application's own sign-in needs besides `env`. */
  get appEnv(): Record<string, string> {
    return { ONEDRIVE_CLIENT_SECRET: this.app.clientSecret, ONEDRIVE_USER_ID: this.person.userPrincipalName };
  }

  /** Throws when the kind can do nothing to requests of the route. */
  override fault(fault: Fault): void {
    assertPossible(fault);
    super.fault(fault);
  }

  get drive(): Drive {
    return this.remote.drive;
  }

  /** The tenant of all work accounts. */
  get tenantId(): string {
    return this.world.accounts.tenantId;
  }

  /** How often each route was asked for; members of batches count under "batch/" and their route. */
  override requestCounts(): Readonly<Record<string, number>> {
    return tally(this.requests.flatMap(({ route, members }) => [route, ...members.map((one) => `batch/${one.route}`)]));
  }

  /** The next `requests` deltas show the state of now; what is written meanwhile comes in a later one. */
  freezeDelta(requests: number): void {
    this.world.deltas.freeze(this.drive.sequence, requests);
  }

  /** Every delta link given out so far is answered with 410. */
  resetDelta(code?: ResyncCode): void {
    this.world.deltas.reset(code);
  }

  /** The person enters the code that a device shows, or every code that waits. */
  approveDevice(userCode?: string): void {
    this.tokens.decideDevices("approved", userCode);
  }

  declineDevice(userCode?: string): void {
    this.tokens.decideDevices("declined", userCode);
  }

  /** Registers a certificate for the app, in PEM. */
  addCertificate(pem: string): void {
    this.app.certificates.push(pem);
  }

  /** Upload sessions that were started and neither completed nor cancelled, with the bytes they hold. */
  openSessions(): readonly { readonly id: string; readonly name: string; readonly receivedBytes: number }[] {
    return this.world.sessions.open().map(({ id, name, receivedBytes }) => ({ id, name, receivedBytes }));
  }

  addAccount(options: NewAccount = {}): Account {
    return this.world.accounts.add(options);
  }

  /** New sign-ins open this account from now on; tokens given out before keep theirs. */
  signInAs(account: Account): void {
    this.tokens.signedInUserId = account.userId;
  }

  /** The files of another account. */
  remoteOf(account: Account): Remote {
    return new Remote(account);
  }
}
