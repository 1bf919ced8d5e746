import type { SecretStore } from "../../../providers/context.js";

/** What `login` left behind, in memory. */
export function createSecrets(stored: Readonly<Record<string, string>> = {}): SecretStore {
  let values = stored;
  return {
    read: () => Promise.resolve(values),
    update: async (change) => (values = (await change(values)) ?? {}),
  };
}
