import * as z from "zod";
import { isSafeForSecrets } from "../../lib/http/loopback.js";
import { UsageError } from "../../lib/model/errors.js";

/** The OAuth client that the user made in Google's console. */
export interface Client {
  readonly id: string;
  /** Google demands it of desktop clients as well, where it is no real secret. */
  readonly secret: string;
  /** A "web" client is led back to registered addresses only, an "installed" one to any port of this machine. */
  readonly kind: "installed" | "web";
  readonly redirectUris: readonly string[];
  /** Undefined for a client that came without its file. */
  readonly authorizeUrl: string | undefined;
  readonly tokenUrl: string | undefined;
}

const content = z.object({
  client_id: z.string().min(1),
  client_secret: z.string().min(1),
  auth_uri: z.string().optional(),
  token_uri: z.string().optional(),
  redirect_uris: z.array(z.string()).default([]),
});

const file = z.object({
  type: z.string().optional(),
  installed: content.optional(),
  web: content.optional(),
});

/** Reads the JSON that the console gives out for a client. `name` is the variable it came from. Throws `UsageError`. */
export function parseClientFile(text: string, name: string): Client {
  const found = file.safeParse(jsonOf(text, name));
  if (found.data?.type === "service_account") throw serviceAccount(name);
  const { installed, web } = found.data ?? {};
  const client = installed ?? web;
  if (client === undefined) {
    throw new UsageError(
      `${name}: not the file of an OAuth client; download it from https://console.cloud.google.com/apis/credentials ` +
        '(an OAuth client id of the type "Desktop app", or "Web application")',
    );
  }
  return {
    id: client.client_id,
    secret: client.client_secret,
    kind: installed === undefined ? "web" : "installed",
    redirectUris: client.redirect_uris,
    authorizeUrl: addressOf(client.auth_uri, `${name}: auth_uri`),
    tokenUrl: addressOf(client.token_uri, `${name}: token_uri`),
  };
}

function serviceAccount(name: string): UsageError {
  return new UsageError(
    `${name}: this is the key of a service account, and Google Photos lets none in: it has no photo library, and may not act for ` +
      'a person. Make an OAuth client id of the type "Desktop app" instead, and run `trisync login gphotos`',
  );
}

function jsonOf(text: string, name: string): unknown {
  try {
    const json: unknown = JSON.parse(text);
    return json;
  } catch {
    throw new UsageError(`${name}: not JSON; give the file as Google's console hands it out`);
  }
}

/** Secrets are sent there. */
function addressOf(address: string | undefined, name: string): string | undefined {
  if (address === undefined) return undefined;
  if (URL.canParse(address) && isSafeForSecrets(new URL(address))) return address;
  throw new UsageError(`${name}: expected an address that begins with https://`);
}
