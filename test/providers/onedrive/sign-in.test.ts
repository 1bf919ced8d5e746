import { describe, expect, test } from "vitest";
import { UsageError } from "../../../lib/model/errors.js";
import type { SecretStore } from "../../../providers/context.js";
import { onedriveModule } from "../../../providers/onedrive/onedrive.js";
import type { NoDrive } from "../../emulators/onedrive/accounts.js";
import { uploadOf } from "../../support/builders.js";
import { createCertificate } from "../../support/certificate.js";
import { listAll } from "../support/listings.js";
import { createMemory } from "../support/memory.js";
import { errorOf } from "../support/outcomes.js";
import { createPersonWith, redirectOf, type Person } from "../support/person.js";
import { createSecrets } from "../support/secrets.js";
import { signal } from "../support/signal.js";
import { contextFor, openProvider, personsEnv, useEmulator } from "./support.js";

const emulator = useEmulator();

/** The application's own sign-in. */
const appEnv = (): Record<string, string> => ({ ...emulator().env, ...emulator().appEnv });

/** A person at the terminal: follows the address, and copies the one it ends at; enters codes elsewhere. */
function createPerson(paste: boolean): Person {
  return createPersonWith({
    paste,
    answers: { Application: emulator().app.clientId },
    copyFrom: redirectOf,
    hear: (line) => {
      if (line.includes("enter the code")) emulator().approveDevice();
    },
  });
}

async function usageErrorOf(work: Promise<unknown>): Promise<string> {
  const outcome = await work.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (!(outcome instanceof UsageError)) throw new Error(`expected a UsageError, got ${String(outcome)}`);
  return outcome.message;
}

describe("login", () => {
  const store = (): { secrets: SecretStore; settings: Record<string, string> } => ({
    secrets: createSecrets(),
    settings: { ONEDRIVE_CLIENT_ID: emulator().app.clientId },
  });

  test.each([
    { title: "through a browser", paste: false, more: {} },
    { title: "by pasting the address", paste: true, more: {} },
    { title: "on another device", paste: false, more: { ONEDRIVE_LOGIN: "device" } },
  ])(
    "$title, and the tokens serve later runs",
    async ({ paste, more }) => {
      const { secrets, settings } = store();
      const person = createPerson(paste);
      const context = contextFor(emulator(), { secrets, settings: { ...settings, ...more } });
      // The address of the empty page is Microsoft's, which here is the emulator's.
      emulator().settings.redirectUris = ["http://localhost", `${emulator().loginUrl}/common/oauth2/nativeclient`];
      const said = await onedriveModule.login?.(context, person, signal);
      expect(said).toContain("Ann Example");
      expect(person.asked).toHaveLength(paste ? 1 : 0);
      const stored = JSON.stringify(await secrets.read());
      for (const line of [...person.heard, said]) {
        for (const secret of Object.values(await secrets.read()).filter((value) => value.length > 60)) {
          expect(line).not.toContain(secret);
        }
      }
      const provider = await openProvider(emulator(), { secrets, settings: {} });
      await provider.upload(uploadOf("a.txt", "1"), signal);
      expect(stored).toContain(emulator().app.clientId);
      await onedriveModule.logout?.(context, signal);
      expect(await secrets.read()).toEqual({});
      expect((await errorOf(openProvider(emulator(), { secrets, settings: {} }))).message).toContain(
        "trisync login onedrive",
      );
    },
    20_000,
  );

  test("asks for the application where none is set", async () => {
    const person = createPerson(false);
    await onedriveModule.login?.(contextFor(emulator(), { settings: {} }), person, signal);
    expect(person.asked[0]).toContain("Application (client) id");
  });

  test("that is declined stores nothing", async () => {
    emulator().settings.consent = "deny";
    const { secrets, settings } = store();
    const work = onedriveModule.login?.(contextFor(emulator(), { secrets, settings }), createPerson(false), signal);
    expect(await errorOf(Promise.resolve(work))).toMatchObject({ code: "unauthorized" });
    expect(await secrets.read()).toEqual({});
  });

  test("with a device code that the tenant blocks says so", async () => {
    emulator().settings.deviceFlow = "blocked";
    const settings = { ...store().settings, ONEDRIVE_LOGIN: "device" };
    const work = onedriveModule.login?.(contextFor(emulator(), { settings }), createPerson(false), signal);
    const error = await errorOf(Promise.resolve(work));
    expect(error.code).toBe("unauthorized");
    expect(error.message).toContain("blocks this sign-in");
  });

  test("of an application that signs in by itself is not needed", async () => {
    const work = onedriveModule.login?.(contextFor(emulator(), { settings: appEnv() }), createPerson(false), signal);
    expect(await usageErrorOf(Promise.resolve(work))).toContain("signs in by itself");
    // Every run would take the secret for the application's own sign-in, and never use what login stored.
    const { ONEDRIVE_USER_ID: _, ...withSecret } = appEnv();
    const again = onedriveModule.login?.(contextFor(emulator(), { settings: withSecret }), createPerson(false), signal);
    expect(await usageErrorOf(Promise.resolve(again))).toContain("leave out ONEDRIVE_CLIENT_SECRET");
  });
});

describe("a person's tokens", () => {
  test("are renewed before they expire, and every successor is stored before it is used", async () => {
    const { settings: service } = emulator();
    Object.assign(service, { accessTokenUses: 20, refreshTokens: "rotate" });
    const secrets = createSecrets();
    const settings = personsEnv(emulator());
    const provider = await openProvider(emulator(), { secrets, settings });
    const names = Array.from({ length: 60 }, (_, n) => `f${n}.txt`);
    for (const name of names) await provider.upload(uploadOf(name, name), signal);
    expect(emulator().tokenAnswers).toBeGreaterThan(3);
    expect((await listAll(provider)).entries).toHaveLength(60);
    expect(Object.values(await secrets.read())).not.toContain(settings["ONEDRIVE_REFRESH_TOKEN"]);
  });

  test("that are void end with the command that mends it, and show nothing", async () => {
    const settings = personsEnv(emulator());
    emulator().tokens.revokeAll();
    const error = await errorOf(listAll(await openProvider(emulator(), { settings })));
    expect(error.code).toBe("unauthorized");
    expect(error.message).toContain("trisync login onedrive");
    expect(error.message).not.toContain(settings["ONEDRIVE_REFRESH_TOKEN"]);
  });

  test("without the permission say which one is needed", async () => {
    const { refreshToken } = emulator().tokens.issue({ scopes: ["User.Read", "offline_access"] });
    const settings = { ...emulator().env, ONEDRIVE_REFRESH_TOKEN: refreshToken };
    const error = await errorOf(listAll(await openProvider(emulator(), { settings })));
    expect(error.code).toBe("unauthorized");
    expect(error.message).toContain("Files.ReadWrite");
  });
});

describe("an application by itself", () => {
  const [one, two] = [createCertificate({ name: "one", type: "rsa" }), createCertificate({ name: "two", type: "rsa" })];

  const certificateEnv = (certificate: string, key: string | undefined): Record<string, string> => {
    const { ONEDRIVE_CLIENT_SECRET: _, ...env } = appEnv();
    return {
      ...env,
      ONEDRIVE_CLIENT_CERTIFICATE: certificate,
      ...(key === undefined ? {} : { ONEDRIVE_CLIENT_CERTIFICATE_KEY: key }),
    };
  };

  test("signs in with its secret, once for many runs", async () => {
    const [secrets, memory] = [createSecrets(), createMemory()];
    for (let run = 0; run < 3; run++) {
      const provider = await openProvider(emulator(), { secrets, memory, settings: appEnv() });
      await provider.upload(uploadOf(`${run}.txt`, "1"), signal);
    }
    expect(emulator().tokenAnswers).toBe(1);
    const another = { ...appEnv(), ONEDRIVE_CLIENT_SECRET: "another" };
    expect(await usageErrorOf(listAll(await openProvider(emulator(), { secrets, settings: another })))).toContain(
      "7000215",
    );
  });

  test("signs in with a certificate, its key beside it or in the same file", async () => {
    emulator().addCertificate(one.certificatePem);
    const ways = [
      certificateEnv(one.certificatePem, one.keyPem),
      certificateEnv(one.certificatePem + one.keyPem, undefined),
    ];
    for (const settings of ways) {
      const provider = await openProvider(emulator(), { settings });
      expect((await provider.identify(signal)).account).toBe(emulator().drive.id);
    }
  });

  test("tells what is wrong with a certificate", async () => {
    const refusals = [
      { settings: certificateEnv("no certificate", one.keyPem), says: "expected a certificate in PEM form" },
      { settings: certificateEnv(one.certificatePem, "no key"), says: "expected the private key" },
      { settings: certificateEnv(one.certificatePem, two.keyPem), says: "not the key of" },
      { settings: certificateEnv(two.certificatePem, two.keyPem), says: "700027" },
    ];
    for (const { settings, says } of refusals) {
      const message = await usageErrorOf(openProvider(emulator(), { settings }).then((one) => one.identify(signal)));
      expect(message).toContain(says);
      expect(message).not.toContain("BEGIN");
    }
  });

  test.each([
    { without: "ONEDRIVE_TENANT_ID", says: "ONEDRIVE_TENANT_ID" },
    { without: "ONEDRIVE_CLIENT_ID", says: "ONEDRIVE_CLIENT_ID" },
    { without: "ONEDRIVE_USER_ID", says: "ONEDRIVE_USER_ID" },
  ])("needs $without", async ({ without, says }) => {
    const settings = Object.fromEntries(Object.entries(appEnv()).filter(([name]) => name !== without));
    expect(await usageErrorOf(openProvider(emulator(), { settings }))).toContain(says);
  });

  test("needs a tenant of its own", async () => {
    const settings = { ...appEnv(), ONEDRIVE_TENANT_ID: "common" };
    expect(await usageErrorOf(openProvider(emulator(), { settings }))).toContain("many tenants");
  });

  test.each([
    { variable: "ONEDRIVE_TENANT_ID", value: "22222222-0000-4000-8000-000000000000", says: "tenant" },
    { variable: "ONEDRIVE_CLIENT_ID", value: "22222222-0000-4000-8000-000000000000", says: "ONEDRIVE_CLIENT_ID" },
    { variable: "ONEDRIVE_USER_ID", value: "nobody@contoso.com", says: "ONEDRIVE_USER_ID" },
    { variable: "ONEDRIVE_DRIVE_ID", value: "b!nothing", says: "ONEDRIVE_DRIVE_ID" },
  ])("a wrong $variable is a mistake in the configuration", async ({ variable, value, says }) => {
    const settings = { ...appEnv(), [variable]: value };
    expect(await usageErrorOf(listAll(await openProvider(emulator(), { settings })))).toContain(says);
    emulator().resetCounters();
  });

  test.each<NoDrive>(["mysite", "no-item", "mysite-url", "no-licence", "file-not-found"])(
    "a user without a drive (%s) is told what to do",
    async (noDrive) => {
      const account = emulator().addAccount({ hasDrive: false });
      account.noDrive = noDrive;
      const settings = { ...appEnv(), ONEDRIVE_USER_ID: account.userPrincipalName };
      const message = await usageErrorOf(listAll(await openProvider(emulator(), { settings })));
      expect(message).toMatch(/office\.com|licence/);
    },
  );

  test("a plain not found names all that can be behind it", async () => {
    const account = emulator().addAccount({ hasDrive: false });
    account.noDrive = "no-item";
    const { refreshToken } = emulator().tokens.issue({ userId: account.userId });
    const { ONEDRIVE_TENANT_ID: _, ...env } = emulator().env;
    const person = { ...env, ONEDRIVE_REFRESH_TOKEN: refreshToken };
    const application = { ...appEnv(), ONEDRIVE_USER_ID: account.userPrincipalName };
    const [own, named] = await Promise.all(
      [person, application].map(async (settings) =>
        usageErrorOf(listAll(await openProvider(emulator(), { settings }))),
      ),
    );
    for (const message of [own, named]) {
      for (const part of ["office.com", "licence", "ONEDRIVE_DRIVE_ID", "404 itemNotFound"])
        expect(message).toContain(part);
    }
    expect(named).toContain("ONEDRIVE_USER_ID");
    expect(own).not.toContain("ONEDRIVE_USER_ID");
  });
});

describe("other drives", () => {
  test("a library by its id, signed in as a person and as an application", async () => {
    const library = emulator().addAccount({ kind: "documentLibrary", displayName: "Team" });
    emulator().remoteOf(library).write("/Docs/plan.txt", "1");
    const drive = { ONEDRIVE_DRIVE_ID: library.drive?.id ?? "" };
    for (const env of [personsEnv(emulator()), appEnv()]) {
      const { entries } = await listAll(await openProvider(emulator(), { settings: { ...env, ...drive } }));
      expect(entries.map(({ path: one }) => one)).toEqual(["plan.txt"]);
    }
  });
});
