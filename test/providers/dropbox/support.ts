import type { RemoteFile } from "../../../lib/model/entry.js";
import type { ProviderContext } from "../../../providers/context.js";
import { openDropbox } from "../../../providers/dropbox/dropbox.js";
import type { Provider, Upload, UploadContent } from "../../../providers/provider.js";
import {
  startDropboxEmulator,
  type DropboxEmulator,
  type DropboxEmulatorOptions,
} from "../../emulators/dropbox/emulator.js";
import { uploadOf as uploadAtNoon } from "../../support/builders.js";
import { createContext, type TimedContext } from "../support/context.js";
import { useEmulatorOf } from "../support/emulators.js";
import { virtualTimeOf } from "../support/virtual-time.js";

/** An emulator for each test of a file; one whose client misused the service fails the test. */
export function useEmulator(options: DropboxEmulatorOptions = {}): () => DropboxEmulator {
  return useEmulatorOf(() => startDropboxEmulator({ jobRunsAfterMs: 20, ...options }));
}

interface TestContext extends Pick<Partial<ProviderContext>, "target" | "memory" | "secrets" | "mayWrite"> {
  /** Added to the addresses; by default an access token that is good. */
  readonly settings?: Readonly<Record<string, string>>;
}

export function contextFor(emulator: DropboxEmulator, { settings, ...parts }: TestContext = {}): TimedContext {
  return createContext({
    target: "/Docs",
    ...parts,
    time: virtualTimeOf(emulator),
    settings: {
      DROPBOX_API_URL: emulator.apiUrl,
      DROPBOX_CONTENT_URL: emulator.contentUrl,
      DROPBOX_AUTH_URL: emulator.authUrl,
      ...(settings ?? { DROPBOX_ACCESS_TOKEN: emulator.tokens.issue().accessToken }),
    },
  });
}

export async function openProvider(emulator: DropboxEmulator, options: TestContext = {}): Promise<Provider> {
  const context = contextFor(emulator, options);
  return await openDropbox(context, context.sleep);
}

/** As everywhere, but of a time whose milliseconds the service does not keep. */
export function uploadOf(path: string, content: Buffer | string | UploadContent, replaces?: RemoteFile): Upload {
  const modifiedMs = Date.UTC(2026, 2, 1, 9, 30, 0, 123);
  return uploadAtNoon(path, content, { modifiedMs, ...(replaces === undefined ? {} : { replaces }) });
}
