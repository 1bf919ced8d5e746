import type { RemoteFile } from "../../../lib/model/entry.js";
import type { ProviderContext } from "../../../providers/context.js";
import { openGooglePhotos } from "../../../providers/gphotos/gphotos.js";
import type { Provider, Upload } from "../../../providers/provider.js";
import {
  startGooglePhotosEmulator,
  type GooglePhotosEmulator,
  type GooglePhotosEmulatorOptions,
} from "../../emulators/gphotos/emulator.js";
import { sampleJpeg } from "../../emulators/gphotos/samples.js";
import { uploadOf, type UploadParts } from "../../support/builders.js";
import { createContext, type TimedContext } from "../support/context.js";
import { useEmulatorOf } from "../support/emulators.js";
import { signal } from "../support/signal.js";
import { virtualTimeOf, type Time } from "../support/virtual-time.js";

export { listAll } from "../support/listings.js";
export { createMemory } from "../support/memory.js";
export { codesOf, errorOf } from "../support/outcomes.js";
export { createSecrets } from "../support/secrets.js";
export { signal } from "../support/signal.js";

/** An emulator for each test of a file; one whose client misused the service fails the test. */
export function useEmulator(options: GooglePhotosEmulatorOptions = {}): () => GooglePhotosEmulator {
  return useEmulatorOf(() => startGooglePhotosEmulator({ quotaWaitMs: 0, ...options }));
}

export interface TestContext extends Pick<Partial<ProviderContext>, "target" | "memory" | "secrets" | "albums"> {
  /** Added to the addresses and the client; by default a refresh token that is good. */
  readonly settings?: Readonly<Record<string, string>>;
  /** How far its clock is ahead of the service's. */
  readonly aheadMs?: number;
  /** Told of every wait. */
  readonly waits?: number[];
}

export function contextFor(emulator: GooglePhotosEmulator, options: TestContext = {}): TimedContext {
  const { settings, aheadMs = 0, waits = [], ...parts } = options;
  const { sleep, now } = virtualTimeOf(emulator);
  const time: Time = {
    now: () => now() + aheadMs,
    sleep: async (ms, aborted) => {
      aborted.throwIfAborted();
      waits.push(ms);
      await sleep(ms, aborted);
    },
  };
  return createContext({
    albums: "flat",
    ...parts,
    time,
    settings: {
      ...emulator.env,
      ...(settings ?? { GOOGLE_REFRESH_TOKEN: emulator.tokens.issue().refreshToken }),
    },
  });
}

export async function openProvider(emulator: GooglePhotosEmulator, options: TestContext = {}): Promise<Provider> {
  const context = contextFor(emulator, options);
  return await openGooglePhotos(context, context.sleep);
}

/** Different for each name. */
export function photo(name: string, paddingBytes = 0): Buffer {
  return sampleJpeg(name, { paddingBytes });
}

export function photoUpload(path: string, content = photo(path), parts: UploadParts = {}): Upload {
  return { ...uploadOf(path, content, parts), resumeKey: `key of ${path}` };
}

export async function put(
  provider: Provider,
  path: string,
  content?: Buffer,
  parts?: UploadParts,
): Promise<RemoteFile> {
  return (await provider.upload(photoUpload(path, content, parts), signal)).entry;
}

/** Many small photos in a few albums. */
export function photoUploads(count: number, albums = 1): readonly Upload[] {
  const perAlbum = Math.ceil(count / albums);
  return Array.from({ length: count }, (_, i) => photoUpload(`album ${Math.floor(i / perAlbum)}/photo ${i}.jpg`));
}

/** File names by album, in its order. */
export function albumsOf(emulator: GooglePhotosEmulator): Readonly<Record<string, readonly string[]>> {
  const albums = emulator.remote.albums();
  return Object.fromEntries(albums.map(({ title, items }) => [title, items.map(({ filename }) => filename)] as const));
}
