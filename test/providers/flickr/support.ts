import { createHash } from "node:crypto";
import type { RemoteFile, RemoteFolder } from "../../../lib/model/entry.js";
import { toSyncPath } from "../../../lib/model/path.js";
import type { ProviderContext } from "../../../providers/context.js";
import { openFlickr } from "../../../providers/flickr/flickr.js";
import type { Provider } from "../../../providers/provider.js";
import {
  startFlickrEmulator,
  type FlickrEmulator,
  type FlickrEmulatorOptions,
} from "../../emulators/flickr/emulator.js";
import { sampleJpeg } from "../../emulators/gphotos/samples.js";
import { uploadOf, type UploadParts } from "../../support/builders.js";
import { createContext, type TimedContext } from "../support/context.js";
import { useEmulatorOf } from "../support/emulators.js";
import { listAll as listAllOf, type Listed } from "../support/listings.js";
import { codesOf } from "../support/outcomes.js";
import { signal } from "../support/signal.js";
import { virtualTimeOf } from "../support/virtual-time.js";

export { buffer as readAll } from "node:stream/consumers";
export { createMemory, type Memory } from "../support/memory.js";
export { codesOf, errorOf } from "../support/outcomes.js";
export { createSecrets } from "../support/secrets.js";
export { signal } from "../support/signal.js";
export { waitedMs } from "../support/virtual-time.js";

/** An emulator for each test of a file; one whose client misused the service fails the test. */
export function useEmulator(options: FlickrEmulatorOptions = {}): () => FlickrEmulator {
  return useEmulatorOf(() => startFlickrEmulator(options));
}

export interface TestContext extends Pick<Partial<ProviderContext>, "memory" | "secrets" | "albums" | "known"> {
  /** Takes the place of the credentials; the addresses stay. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Added to all others. */
  readonly more?: Readonly<Record<string, string>>;
}

export function contextFor(emulator: FlickrEmulator, options: TestContext = {}): TimedContext {
  const { settings, more, ...parts } = options;
  const { FLICKR_API_URL, FLICKR_UPLOAD_URL, FLICKR_AUTH_URL, ...credentials } = emulator.env;
  return createContext({
    albums: "flat",
    ...parts,
    time: virtualTimeOf(emulator),
    settings: { FLICKR_API_URL, FLICKR_UPLOAD_URL, FLICKR_AUTH_URL, ...(settings ?? credentials), ...more },
  });
}

export async function openProvider(emulator: FlickrEmulator, options: TestContext = {}): Promise<Provider> {
  const context = contextFor(emulator, options);
  return await openFlickr(context, context.sleep);
}

/** A listing that tells what is gone or was moved fails the test: there is no cursor to go on from. */
export async function listAll(provider: Provider): Promise<Listed> {
  const listed = await listAllOf(provider);
  const strange = listed.changes.find(({ kind }) => kind === "gone" || kind === "moved");
  if (strange !== undefined) throw new Error(`a full listing holds no ${strange.kind}`);
  return listed;
}

/** A picture that is another one for each text. */
export function picture(text: string): Buffer {
  return sampleJpeg(text);
}

export function hashOf(content: Buffer): string {
  return `md5:${createHash("md5").update(content).digest("hex")}`;
}

export async function put(
  provider: Provider,
  path: string,
  content: Buffer = picture(path),
  parts: UploadParts = {},
): Promise<RemoteFile> {
  return (await provider.upload(uploadOf(path, content, parts), signal)).entry;
}

export async function listedFile(provider: Provider, path: string): Promise<RemoteFile> {
  const entry = (await listAll(provider)).entries.find((one) => one.path === path);
  if (entry?.kind !== "file") throw new Error(`no file at ${path}`);
  return entry;
}

export async function listedFolder(provider: Provider, path: string): Promise<RemoteFolder> {
  const entry = (await listAll(provider)).entries.find((one) => one.path === path);
  if (entry?.kind !== "folder") throw new Error(`no folder at ${path}`);
  return entry;
}

export async function move(provider: Provider, entry: RemoteFile | RemoteFolder, to: string): Promise<string> {
  return codesOf(await provider.move([{ entry, to: toSyncPath(to) }], signal)).join();
}
