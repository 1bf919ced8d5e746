import { createHttpClient } from "../../../lib/http/client.js";
import type { Sleep } from "../../../lib/http/sleep.js";
import type { HttpClient } from "../../../lib/http/types.js";
import { nodeFileSystem } from "../../../lib/local/file-system.js";
import type { HttpOptions, ProviderContext } from "../../../providers/context.js";
import { createMemory } from "./memory.js";
import { createSecrets } from "./secrets.js";
import type { Time } from "./virtual-time.js";

interface ContextParts extends Partial<Omit<ProviderContext, "settings">> {
  readonly time: Time;
  /** The environment; what is empty there counts as unset. */
  readonly settings: Readonly<Record<string, string | undefined>>;
}

/** With the waiting that some providers are handed besides. */
export type TimedContext = ProviderContext & { readonly sleep: Sleep };

/** A first run of a job that may do everything, with what `parts` says in the place of that. */
export function createContext({ time, settings, ...parts }: ContextParts): TimedContext {
  return {
    target: "",
    settings: { get: (name) => Promise.resolve(settings[name] === "" ? undefined : settings[name]) },
    memory: createMemory(),
    known: { find: () => undefined },
    secrets: createSecrets(),
    createHttp: (options) => createHttp(options, time),
    files: nodeFileSystem,
    now: time.now,
    runId: "20260301T093000Z-test",
    trashDays: 30,
    times: "keep",
    mayWrite: true,
    ...parts,
    sleep: time.sleep,
  };
}

export function createHttp(options: HttpOptions, time: Time): HttpClient {
  return createHttpClient({ ...options, ...time, userAgent: "trisync/test" });
}
