import { describe, expect, test } from "vitest";
import { SERVICES } from "./services.js";
import { inStory } from "./story.js";
import { useAccount } from "./use-account.js";

/** Requests for which a token is good. */
const USES = 20;
const LEAST_TOKENS = 6;

/** Files on either side. */
const FILES = 100;

/** Small pages make for many requests. Whoever loses the newest refresh token has to sign in again, where the service knows such. */
const SETTINGS: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  Dropbox: {},
  OneDrive: { deltaPageSize: 3, refreshTokens: "rotate-and-revoke" },
  "Yandex Disk": { refreshTokens: "rotate" },
};

describe.each(SERVICES)("$title", ({ title, open }) => {
  const account = useAccount(open);

  test(`a run whose tokens last for ${String(USES)} requests each ends well, and so do the next ones`, async () => {
    await account().adjust({ ...SETTINGS[title], accessTokenUses: USES });
    await inStory(account(), {}, async (story) => {
      for (let i = 0; i < FILES; i++) {
        await story.write(`mine/${String(i)}.txt`, `mine ${String(i)}`);
        await story.writeThere(`theirs/${String(i)}.txt`, `theirs ${String(i)}`);
      }
      await story.job.syncWell();
      const given = await account().tokensGiven();
      console.info(`${title}: ${String(given)} tokens, ${JSON.stringify(await account().requestCounts())}`);
      expect(given, "tokens given out").toBeGreaterThanOrEqual(LEAST_TOKENS);
      expect(Object.keys(await story.expectSame())).toHaveLength(2 * FILES + 2);

      await story.job.syncNothing();
      await account().expireTokens();
      await account().forgetRequests();
      await story.job.syncNothing();
      expect(await account().tokensGiven(), "the stored refresh token is good for another").toBe(1);
    });
  });
});
