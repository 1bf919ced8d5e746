import type { HttpRequest } from "../../../lib/http/types.js";
import type { RemoteFile } from "../../../lib/model/entry.js";
import type { ProviderContext } from "../../../providers/context.js";
import type { Provider, Upload } from "../../../providers/provider.js";
import { openYandex } from "../../../providers/yandex/yandex.js";
import {
  startYandexEmulator,
  type YandexEmulator,
  type YandexEmulatorOptions,
} from "../../emulators/yandex/emulator.js";
import { uploadOf } from "../../support/builders.js";
import { createContext, createHttp, type TimedContext } from "../support/context.js";
import { useEmulatorOf } from "../support/emulators.js";
import { signal } from "../support/signal.js";
import { virtualTimeOf } from "../support/virtual-time.js";
import { withSend } from "../support/with-send.js";

/** An emulator for each test of a file; one whose client misused the service fails the test. */
export function useEmulator(options: YandexEmulatorOptions = {}): () => YandexEmulator {
  return useEmulatorOf(() => startYandexEmulator(options));
}

type Parts = Pick<Partial<ProviderContext>, "target" | "memory" | "secrets" | "mayWrite" | "times">;

export interface TestContext extends Parts {
  /** Added to the addresses; by default a token that is good. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Called before a request goes out: for what happens on this side of the connection. */
  readonly beforeSending?: (request: HttpRequest) => Promise<void>;
  /** How long the answer to an upload is waited for, in real time; by default as long as the provider wants. */
  readonly answerTimeoutMs?: number;
}

export function contextFor(emulator: YandexEmulator, options: TestContext = {}): TimedContext {
  const { settings, beforeSending, answerTimeoutMs, ...parts } = options;
  const time = virtualTimeOf(emulator);
  return createContext({
    target: "/Docs",
    ...parts,
    time,
    settings: {
      YANDEX_API_URL: emulator.apiUrl,
      YANDEX_AUTH_URL: emulator.authUrl,
      ...(settings ?? { YANDEX_TOKEN: emulator.tokens.issue().accessToken }),
    },
    // As many requests a second as there are: keeping to so many would move the service's clock.
    createHttp: ({ requestsPerSecond: _, ...options }) => {
      const http = createHttp(options, time);
      return withSend(http, async (request, aborted) => {
        await beforeSending?.(request);
        const isCut = answerTimeoutMs !== undefined && request.method === "PUT";
        return await http.send(isCut ? { ...request, responseTimeoutMs: answerTimeoutMs } : request, aborted);
      });
    },
  });
}

export async function openProvider(emulator: YandexEmulator, options: TestContext = {}): Promise<Provider> {
  const context = contextFor(emulator, options);
  return await openYandex(context, context.sleep);
}

export async function put(
  provider: Provider,
  path: string,
  content: string | Buffer,
  replaces?: RemoteFile,
): Promise<RemoteFile> {
  return (await provider.upload(uploadOf(path, content, replaces === undefined ? {} : { replaces }), signal)).entry;
}

/** Many small files in a few folders. */
export function smallUploads(count: number, folders = 1): readonly Upload[] {
  return Array.from({ length: count }, (_, i) => uploadOf(`d${i % folders}/f${i}.txt`, `content ${i}`));
}
