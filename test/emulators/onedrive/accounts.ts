import type { Chance } from "../shared/chance.js";
import type { Clock } from "../shared/clock.js";
import { Drive } from "./drive.js";
import { newGuid, normalDriveId } from "./ids.js";
import { type DriveKind, isPersonal } from "./kinds.js";

/** The tenant of all personal accounts. */
export const CONSUMERS_TENANT = "9188040d-6c67-4c5b-b112-36a304b66dad";

/** A person with a drive, or a SharePoint site with its library. */
export interface Account {
  readonly kind: DriveKind;
  readonly tenantId: string;
  readonly userId: string;
  readonly userPrincipalName: string;
  readonly displayName: string;
  /** Only set for a library: its person has a drive of another kind. */
  readonly site: Site | undefined;
  /** Undefined for somebody who never opened OneDrive, see `noDrive`. */
  drive: Drive | undefined;
  /** How the service says that there is no drive. */
  noDrive: NoDrive;
  /** The grant to sign in is void: the next use of a refresh token is refused. */
  isRevoked: boolean;
}

export interface Site {
  readonly id: string;
  readonly host: string;
  readonly path: string;
  readonly name: string;
}

export type NoDrive = "mysite" | "no-item" | "mysite-url" | "no-licence" | "file-not-found";

export interface NewAccount {
  readonly kind?: DriveKind | undefined;
  readonly displayName?: string | undefined;
  readonly hasDrive?: boolean | undefined;
}

/** People and sites of the emulated service. All work accounts are in one tenant. */
export class Accounts {
  readonly tenantId: string;
  readonly tenantDomain = "contoso.onmicrosoft.com";
  readonly #accounts: Account[] = [];

  constructor(
    private readonly clock: Clock,
    private readonly chance: Chance,
  ) {
    this.tenantId = newGuid(chance);
  }

  add({ kind = "business", displayName = "Ann Example", hasDrive = true }: NewAccount = {}): Account {
    const number = String(this.#accounts.length + 1);
    const first = (displayName.split(" ")[0] ?? displayName).toLowerCase();
    const drive = hasDrive ? new Drive(kind, this.clock, this.chance) : undefined;
    const site =
      kind === "documentLibrary" && drive !== undefined
        ? {
            id: `contoso.sharepoint.com,${drive.ids.siteId ?? ""},${newGuid(this.chance)}`,
            host: "contoso.sharepoint.com",
            path: `/sites/team${number}`,
            name: `Team ${number}`,
          }
        : undefined;
    const account: Account = {
      kind,
      tenantId: isPersonal(kind) ? CONSUMERS_TENANT : this.tenantId,
      userId: isPersonal(kind) ? (drive?.id ?? newGuid(this.chance)) : newGuid(this.chance),
      userPrincipalName: `${first}${number}@${isPersonal(kind) ? "outlook.com" : "contoso.com"}`,
      displayName,
      site,
      drive,
      noDrive: "mysite",
      isRevoked: false,
    };
    this.#accounts.push(account);
    return account;
  }

  all(): readonly Account[] {
    return this.#accounts;
  }

  /** By id or by principal name. A site is no user. */
  user(name: string): Account | undefined {
    const wanted = name.toLowerCase();
    return this.#accounts.find(
      ({ userId, userPrincipalName, site }) =>
        site === undefined && (userId === wanted || userPrincipalName.toLowerCase() === wanted),
    );
  }

  byUserId(userId: string): Account | undefined {
    return this.#accounts.find((account) => account.userId === userId);
  }

  byDrive(driveId: string): Account | undefined {
    const wanted = normalDriveId(driveId);
    return this.#accounts.find(({ drive }) => drive !== undefined && normalDriveId(drive.id) === wanted);
  }

  /** By id, whole or only its middle part, or by `host:/path`. */
  site(name: string): Account | undefined {
    return this.#accounts.find(({ site }) => {
      if (site === undefined) return false;
      const [, guid] = site.id.split(",");
      return [site.id, guid, `${site.host}:${site.path}`, "root"].includes(name);
    });
  }
}
