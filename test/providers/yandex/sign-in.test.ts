import { describe, expect, test } from "vitest";
import type { SecretStore } from "../../../providers/context.js";
import { yandexModule } from "../../../providers/yandex/yandex.js";
import { withRedirectPort } from "../../support/redirect-port.js";
import { listAll } from "../support/listings.js";
import { errorOf } from "../support/outcomes.js";
import { createPersonWith, textAt, type Person } from "../support/person.js";
import { createSecrets } from "../support/secrets.js";
import { signal } from "../support/signal.js";
import { contextFor, openProvider, put, useEmulator } from "./support.js";

const emulator = useEmulator({ deviceIntervalSeconds: 0.05 });

/** A person at the terminal: follows the address, and copies the code. */
function createPerson(paste: boolean): Person {
  const { id, secret } = emulator().app;
  return createPersonWith({
    paste,
    answers: { ClientID: id, "Client secret": secret },
    copyFrom: async (url) => /id="code">([^<]+)</.exec(await textAt(url))?.[1] ?? "no code",
    openBrowser: async (url) => {
      if (url.startsWith(emulator().authUrl)) await fetch(url);
    },
  });
}

function store(more: Readonly<Record<string, string>> = {}): {
  secrets: SecretStore;
  settings: Record<string, string>;
} {
  const { id, secret } = emulator().app;
  return { secrets: createSecrets(), settings: { YANDEX_CLIENT_ID: id, YANDEX_CLIENT_SECRET: secret, ...more } };
}

async function signIn(paste: boolean, more: Readonly<Record<string, string>> = {}) {
  const { secrets, settings } = store(more);
  const person = createPerson(paste);
  const context = contextFor(emulator(), { secrets, settings });
  const said = await yandexModule.login?.(context, person, signal);
  return { secrets, settings, person, context, said };
}

describe("login", () => {
  test("by pasting the code that the verification page shows", async () => {
    const { secrets, person, said } = await signIn(true);
    expect(said).toContain("ann.example");
    expect(person.heard.join()).toContain("code_challenge_method=S256");
    emulator().remote.write("/Docs/a", "1");
    const provider = await openProvider(emulator(), { secrets, settings: {} });
    expect((await listAll(provider)).names).toEqual(["a"]);
  });

  test("by a code for another device", async () => {
    emulator().settings.consent = "wait";
    const { secrets, settings } = store();
    const person = createPerson(false);
    const signedIn = yandexModule.login?.(contextFor(emulator(), { secrets, settings }), person, signal);
    const code = await heardCode(person.heard);
    emulator().answerDevice(code, "approve");
    expect(await signedIn).toContain("ann.example");
    expect(person.heard).toContain("https://ya.ru/device");
  });

  test("through the browser, back to a fixed address of this machine", async () => {
    const { said, secrets } = await withRedirectPort(() => signIn(false, { YANDEX_LOGIN: "browser" }));
    expect(said).toContain("ann.example");
    expect(Object.keys(await secrets.read())).toContain("clientId");
  });

  test("asks for the application where none is configured, and remembers it", async () => {
    const secrets = createSecrets();
    const person = createPerson(true);
    await yandexModule.login?.(contextFor(emulator(), { secrets, settings: {} }), person, signal);
    expect(person.asked.slice(0, 2).map((question) => question.slice(0, 8))).toEqual(["ClientID", "Client s"]);
    emulator().tokens.expireAll();
    const provider = await openProvider(emulator(), { secrets, settings: {} });
    expect((await provider.identify(signal)).account).toBe(emulator().account.uid);
  });

  test("stores nothing when the person declines, or the code is wrong", async () => {
    const { secrets, settings } = store();
    const wrong = { ...createPerson(true), ask: () => Promise.resolve("wrong") };
    const context = contextFor(emulator(), { secrets, settings });
    expect((await errorOf(yandexModule.login!(context, wrong, signal))).code).toBe("unauthorized");
    emulator().settings.consent = "deny";
    expect((await errorOf(yandexModule.login!(context, createPerson(false), signal))).code).toBe("unauthorized");
    expect(await secrets.read()).toEqual({});
  });

  test("for the folder of the application alone does without the account's name", async () => {
    emulator().settings.appScopes = ["cloud_api:disk.app_folder"];
    const { said, secrets } = await signIn(true);
    expect(said).toBe("Signed in to Yandex Disk.");
    const provider = await openProvider(emulator(), { target: "app:/", secrets, settings: {} });
    await put(provider, "a.txt", "1");
  });
});

describe("logout", () => {
  test("makes the tokens void and forgets them", async () => {
    const { secrets, context } = await signIn(true);
    await yandexModule.logout?.(context, signal);
    expect(await secrets.read()).toEqual({});
    expect(emulator().tokens.validRefreshTokens).toEqual([]);
    await yandexModule.logout?.(context, signal);
  });

  test("forgets them also when the service has done so already, or cannot be reached", async () => {
    const first = await signIn(true);
    emulator().tokens.revokeAll();
    await yandexModule.logout?.(first.context, signal);
    expect(await first.secrets.read()).toEqual({});
    const second = await signIn(true);
    emulator().fault({ route: "POST revoke_token", kind: "cut-before", times: 20 });
    expect((await errorOf(yandexModule.logout!(second.context, signal))).code).toBe("unavailable");
    expect(await second.secrets.read()).toEqual({});
    emulator().clearFaults();
  });
});

describe("tokens", () => {
  test("of short life are renewed, and each new refresh token is stored before it is used", async () => {
    emulator().settings.accessTokenUses = 20;
    const { refreshToken } = emulator().tokens.issue();
    const { secrets, settings } = store({ YANDEX_REFRESH_TOKEN: refreshToken });
    const provider = await openProvider(emulator(), { secrets, settings });
    for (let i = 0; i < 60; i += 1) await put(provider, `f${i}.txt`, `${i}`);
    expect((await listAll(provider)).names).toHaveLength(60);
    expect(emulator().tokenAnswers).toBeGreaterThan(5);
    const [valid] = emulator().tokens.validRefreshTokens;
    expect(Object.values(await secrets.read())).toContain(valid);
    // The one in the environment is void by now; its successor is what counts.
    const later = await openProvider(emulator(), { secrets, settings });
    expect((await listAll(later)).names).toHaveLength(60);
  });

  test("of long life are renewed after a quarter of a year, before the refresh token ends", async () => {
    const { refreshToken } = emulator().tokens.issue();
    const { secrets, settings } = store({ YANDEX_REFRESH_TOKEN: refreshToken });
    await (await openProvider(emulator(), { secrets, settings })).identify(signal);
    expect(emulator().tokenAnswers).toBe(1);
    const day = 86_400_000;
    for (const [days, answers] of [
      [80, 1],
      [91, 2],
    ] as const) {
      const context = contextFor(emulator(), { secrets, settings });
      const provider = await (
        await import("../../../providers/yandex/yandex.js")
      ).openYandex({
        ...context,
        now: () => Date.now() + days * day,
      });
      await provider.identify(signal);
      expect(emulator().tokenAnswers).toBe(answers);
    }
  });

  test("that are void end with the command that mends it", async () => {
    const { refreshToken } = emulator().tokens.issue();
    emulator().tokens.revokeAll();
    const provider = await openProvider(emulator(), { ...store({ YANDEX_REFRESH_TOKEN: refreshToken }) });
    const error = await errorOf(provider.identify(signal));
    expect(error.code).toBe("unauthorized");
    expect(error.message).toContain("trisync login yandex");
    expect(error.message).not.toContain(refreshToken);
  });
});

async function heardCode(heard: readonly string[]): Promise<string> {
  for (;;) {
    const code = /enter the code (\S+):/.exec(heard.join("\n"))?.[1];
    if (code !== undefined) return code;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
