import { readFile, stat } from "node:fs/promises";
import type { Settings } from "../../providers/context.js";
import { UsageError } from "../model/errors.js";
import { INDIRECTIONS, isSecretVariable, withoutCredentials } from "./credentials.js";
import { resolvePath } from "./paths.js";
import { runCommand } from "./run-command.js";
import type { World } from "./world.js";

export interface SettingsSources {
  readonly world: World;
  /** The variables of the env file. */
  readonly file: Readonly<Record<string, string>>;
  /** Told every secret value that is found, so that output can be kept free of it. */
  readonly remember: (secret: string) => void;
}

/**
 * Credentials and base URLs by name: given plainly, as NAME_FILE (a path) or as NAME_COMMAND (its output). The environment
 * goes before the env file; in each of them only one of the three may be set. Every name is resolved at most once.
 */
export function createSettings({ world, file, remember }: SettingsSources): Settings {
  const found = new Map<string, Promise<string | undefined>>();
  return {
    get(name) {
      const known = found.get(name);
      if (known !== undefined) return known;
      const value = resolve(name, [world.env, file], world).then((text) => {
        if (text !== undefined && (isSecretVariable(name) || isSecretAddress(text))) remember(text);
        return text;
      });
      found.set(name, value);
      return value;
    },
  };
}

type Variables = Readonly<Record<string, string | undefined>>;

async function resolve(name: string, layers: readonly Variables[], world: World): Promise<string | undefined> {
  for (const layer of layers) {
    const set = ["", ...INDIRECTIONS].map((end) => name + end).filter((variable) => (layer[variable] ?? "") !== "");
    const [variable, another] = set;
    if (another !== undefined) throw new UsageError(`only one of ${set.join(", ")} may be set`);
    if (variable === undefined) continue;
    const value = layer[variable] ?? "";
    if (variable.length === name.length) return value;
    return variable === `${name}_FILE` ? fromFile(variable, value, world) : fromCommand(variable, value, world);
  }
  return undefined;
}

const LARGEST_BYTES = 1_000_000;

async function fromFile(variable: string, value: string, world: World): Promise<string> {
  const file = resolvePath(value, world);
  const text = await readSmallFile(variable, file);
  const trimmed = text.replace(/[\r\n]+$/, "");
  if (trimmed === "") throw new UsageError(`${variable}: ${file} is empty`);
  return trimmed;
}

async function readSmallFile(variable: string, file: string): Promise<string> {
  try {
    if ((await stat(file)).size > LARGEST_BYTES) throw new UsageError(`${variable}: ${file} is too large`);
    return await readFile(file, "utf8");
  } catch (error) {
    if (error instanceof UsageError) throw error;
    const code = error instanceof Error && "code" in error ? String(error.code) : "unknown error";
    throw new UsageError(`${variable}: ${file} cannot be read (${code})`);
  }
}

async function fromCommand(variable: string, command: string, world: World): Promise<string> {
  const result = await runCommand(command, {
    env: withoutCredentials(world.env),
    cwd: world.cwd,
    timeoutMs: 30_000,
    signal: world.signal,
  });
  if (!result.ok) throw new UsageError(`${variable}: the command ${result.reason}`);
  const text = result.output.trim();
  if (text === "") throw new UsageError(`${variable}: the command printed nothing`);
  return text;
}

/** A proxy's address may hold a password. */
function isSecretAddress(text: string): boolean {
  return /^[a-z]+:\/\/[^/\s]*:[^/\s]*@/i.test(text);
}
