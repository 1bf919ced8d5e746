import type { CommandOptions } from "../config/job-options.js";
import { loadProvider } from "../config/remote.js";
import { createSecretStore } from "../config/secrets.js";
import type { World } from "../config/world.js";
import { createHttpClient } from "../http/client.js";
import type { ProviderMemory } from "../state/types.js";
import { VERSION } from "../version.js";
import type { ProviderContext, ProviderModule } from "../../providers/context.js";
import { createRunId } from "./run-id.js";

export interface Account {
  readonly name: string;
  readonly module: ProviderModule;
  readonly account: ProviderContext;
}

/** A provider without a job, to sign in or out. `given`: "dropbox", or a whole REMOTE. Throws `UsageError`. */
export async function openAccount(given: string, options: CommandOptions, world: World): Promise<Account> {
  const [name = ""] = given.split(":");
  const module = await loadProvider(name);
  const account: ProviderContext = {
    target: "",
    settings: options.settings,
    memory: createPassingMemory(),
    known: { find: () => undefined },
    secrets: createSecretStore({ dir: options.stateDir, provider: name }),
    createHttp: (http) => createHttpClient({ ...http, userAgent: `trisync/${VERSION}`, proxy: options.proxy }),
    files: world.files,
    now: world.now,
    runId: createRunId(world.now()),
    trashDays: 0,
    times: "keep",
    mayWrite: false,
  };
  return { name, module, account };
}

/** Signing in belongs to no job, so there is nothing to remember beyond it. */
function createPassingMemory(): ProviderMemory {
  const values = new Map<string, string>();
  return {
    get: (name) => values.get(name),
    set: (name, value) => {
      if (value === undefined) values.delete(name);
      else values.set(name, value);
    },
    entries: (prefix) => [...values].filter(([name]) => name.startsWith(prefix)),
  };
}
