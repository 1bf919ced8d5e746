import { mkdtemp, readFile, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { OPTIONS, variableOf } from "../lib/config/option-table.js";
import { createHttpClient } from "../lib/http/client.js";
import { nodeFileSystem } from "../lib/local/file-system.js";
import type { ProviderContext } from "../providers/context.js";
import { PROVIDERS } from "../providers/index.js";
import type { Capabilities } from "../providers/provider.js";
import { capabilityTable } from "./support/capability-table.js";

const ROOT = path.resolve(import.meta.dirname, "..");

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), "trisync-readme-"));
});
afterAll(() => rm(folder, { recursive: true }));

describe("the documents tell the truth", () => {
  it("README: the capability table is what the providers say of themselves", async () => {
    const readme = await readFile(path.join(ROOT, "README.md"), "utf8");
    const table = /<!-- capabilities:start -->(.*)<!-- capabilities:end -->/s.exec(readme)?.[1] ?? "";
    const capabilities = new Map<string, Capabilities>();
    for (const name of Object.keys(PROVIDERS).sort()) capabilities.set(name, await capabilitiesOf(name, folder));
    expect(cellsOf(table)).toEqual(capabilityTable(capabilities));
  });

  it(".env.example: has every option, and no other", async () => {
    const example = await readFile(path.join(ROOT, ".env.example"), "utf8");
    const named = [...example.matchAll(/^#(TRISYNC_\w+)=/gm)].map(([, name]) => name);
    // The variable that names the env file cannot stand in one.
    const options = OPTIONS.map(({ name }) => variableOf(name)).filter((name) => name !== "TRISYNC_ENV_FILE");
    expect(named.sort()).toEqual(options.sort());
  });
});

/** The cells of a Markdown table, without the line below its header. */
function cellsOf(table: string): string[][] {
  const lines = table.split("\n").filter((line) => line.startsWith("|") && !/^[|\s:-]+$/.test(line));
  return lines.map((line) =>
    line
      .slice(1, line.lastIndexOf("|"))
      .split("|")
      .map((cell) => cell.trim()),
  );
}

async function capabilitiesOf(name: string, target: string): Promise<Capabilities> {
  const module = await PROVIDERS[name]!.load();
  const provider = await module.open(contextFor(target));
  await provider.close(AbortSignal.timeout(1000));
  return provider.capabilities;
}

/** One way to sign in for each provider that asks for one. */
const SIGN_INS: ReadonlySet<string> = new Set([
  "DROPBOX_ACCESS_TOKEN",
  "FLICKR_API_KEY",
  "FLICKR_API_SECRET",
  "FLICKR_OAUTH_TOKEN",
  "FLICKR_OAUTH_TOKEN_SECRET",
  "GOOGLE_CLIENT_ID",
  "GOOGLE_CLIENT_SECRET",
  "GOOGLE_REFRESH_TOKEN",
  "ONEDRIVE_CLIENT_ID",
  "ONEDRIVE_REFRESH_TOKEN",
  "YANDEX_TOKEN",
]);

/** Enough to open a provider with; whoever sends a request with it fails. */
function contextFor(target: string): ProviderContext {
  return {
    target,
    settings: { get: (name) => Promise.resolve(SIGN_INS.has(name) ? "made-up" : undefined) },
    memory: { get: () => undefined, set: () => undefined, entries: () => [] },
    known: { find: () => undefined },
    secrets: { read: () => Promise.resolve({}), update: (change) => change({}).then((values) => values ?? {}) },
    createHttp: ({ scheme, tokens }) => createHttpClient({ scheme, tokens, userAgent: "test", proxy: {} }),
    files: nodeFileSystem,
    now: Date.now,
    runId: "20260301T093000Z-1a2b",
    trashDays: 30,
    times: "keep",
    mayWrite: false,
  };
}
