/** Variables whose values nobody but the service may see. */
const SECRET_VARIABLES = [
  "YANDEX_TOKEN",
  "YANDEX_CLIENT_SECRET",
  "YANDEX_REFRESH_TOKEN",
  "DROPBOX_APP_SECRET",
  "DROPBOX_REFRESH_TOKEN",
  "DROPBOX_ACCESS_TOKEN",
  "ONEDRIVE_CLIENT_SECRET",
  "ONEDRIVE_CLIENT_CERTIFICATE",
  "ONEDRIVE_CLIENT_CERTIFICATE_KEY",
  "ONEDRIVE_REFRESH_TOKEN",
  "FLICKR_API_SECRET",
  "FLICKR_OAUTH_TOKEN",
  "FLICKR_OAUTH_TOKEN_SECRET",
  "GOOGLE_CREDENTIALS",
  "GOOGLE_CLIENT_SECRET",
  "GOOGLE_REFRESH_TOKEN",
] as const;

/** Variables that say who the program or the account is; not secret, and still no business of a child process. */
const IDENTITY_VARIABLES = [
  "YANDEX_CLIENT_ID",
  "DROPBOX_APP_KEY",
  "ONEDRIVE_CLIENT_ID",
  "ONEDRIVE_TENANT_ID",
  "ONEDRIVE_USER_ID",
  "ONEDRIVE_DRIVE_ID",
  "FLICKR_API_KEY",
  "GOOGLE_CLIENT_ID",
] as const;

/** The ways to give a credential besides plainly. */
export const INDIRECTIONS = ["_FILE", "_COMMAND"] as const;

const SECRETS: ReadonlySet<string> = new Set(SECRET_VARIABLES);

const PRIVATE: ReadonlySet<string> = new Set(
  [...SECRET_VARIABLES, ...IDENTITY_VARIABLES].flatMap((name) => [name, ...INDIRECTIONS.map((end) => name + end)]),
);

/** True for a variable whose value must never be shown. */
export function isSecretVariable(name: string): boolean {
  return SECRETS.has(name);
}

/** The environment for child processes: what the user's programs may need, and none of the credentials. */
export function withoutCredentials(
  env: Readonly<Record<string, string | undefined>>,
): Record<string, string | undefined> {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !PRIVATE.has(name)));
}
