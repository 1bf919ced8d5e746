import { Linter } from "eslint";
import { describe, expect, it } from "vitest";
import { layers } from "../../scripts/lint-layers.mjs";

const linter = new Linter({ cwd: "/project" });

/** The complaints about one line of code in a file of that name. */
function lint(file: string, code: string): readonly string[] {
  const config: Linter.Config = {
    files: ["**/*.ts"],
    plugins: { trisync: { rules: { layers } } },
    rules: { "trisync/layers": "error" },
  };
  return linter.verify(code, config, `/project/${file}`).map(({ message }) => message);
}

const forbidden = [
  ["the model knows nothing but itself", "lib/model/path.ts", 'import { plan } from "../engine/plan.js";'],
  ["the model reads no file", "lib/model/path.ts", 'import fs from "node:fs";'],
  [
    "the engine knows no provider's name",
    "lib/engine/run.ts",
    'import { x } from "../../providers/dropbox/dropbox.js";',
  ],
  ["nor through a dynamic import", "lib/engine/run.ts", 'const x = import("../../providers/dropbox/dropbox.js");'],
  ["nor through the registry", "lib/engine/run.ts", 'import { PROVIDERS } from "../../providers/index.js";'],
  ["pure files of the engine use no module of Node", "lib/engine/decide.ts", 'import { hash } from "node:crypto";'],
  ["and call nothing that acts", "lib/engine/decide.ts", 'import { openFolder } from "../local/open-folder.js";'],
  [
    "a provider does not know the engine",
    "providers/dropbox/api.ts",
    'import { plan } from "../../lib/engine/plan.js";',
  ],
  ["nor another provider", "providers/dropbox/api.ts", 'export { ask } from "../folder/api.js";'],
  ["nor the local folder", "providers/dropbox/api.ts", 'export * from "../../lib/local/scan.js";'],
  ["folder: speaks no HTTP", "providers/folder/api.ts", 'import { x } from "../../lib/http/client.js";'],
  ["only the registry imports providers", "lib/commands/login.ts", 'import("../../providers/dropbox/dropbox.js");'],
  ["only bin touches the process", "lib/commands/sync.ts", 'import process from "node:process";'],
] as const;

const allowed = [
  ["the engine sees the contract", "lib/engine/decide.ts", 'import { x } from "../../providers/provider.js";'],
  ["a provider uses HTTP", "providers/dropbox/api.ts", 'import { x } from "../../lib/http/client.js";'],
  ["folder: uses the local folder", "providers/folder/api.ts", 'import { x } from "../../lib/local/scan.js";'],
  ["a provider has files of its own", "providers/dropbox/api.ts", 'import { x } from "./schemas.js";'],
  ["the registry imports providers", "providers/index.ts", 'const x = import("./dropbox/dropbox.js");'],
  ["bin touches the process", "bin/cli.ts", 'import process from "node:process";'],
  ["packages are everybody's", "lib/http/client.ts", 'import got from "got";'],
] as const;

describe("the layers of the program, as a lint rule", () => {
  it.each(forbidden)("%s", (_, file, code) => {
    expect(lint(file, code)).toEqual([expect.stringMatching(/may not import/)]);
  });

  it.each(allowed)("%s", (_, file, code) => {
    expect(lint(file, code)).toEqual([]);
  });
});
