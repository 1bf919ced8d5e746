import { describe, expect, test } from "vitest";
import type { LoginDialog } from "../../../providers/context.js";
import { flickrModule } from "../../../providers/flickr/flickr.js";
import {
  contextFor,
  createSecrets,
  errorOf,
  listAll,
  listedFile,
  openProvider,
  put,
  signal,
  codesOf,
  useEmulator,
} from "./support.js";

const emulator = useEmulator();

/** A person at the terminal: follows the address, and copies the code. */
function createPerson(paste: boolean, parts: Partial<LoginDialog> = {}) {
  const heard: string[] = [];
  const asked: string[] = [];
  const dialog: LoginDialog = {
    paste,
    say: (line) => {
      heard.push(line);
    },
    openBrowser: async (url) => {
      await (await fetch(url)).text();
    },
    ask: async (question) => {
      asked.push(question);
      if (question.startsWith("Key")) return emulator().app.key;
      if (question.startsWith("Secret")) return emulator().app.secret;
      const page = await (await fetch(heard.find((line) => line.startsWith("http")) ?? "")).text();
      return ` ${/\d{3}-\d{3}-\d{3}/.exec(page)?.[0] ?? "no code"} `;
    },
    ...parts,
  };
  return { dialog, heard, asked };
}

function app() {
  return { FLICKR_API_KEY: emulator().app.key, FLICKR_API_SECRET: emulator().app.secret };
}

async function signIn(paste: boolean, more: Readonly<Record<string, string>> = {}) {
  const secrets = createSecrets();
  const person = createPerson(paste);
  const context = contextFor(emulator(), { secrets, settings: { ...app(), ...more } });
  const said = await flickrModule.login?.(context, person.dialog, signal);
  return { secrets, said, ...person };
}

describe("login", () => {
  test("through the browser, and the token is good for everything but deletions", async () => {
    const { secrets, said, heard } = await signIn(false);
    expect(said).toMatch(/^Signed in to Flickr as .+, with the permission to write\.$/);
    expect(heard.join()).toContain("perms=write");
    const provider = await openProvider(emulator(), { secrets, settings: {} });
    await put(provider, "A/a.jpg");
    const file = await listedFile(provider, "A/a.jpg");
    const [outcome] = await provider.delete([file], signal);
    expect(outcome?.ok === false && outcome.error.code).toBe("unauthorized");
    expect(outcome?.ok === false && outcome.error.message).toContain("FLICKR_PERMS=delete trisync login flickr");
    expect(emulator().remote.photos()).toHaveLength(1);
  });

  test("by pasting the code, with deletions when they are asked for", async () => {
    const { secrets, said, heard } = await signIn(true, { FLICKR_PERMS: "delete" });
    expect(said).toContain("permission to delete");
    expect(heard.join()).toContain("perms=delete");
    const provider = await openProvider(emulator(), { secrets, settings: {} });
    const file = await put(provider, "A/a.jpg");
    expect(codesOf(await provider.delete([file], signal))).toEqual(["ok"]);
  });

  test("asks for the application where none is configured, and remembers it", async () => {
    const secrets = createSecrets();
    const { dialog, asked } = createPerson(true);
    await flickrModule.login?.(contextFor(emulator(), { secrets, settings: {} }), dialog, signal);
    expect(asked.map((question) => question.split(" ")[0])).toEqual(["Key", "Secret", "Code:"]);
    const provider = await openProvider(emulator(), { secrets, settings: {} });
    expect((await provider.identify(signal)).account).toBe(emulator().account.nsid);
  });

  test("stores nothing when the person declines, or the code is wrong", async () => {
    const secrets = createSecrets();
    const context = contextFor(emulator(), { secrets, settings: app() });
    const wrong = createPerson(true, { ask: () => Promise.resolve("123-456-789") }).dialog;
    const failure = await errorOf(flickrModule.login!(context, wrong, signal));
    expect(failure.code).toBe("unauthorized");
    expect(failure.message).toContain("trisync login flickr");
    emulator().settings.consent = "deny";
    expect((await errorOf(flickrModule.login!(context, createPerson(false).dialog, signal))).code).toBe("unauthorized");
    expect(await secrets.read()).toEqual({});
  });

  test("a wrong secret of the application is told, and not shown", async () => {
    const settings = { ...app(), FLICKR_API_SECRET: "0123456789abcdef" };
    const failure = await errorOf(
      flickrModule.login!(contextFor(emulator(), { settings }), createPerson(true).dialog, signal),
    );
    expect(failure.code).toBe("unauthorized");
    expect(failure.message).toContain("signature_invalid");
    expect(failure.message).not.toMatch(/0123456789abcdef|oauth_consumer_key|%26/);
    expect(emulator().misuse.splice(0)).toEqual(["oauth.request_token: signature_invalid"]);
  });
});

describe("logout", () => {
  test("forgets the token", async () => {
    const { secrets } = await signIn(false);
    expect(Object.keys(await secrets.read()).sort()).toEqual(["apiKey", "apiSecret", "token", "tokenSecret"]);
    await flickrModule.logout?.(contextFor(emulator(), { secrets, settings: {} }), signal);
    expect(await secrets.read()).toEqual({});
  });
});

describe("a token that was revoked", () => {
  test.each(["http", "rest"] as const)("ends with the command that mends it (%s)", async (tokenFailures) => {
    emulator().settings.tokenFailures = tokenFailures;
    const provider = await openProvider(emulator());
    await put(provider, "A/a.jpg");
    emulator().fault({ route: "photosets.getList", kind: "revoked-token" });
    const failure = await errorOf(listAll(provider));
    expect(failure.code).toBe("unauthorized");
    expect(failure.message).toContain("trisync login flickr");
    expect(failure.message).not.toContain(emulator().token.token);
    expect((await errorOf(put(provider, "A/b.jpg"))).code).toBe("unauthorized");
  });

  test("costs no request when the account was checked in an earlier run", async () => {
    const context = contextFor(emulator());
    const first = await flickrModule.open(context);
    await first.identify(signal);
    emulator().resetCounters();
    const second = await flickrModule.open(context);
    expect(await second.identify(signal)).toEqual(await first.identify(signal));
    expect(emulator().requests).toHaveLength(0);
  });
});
