import { createHash } from "node:crypto";
import { isSafeForSecrets } from "../../lib/http/loopback.js";
import { ProviderError, UsageError } from "../../lib/model/errors.js";
import type { SecretStore, Settings } from "../context.js";

/** Where the service is; both can be replaced by a variable, for national clouds. None ends in a slash. */
export interface Addresses {
  /** Microsoft Graph, without the version. */
  readonly api: string;
  /** Where tokens come from. */
  readonly auth: string;
}

/** How this run proves who it is. */
export type SignIn =
  | {
      /** The application itself, without a person: work and school accounts only. */
      readonly kind: "application";
      readonly clientId: string;
      readonly tenant: string;
      readonly proof: ApplicationProof;
    }
  | {
      readonly kind: "refresh-token";
      readonly clientId: string;
      readonly tenant: string;
      /** Only for applications that are registered with one. */
      readonly clientSecret: string | undefined;
      readonly refreshToken: string;
    }
  | {
      readonly kind: "login";
      readonly clientId: string;
      readonly tenant: string;
      /** Another one after every `login`. */
      readonly signInId: string;
    };

export type ApplicationProof =
  | { readonly kind: "secret"; readonly secret: string }
  | { readonly kind: "certificate"; readonly certificatePem: string; readonly keyPem: string };

/** Which drive the job is about. */
export type DriveChoice =
  | { readonly kind: "own" }
  | { readonly kind: "user"; readonly user: string }
  | { readonly kind: "drive"; readonly id: string };

/** Names under which `login` stores, beside the tokens, whose they are. */
export const STORED = { clientId: "clientId", tenant: "tenant", signInId: "signInId" } as const;

/** Whoever signs in, of a company or at home. */
export const ANY_TENANT = "common";

/** Authorities that stand for many tenants. An application by itself belongs to one. */
const SHARED_TENANTS: ReadonlySet<string> = new Set([ANY_TENANT, "organizations", "consumers"]);

/**
 * Checks what follows "onedrive:". "/Documents/Work" is that folder; "" and "/" are the whole drive, which comes back as
 * "/". Upper and lower case are left as they are: the service does not tell them apart, but a folder that trisync makes
 * shall be called what the user wrote.
 */
export function parseTarget(target: string): string {
  const path = target.normalize("NFC").replace(/\/+$/, "");
  if (path === "") return "/";
  const hint = `expected a path like onedrive:/Documents, got ${JSON.stringify(`onedrive:${target}`)}`;
  if (!path.startsWith("/")) throw new UsageError(`the path must begin with "/": ${hint}`);
  for (const part of path.slice(1).split("/")) {
    if (part === "" || part === "." || part === "..") throw new UsageError(`"${part}" is not a folder name: ${hint}`);
    if (/["*:<>?\\|\0-\x1f\x7f]/.test(part)) {
      throw new UsageError(`OneDrive takes none of " * : < > ? \\ | and no control character in a name: ${hint}`);
    }
  }
  return path;
}

export async function readAddresses(settings: Settings): Promise<Addresses> {
  return {
    api: await readAddress(settings, "ONEDRIVE_API_URL", GRAPH),
    auth: await readAddress(settings, "ONEDRIVE_AUTH_URL", "https://login.microsoftonline.com"),
  };
}

/** What the user configured outranks what `login` stored; a person's token outranks the application's own credentials. */
export async function readSignIn(settings: Settings, secrets: SecretStore): Promise<SignIn> {
  const clientId = await settings.get("ONEDRIVE_CLIENT_ID");
  const tenant = await readTenant(settings);
  const clientSecret = await settings.get("ONEDRIVE_CLIENT_SECRET");
  const refreshToken = await settings.get("ONEDRIVE_REFRESH_TOKEN");
  if (refreshToken !== undefined) {
    if (clientId === undefined) throw new UsageError("ONEDRIVE_REFRESH_TOKEN needs ONEDRIVE_CLIENT_ID beside it");
    return { kind: "refresh-token", clientId, tenant: tenant ?? ANY_TENANT, clientSecret, refreshToken };
  }
  const proof = await readProof(settings, clientSecret);
  if (proof !== undefined) return toApplication(clientId, tenant, proof);
  const stored = await secrets.read();
  const [storedId, storedTenant, signInId] = [stored[STORED.clientId], stored[STORED.tenant], stored[STORED.signInId]];
  if (storedId !== undefined && signInId !== undefined) {
    return { kind: "login", clientId: storedId, tenant: storedTenant ?? ANY_TENANT, signInId };
  }
  throw notSignedIn();
}

/** Throws `UsageError` where an application signs in by itself and nothing says whose drive is meant. */
export async function readDriveChoice(settings: Settings, signIn: SignIn): Promise<DriveChoice> {
  const id = await settings.get("ONEDRIVE_DRIVE_ID");
  if (id !== undefined) return { kind: "drive", id: id.trim() };
  if (signIn.kind !== "application") return { kind: "own" };
  const user = await settings.get("ONEDRIVE_USER_ID");
  if (user !== undefined) return { kind: "user", user: user.trim() };
  throw new UsageError(
    "an application that signs in by itself has no drive of its own: set ONEDRIVE_USER_ID to the id or address of the user " +
      "whose OneDrive is meant, or ONEDRIVE_DRIVE_ID",
  );
}

const GRAPH = "https://graph.microsoft.com";

/** What permissions are asked for: Microsoft Graph of the cloud at hand. An address on this machine stands in for the usual one. */
export function resourceOf({ api }: Addresses): string {
  const { protocol, origin } = new URL(api);
  return protocol === "https:" ? origin : GRAPH;
}

/** A name, an address or an id goes into the path of the sign-in: nothing else may. */
export async function readTenant(settings: Settings): Promise<string | undefined> {
  const tenant = (await settings.get("ONEDRIVE_TENANT_ID"))?.trim();
  if (tenant === undefined || /^[A-Za-z0-9][A-Za-z0-9.-]{0,200}$/.test(tenant)) return tenant;
  throw new UsageError("ONEDRIVE_TENANT_ID: expected the id of a tenant, or a domain like contoso.onmicrosoft.com");
}

/** How many days a listing of changes is trusted before everything is listed anew. Throws `UsageError`. */
export async function readFullListingMs(settings: Settings): Promise<number> {
  const text = await settings.get("ONEDRIVE_FULL_LISTING_DAYS");
  if (text === undefined) return FULL_LISTING_DAYS * DAY_MS;
  const days = Number(text);
  if (/^\d+(\.\d+)?$/.test(text.trim()) && days <= 3650) return days * DAY_MS;
  throw new UsageError(
    "ONEDRIVE_FULL_LISTING_DAYS: expected a number of days, such as 7; 0 lists everything in every run",
  );
}

const FULL_LISTING_DAYS = 7;
const DAY_MS = 24 * 3600 * 1000;

export function notSignedIn(): ProviderError {
  return new ProviderError("unauthorized", `not signed in to OneDrive: ${SIGN_IN}`);
}

/** What mends a missing or refused sign-in. */
export const SIGN_IN =
  "run `trisync login onedrive`, or set ONEDRIVE_CLIENT_ID and ONEDRIVE_REFRESH_TOKEN, or, for an application, " +
  "ONEDRIVE_CLIENT_ID, ONEDRIVE_TENANT_ID and ONEDRIVE_CLIENT_SECRET";

/** Tells whether two runs used the same sign-in and drive, without keeping anything of it: the start of a SHA-256. */
export function fingerprintOf(signIn: SignIn, choice: DriveChoice, addresses: Addresses): string {
  const proof = signIn.kind === "application" ? [] : Object.values(signIn);
  const text = JSON.stringify([addresses.api, signIn.kind, signIn.clientId, signIn.tenant, proof, choice]);
  return createHash("sha256").update(text).digest("hex").slice(0, 16);
}

/** The certificate's file may hold the key as well. */
async function readProof(settings: Settings, secret: string | undefined): Promise<ApplicationProof | undefined> {
  const certificatePem = await settings.get("ONEDRIVE_CLIENT_CERTIFICATE");
  const keyPem = await settings.get("ONEDRIVE_CLIENT_CERTIFICATE_KEY");
  if (certificatePem === undefined && keyPem !== undefined) {
    throw new UsageError("ONEDRIVE_CLIENT_CERTIFICATE_KEY needs ONEDRIVE_CLIENT_CERTIFICATE beside it");
  }
  if (certificatePem === undefined) return secret === undefined ? undefined : { kind: "secret", secret };
  if (secret !== undefined) {
    throw new UsageError("only one of ONEDRIVE_CLIENT_SECRET and ONEDRIVE_CLIENT_CERTIFICATE may be set");
  }
  return { kind: "certificate", certificatePem, keyPem: keyPem ?? certificatePem };
}

function toApplication(clientId: string | undefined, tenant: string | undefined, proof: ApplicationProof): SignIn {
  if (clientId === undefined || tenant === undefined) {
    throw new UsageError(
      "an application that signs in by itself needs ONEDRIVE_CLIENT_ID and ONEDRIVE_TENANT_ID beside its secret or certificate",
    );
  }
  if (SHARED_TENANTS.has(tenant.toLowerCase())) {
    throw new UsageError(
      `ONEDRIVE_TENANT_ID: "${tenant}" stands for many tenants; an application that signs in by itself needs the id of its own. ` +
        "Personal accounts take no application sign-in: run `trisync login onedrive` instead",
    );
  }
  return { kind: "application", clientId, tenant, proof };
}

async function readAddress(settings: Settings, name: string, usual: string): Promise<string> {
  const given = (await settings.get(name)) ?? usual;
  if (!URL.canParse(given) || !isSafeForSecrets(new URL(given))) {
    throw new UsageError(`${name}: expected an address that begins with https://`);
  }
  return given.replace(/\/+$/, "");
}
