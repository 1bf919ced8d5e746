import { afterAll, afterEach, beforeAll } from "vitest";
import type { CloudAccount } from "./cloud-account.js";

/** One account for the tests of a file or a group. After each test it has seen no misuse, and behaves well again. */
export function useAccount<Account extends CloudAccount>(open: () => Promise<Account>): () => Account {
  let account: Account | undefined;
  const current = (): Account => {
    if (account === undefined) throw new Error("the account is opened before the first test");
    return account;
  };
  beforeAll(async () => {
    account = await open();
  });
  afterEach(async () => {
    await current().clearFaults();
    await current().resetSettings();
    await current().forgetRequests();
  });
  afterAll(async () => {
    await account?.close();
  });
  return current;
}
