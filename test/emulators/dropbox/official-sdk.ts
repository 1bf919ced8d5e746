import { Dropbox, DropboxAuth, DropboxResponseError, type DropboxOptions, type DropboxAuthOptions } from "dropbox";
import type { DropboxEmulator } from "./emulator.js";

/** The official SDK, with only its network function replaced: hosts become the emulator's ports. */
export function sdkFor(emulator: DropboxEmulator, options: DropboxOptions = {}): Dropbox {
  const { accessToken } = emulator.tokens.issue();
  return new Dropbox({ accessToken, ...options, fetch: redirect(emulator) });
}

export function sdkAuthFor(emulator: DropboxEmulator, options: DropboxAuthOptions = {}): DropboxAuth {
  return new DropboxAuth({ clientId: emulator.app.key, ...options, fetch: redirect(emulator) });
}

/** The error as the SDK parsed it: status and body. */
export async function sdkError(call: Promise<unknown>): Promise<{ readonly status: number; readonly error: unknown }> {
  try {
    await call;
  } catch (error) {
    if (error instanceof DropboxResponseError) return { status: error.status, error: error.error };
    throw error;
  }
  throw new Error("the call should have failed");
}

/** Sends a request for one of the service's hosts to the emulator. */
export function redirectedUrl(emulator: DropboxEmulator, url: string): string {
  const origins: Readonly<Record<string, string>> = {
    "https://api.dropboxapi.com": emulator.apiUrl,
    "https://content.dropboxapi.com": emulator.contentUrl,
    "https://www.dropbox.com": emulator.authUrl,
    "https://dropbox.com": emulator.authUrl,
  };
  const { origin } = new URL(url);
  return url.replace(origin, origins[origin] ?? "http://unknown-host.invalid");
}

function redirect(emulator: DropboxEmulator): (url: string, init?: RequestInit) => Promise<Response> {
  return async (url, init) => {
    const response = await fetch(redirectedUrl(emulator, url), init);
    // The SDK expects node-fetch, whose responses have a method that gives a Buffer.
    return Object.assign(response, { buffer: async () => Buffer.from(await response.arrayBuffer()) });
  };
}
