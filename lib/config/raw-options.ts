import { join } from "node:path";
import { closest } from "./closest.js";
import { readEnvFile } from "./env-file.js";
import type { EnvFile } from "./env-file.js";
import { Mistakes } from "./mistakes.js";
import { OPTIONS, optionsOf, variableOf } from "./option-table.js";
import type { CommandName, OptionSpec } from "./option-table.js";
import { parseList } from "./parse-list.js";
import { resolvePath } from "./paths.js";
import type { World } from "./world.js";

/** One option as the user wrote it, and how to name it in a message: "--mode" or "TRISYNC_MODE in /home/u/.env". */
export interface RawValue {
  readonly value: string | readonly string[];
  readonly source: string;
}

/** Everything the user said, gathered but not yet checked. */
export interface RawOptions {
  readonly values: ReadonlyMap<string, RawValue>;
  /** What is wrong so far. */
  readonly mistakes: Mistakes;
  /** For stderr: nothing that stops the run. */
  readonly warnings: readonly string[];
  readonly envFile: EnvFile;
  /** Where a missing option was looked for. */
  readonly searched: string;
}

/** What was on the command line: option names and positional names to what yargs made of them. */
export type CommandLine = Readonly<Record<string, unknown>>;

/**
 * Joins the three places an option can come from: command line, then environment, then env file. An empty variable counts as
 * unset. Throws `UsageError` when the env file itself cannot be used.
 */
export async function gatherOptions(command: CommandName, line: CommandLine, world: World): Promise<RawOptions> {
  const mistakes = new Mistakes();
  const values = new Map<string, RawValue>();
  const chosen = asText(line["env-file"]) ?? notEmpty(world.env["TRISYNC_ENV_FILE"]);
  const envFile = await readEnvFile(chosen === undefined ? undefined : resolvePath(chosen, world), world.cwd);
  for (const option of optionsOf(command)) {
    const value =
      fromCommandLine(option, line, mistakes) ??
      fromVariable(option, world.env, "") ??
      fromVariable(option, envFile.variables, ` in ${envFile.path ?? ""}`);
    if (value !== undefined) values.set(option.name, value);
  }
  checkEnvFileNames(envFile, mistakes);
  const searched = `the command line, the environment and ${envFile.path ?? `${join(world.cwd, ".env")} (not there)`}`;
  return { values, mistakes, warnings: strangeVariables(world.env), envFile, searched };
}

function fromCommandLine(option: OptionSpec, line: CommandLine, mistakes: Mistakes): RawValue | undefined {
  const source = `--${option.name}`;
  const positional = line[option.name.toUpperCase()];
  const named = line[option.name];
  if (positional !== undefined && named !== undefined) {
    mistakes.add(`${option.name.toUpperCase()} is given twice, as an argument and as ${source}`);
  }
  const given = asWritten(positional ?? named);
  if (given === undefined || (option.type === "count" && given === "0")) return undefined;
  if (typeof given !== "string") return fromRepeated(option, given, source, mistakes);
  // yargs' reading of --no-color.
  if (option.name === "color" && given === "false") return { value: "never", source };
  if (given === "") mistakes.add(`${source} needs a value`);
  return { value: option.type === "list" ? [given] : given, source };
}

/** What yargs made of an option, as text again: every option is parsed in one way, wherever it comes from. */
function asWritten(value: unknown): string | readonly string[] | undefined {
  if (Array.isArray(value)) return value.map(String);
  if (typeof value === "string") return value;
  return typeof value === "boolean" || typeof value === "number" ? String(value) : undefined;
}

function fromRepeated(
  option: OptionSpec,
  given: readonly string[],
  source: string,
  mistakes: Mistakes,
): RawValue | undefined {
  if (option.type === "list") {
    if (given.includes("")) mistakes.add(`${source} needs a value`);
    return { value: given, source };
  }
  if (option.type === "text") mistakes.add(`${source} is given more than once`);
  const last = given.at(-1);
  return last === undefined ? undefined : { value: last, source };
}

function fromVariable(
  option: OptionSpec,
  variables: Readonly<Record<string, string | undefined>>,
  where: string,
): RawValue | undefined {
  const name = variableOf(option.name);
  const value = notEmpty(variables[name]);
  if (value === undefined) return undefined;
  return { value: option.type === "list" ? parseList(value) : value, source: name + where };
}

function notEmpty(value: string | undefined): string | undefined {
  return value === "" ? undefined : value;
}

function asText(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

const PREFIX = "TRISYNC_";

const KNOWN: ReadonlySet<string> = new Set(OPTIONS.map((option) => variableOf(option.name)));

/** The env file is the job's own: a name in it that means nothing is a misspelled setting. */
function checkEnvFileNames(envFile: EnvFile, mistakes: Mistakes): void {
  for (const name of Object.keys(envFile.variables)) {
    if (name === "TRISYNC_ENV_FILE") mistakes.add(`${envFile.path ?? ""}: an env file cannot name another one`);
    else if (isStrange(name)) mistakes.add(`${envFile.path ?? ""}: there is no option ${name}${suggestion(name)}`);
  }
}

/** The environment is shared with other programs and versions, so a strange name in it stops nothing. */
function strangeVariables(env: World["env"]): readonly string[] {
  return Object.keys(env)
    .filter(isStrange)
    .map((name) => `the environment variable ${name} means nothing to trisync${suggestion(name)}`);
}

function isStrange(name: string): boolean {
  return name.startsWith(PREFIX) && !KNOWN.has(name);
}

function suggestion(name: string): string {
  const near = closest(
    name.slice(PREFIX.length),
    [...KNOWN].map((known) => known.slice(PREFIX.length)),
  );
  return near === undefined ? "" : `; did you mean ${PREFIX}${near}?`;
}
