import type { HttpAnswer, HttpRequest } from "../../../lib/http/types.js";
import type { ProviderContext } from "../../../providers/context.js";
import { openOneDrive } from "../../../providers/onedrive/onedrive.js";
import type { Provider } from "../../../providers/provider.js";
import {
  startOneDriveEmulator,
  type OneDriveEmulator,
  type OneDriveEmulatorOptions,
} from "../../emulators/onedrive/emulator.js";
import { createContext, createHttp, type TimedContext } from "../support/context.js";
import { useEmulatorOf } from "../support/emulators.js";
import { virtualTimeOf } from "../support/virtual-time.js";
import { withSend } from "../support/with-send.js";
import { createKnownMirror, type KnownMirror } from "./known-mirror.js";

/** An emulator for each test of a file, with the folder /Docs. A client that misuses the service fails the test. */
export function useEmulator(options: OneDriveEmulatorOptions = {}): () => OneDriveEmulator {
  return useEmulatorOf(async () => {
    const emulator = await startOneDriveEmulator(options);
    emulator.remote.mkdir("/Docs");
    return emulator;
  });
}

/** From now on what is new is shown late, and a change is answered without a body. What is there already is shown. */
export function showLate(emulator: OneDriveEmulator, itemLagMs: number): void {
  emulator.advanceClock(itemLagMs);
  Object.assign(emulator.settings, { itemLagMs, updateAnswer: "no-content" });
}

interface TestContext extends Pick<Partial<ProviderContext>, "target" | "memory" | "secrets" | "mayWrite"> {
  readonly mirror?: KnownMirror;
  /** Added to the addresses; by default a refresh token that is good. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Changes what the provider gets to see: answers that the service is not known to give, and might. */
  readonly alter?: (request: HttpRequest, answer: HttpAnswer) => HttpAnswer;
}

/** What a person's sign-in leaves behind, as environment variables. */
export function personsEnv(emulator: OneDriveEmulator): Record<string, string> {
  const { ONEDRIVE_TENANT_ID: _, ...env } = emulator.env;
  return { ...env, ONEDRIVE_REFRESH_TOKEN: emulator.tokens.issue().refreshToken };
}

export type OpenContext = TimedContext & { readonly mirror: KnownMirror };

export function contextFor(emulator: OneDriveEmulator, options: TestContext = {}): OpenContext {
  const { settings, alter, mirror = createKnownMirror(), ...parts } = options;
  const time = virtualTimeOf(emulator);
  const context = createContext({
    target: "/Docs",
    ...parts,
    known: mirror.known,
    time,
    settings: {
      ONEDRIVE_API_URL: emulator.graphUrl,
      ONEDRIVE_AUTH_URL: emulator.loginUrl,
      ...(settings ?? personsEnv(emulator)),
    },
    createHttp: (options) => {
      const http = createHttp(options, time);
      if (alter === undefined) return http;
      return withSend(http, async (request, aborted) => alter(request, await http.send(request, aborted)));
    },
  });
  return { ...context, mirror };
}

export async function openProvider(emulator: OneDriveEmulator, options: TestContext = {}): Promise<Provider> {
  const context = contextFor(emulator, options);
  return context.mirror.follow(await openOneDrive(context, context.sleep));
}
