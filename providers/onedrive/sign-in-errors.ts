import type { OAuthErrorBody } from "../../lib/http/oauth-errors.js";
import { ProviderError, UsageError } from "../../lib/model/errors.js";

/**
 * What Microsoft's sign-in says about mistakes in the configuration, which another sign-in would not mend. Undefined for everything else.
 * The numbers are those of its error codes (AADSTS…); they may change, so that an unknown one is told by the standard's word.
 */
export function explainSignIn(operation: string, { error, description = "" }: OAuthErrorBody): Error | undefined {
  const number = /\bAADSTS(\d{4,8})\b/.exec(description)?.[1] ?? "";
  const mistake = MISTAKES[number];
  if (mistake !== undefined) return new UsageError(`${operation}: ${mistake} (AADSTS${number})`);
  const block = BLOCKS[number];
  if (block !== undefined) return new ProviderError("unauthorized", `${operation}: ${block} (AADSTS${number})`);
  if (error === "interaction_required") {
    const message = `${operation}: Microsoft wants a person to sign in again; run \`trisync login onedrive\``;
    return new ProviderError("unauthorized", number === "" ? message : `${message} (AADSTS${number})`);
  }
  return undefined;
}

const ONE_TENANT = "set ONEDRIVE_TENANT_ID to the id of the tenant that the application is registered in";

const MISTAKES: Readonly<Record<string, string>> = {
  "7000215": "ONEDRIVE_CLIENT_SECRET is not the secret of the application; copy its value, not its id",
  "7000222":
    "ONEDRIVE_CLIENT_SECRET has expired; make a new one at the application's page, under Certificates & secrets",
  "700027": "the certificate in ONEDRIVE_CLIENT_CERTIFICATE is not one of the application's; upload it at its page",
  "7000218":
    'the application asks for a secret: set "Allow public client flows" to yes at its page, or give ONEDRIVE_CLIENT_SECRET beside ONEDRIVE_REFRESH_TOKEN',
  "700025": "the application takes no secret, because it is a public one; remove ONEDRIVE_CLIENT_SECRET",
  "700016": "no application with this ONEDRIVE_CLIENT_ID is known in the tenant; check it and ONEDRIVE_TENANT_ID",
  "90002": "there is no tenant with this ONEDRIVE_TENANT_ID",
  "9002331": "the application is for personal accounts only; set ONEDRIVE_TENANT_ID=consumers",
  "9002332": `the application is not for personal accounts; ${ONE_TENANT}`,
  "50194": `the application belongs to one tenant; ${ONE_TENANT}`,
  "9001023": `an application cannot sign in by itself for many tenants; ${ONE_TENANT}`,
  "50011": "the redirect address is not registered: add http://localhost under Mobile and desktop applications",
  "90133": `this sign-in does not work for many tenants at once; ${ONE_TENANT}`,
  "70011": "the application may not ask for these permissions; check them at its page",
  "1002012": "the application may not ask for these permissions; check them at its page",
};

const BLOCKED = "a rule of the company blocks this sign-in; ask its administrator, or sign in with a browser";

const BLOCKS: Readonly<Record<string, string>> = {
  "53003": BLOCKED,
  "530036": BLOCKED,
  "65001":
    "the application was not allowed to do this yet; run `trisync login onedrive`, or have an administrator consent",
};
