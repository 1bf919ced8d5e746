import { describe, expect, test } from "vitest";
import { UsageError } from "../../../lib/model/errors.js";
import type { SecretStore } from "../../../providers/context.js";
import { parseClientFile } from "../../../providers/gphotos/client-file.js";
import { parseTarget } from "../../../providers/gphotos/config.js";
import { gphotosModule } from "../../../providers/gphotos/gphotos.js";
import { APPEND_SCOPE, EDIT_SCOPE } from "../../emulators/gphotos/scopes.js";
import { withRedirectPort } from "../../support/redirect-port.js";
import { createPersonWith, redirectOf, type Person } from "../support/person.js";
import { contextFor, createSecrets, errorOf, listAll, openProvider, put, signal, useEmulator } from "./support.js";

const emulator = useEmulator();

/** A person with a browser: allows what is asked for, and comes back, or copies the address that could not be opened. */
function createPerson(paste = false): Person {
  const { clientId, clientSecret } = emulator().app;
  return createPersonWith({
    paste,
    answers: { "Client id": clientId, "Client secret": clientSecret },
    copyFrom: redirectOf,
  });
}

interface SignedIn {
  readonly secrets: SecretStore;
  readonly settings: Readonly<Record<string, string>>;
  readonly person: ReturnType<typeof createPerson>;
  readonly said: string | undefined;
}

async function signIn(settings: Readonly<Record<string, string>> = {}, paste = false): Promise<SignedIn> {
  const secrets = createSecrets();
  const person = createPerson(paste);
  const said = await gphotosModule.login?.(contextFor(emulator(), { secrets, settings }), person, signal);
  return { secrets, settings, person, said };
}

function fileOf(kind: "installed" | "web"): Readonly<Record<string, string>> {
  const noVariables = { GOOGLE_AUTH_URL: "", GOOGLE_TOKEN_URL: "", GOOGLE_CLIENT_ID: "", GOOGLE_CLIENT_SECRET: "" };
  return { ...noVariables, GOOGLE_CREDENTIALS: JSON.stringify(emulator().clientFile(kind)) };
}

describe("login", () => {
  test("with the id and the secret, through the browser of this machine", async () => {
    const { secrets, said } = await signIn();
    expect(said).toBe("Signed in to Google Photos.");
    const provider = await openProvider(emulator(), { secrets, settings: {} });
    await put(provider, "a/1.jpg");
    expect((await listAll(provider)).names).toEqual(["a/", "a/1.jpg"]);
  });

  test("with the console's file of a desktop app, whose addresses count", async () => {
    const { secrets, settings } = await signIn(fileOf("installed"));
    emulator().tokens.expireAll();
    await put(await openProvider(emulator(), { secrets, settings }), "a/1.jpg");
  });

  test("with the console's file of a web application, back to the very address that is registered", async () => {
    emulator().settings.clientKind = "web";
    emulator().settings.redirectUris = ["https://example.com/back", "http://localhost:53682/oauth"];
    await withRedirectPort(() => signIn(fileOf("web")));
  });

  test("by pasting the address that the browser ends at", async () => {
    const { secrets } = await signIn({}, true);
    await put(await openProvider(emulator(), { secrets, settings: {} }), "a/1.jpg");
  });

  test("asks for the client where none is configured", async () => {
    await signIn({ GOOGLE_CLIENT_ID: "", GOOGLE_CLIENT_SECRET: "" });
  });

  test("warns of clients in testing, whose sign-ins end after a week", async () => {
    emulator().settings.publishing = "testing";
    const { person } = await signIn();
    expect(person.heard.join("\n")).toMatch(/Warning: this sign-in ends in 7 days\. .*"In production"/);
  });

  test("stores nothing where a box was unticked, and names it", async () => {
    emulator().settings.tickedScopes = [APPEND_SCOPE, EDIT_SCOPE];
    const secrets = createSecrets();
    const error = await errorOf(
      gphotosModule.login!(contextFor(emulator(), { secrets, settings: {} }), createPerson(), signal),
    );
    expect(error.code).toBe("unauthorized");
    expect(error.message).toContain('"see what it added" is missing');
    expect(await secrets.read()).toEqual({});
  });

  test("stores nothing where the person declines, or the service is not switched on", async () => {
    const secrets = createSecrets();
    const context = contextFor(emulator(), { secrets, settings: {} });
    emulator().settings.consent = "deny";
    expect((await errorOf(gphotosModule.login!(context, createPerson(), signal))).code).toBe("unauthorized");
    emulator().settings.consent = "approve";
    emulator().settings.serviceDisabled = true;
    expect((await errorOf(gphotosModule.login!(context, createPerson(), signal))).message).toContain(
      "Photos Library API",
    );
    expect(await secrets.read()).toEqual({});
  });
});

describe("the console's file", () => {
  const cases: readonly (readonly [title: string, text: string, words: string])[] = [
    ["of a service account", '{"type":"service_account","client_email":"x@y"}', "service account"],
    ["that is none", "not json", "not JSON"],
    ["of something else", "{}", "Desktop app"],
    [
      "with an address that is not encrypted",
      '{"installed":{"client_id":"a","client_secret":"b","token_uri":"http://x.y/"}}',
      "https://",
    ],
  ];
  test.each(cases)("%s is refused with the reason", (_title, text, words) => {
    expect(() => parseClientFile(text, "GOOGLE_CREDENTIALS_FILE")).toThrow(UsageError);
    expect(() => parseClientFile(text, "GOOGLE_CREDENTIALS_FILE")).toThrow(words);
  });
});

describe("tokens", () => {
  test("are renewed in long runs", async () => {
    emulator().settings.accessTokenUses = 20;
    const provider = await openProvider(emulator());
    for (let i = 0; i < 30; i++) await put(provider, `a/${i}.jpg`);
    expect(emulator().tokenAnswers).toBeGreaterThan(3);
    expect(emulator().remote.items()).toHaveLength(30);
  });

  test("that died after a week say why, and what mends it, and show nothing of themselves", async () => {
    emulator().settings.publishing = "testing";
    const { refreshToken } = emulator().tokens.issue();
    emulator().tokens.revokeAll();
    const provider = await openProvider(emulator(), { settings: { GOOGLE_REFRESH_TOKEN: refreshToken } });
    const error = await errorOf(listAll(provider));
    expect(error.code).toBe("unauthorized");
    expect(error.message).toMatch(/7 days.*trisync login gphotos/);
    expect(error.message).not.toContain(refreshToken);
  });
});

describe("logout", () => {
  test("ends the consent and forgets the tokens", async () => {
    const { secrets, settings } = await signIn();
    await gphotosModule.logout?.(contextFor(emulator(), { secrets, settings }), signal);
    expect(await secrets.read()).toEqual({});
  });
});

describe("targets", () => {
  test.each([
    ["", ""],
    [" Holidays 2026 ", "Holidays 2026"],
    ["a / b", "a / b"],
  ])("%j is %j", (given, expected) => {
    expect(parseTarget(given)).toBe(expected);
  });

  test.each(["/Photos", "a\nb", "x".repeat(501)])("%j is refused", (given) => {
    expect(() => parseTarget(given)).toThrow(UsageError);
  });
});
