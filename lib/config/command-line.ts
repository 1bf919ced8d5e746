import yargs from "yargs";
import type { Argv } from "yargs";
import { UsageError } from "../model/errors.js";
import { VERSION } from "../version.js";
import { PROVIDERS } from "../../providers/index.js";
import { closest } from "./closest.js";
import { OPTIONS, optionsOf } from "./option-table.js";
import type { CommandName, OptionSpec } from "./option-table.js";
import type { CommandLine } from "./raw-options.js";

export type Invocation =
  | { readonly kind: "command"; readonly command: CommandName; readonly line: CommandLine }
  /** Help was asked for: this text is all there is to do. */
  | { readonly kind: "text"; readonly text: string };

/** Turns the arguments into a command and its options as text; nothing is checked but their names. Throws `UsageError`. */
export async function parseCommandLine(argv: readonly string[]): Promise<Invocation> {
  let text = "";
  try {
    await createParser().parseAsync(withBareValues(argv), {}, (_error: unknown, _line: unknown, output: string) => {
      text = output;
    });
  } catch (error) {
    if (error instanceof Chosen) return { kind: "command", command: error.command, line: error.line };
    throw error;
  }
  if (text !== "") return { kind: "text", text: `${text}\n` };
  throw new UsageError("there is nothing to do; see trisync --help");
}

/**
 * How a command says that it is the one. When its handler returns, yargs lays out the whole help text, in case it is wanted
 * later: that takes longer than all else before the first request.
 */
class Chosen extends Error {
  constructor(
    readonly command: CommandName,
    readonly line: CommandLine,
  ) {
    super(command);
  }
}

/** Gives options whose value may be left out the value they mean, so that they do not swallow LOCAL. */
function withBareValues(argv: readonly string[]): string[] {
  const end = argv.indexOf("--");
  return argv.map((word, index) => {
    const { bare } = OPTIONS.find(({ name }) => word === `--${name}`) ?? {};
    if (bare === undefined || (end !== -1 && index > end)) return word;
    return bare.words.includes(argv[index + 1] ?? "") ? word : `${word}=${bare.value}`;
  });
}

const SIDES = "[LOCAL] [REMOTE]";

/** The first form names the command; further ones are its other names ("$0": no name at all). */
const COMMAND_FORMS: Record<CommandName, { readonly forms: readonly string[]; readonly describe: string }> = {
  sync: { forms: [`sync ${SIDES}`, "$0"], describe: "make both sides agree, then exit" },
  plan: { forms: [`plan ${SIDES}`], describe: "show what sync would do; changes nothing" },
  status: {
    forms: [`status ${SIDES}`],
    describe: "last runs of each job; --max-age fails when the last success is too old",
  },
  explain: { forms: ["explain <PATH>"], describe: "why a path is, or is not, synced" },
  restore: {
    forms: ["restore [PATH]"],
    describe: "bring back what a run replaced or deleted here; lists without PATH",
  },
  login: { forms: ["login <PROVIDER>"], describe: "one-time sign-in, stores the tokens" },
  logout: { forms: ["logout <PROVIDER>"], describe: "forget the tokens" },
};

const COMMAND_NAMES: readonly CommandName[] = ["sync", "plan", "login", "logout", "status", "explain", "restore"];

function createParser(): Argv {
  const parser = yargs()
    .scriptName("trisync")
    .usage("trisync [LOCAL] [REMOTE]\n\nMakes a local folder and a cloud folder agree, once, and exits.")
    .version(VERSION)
    .help()
    .alias("help", "h")
    .strict()
    .exitProcess(false)
    .detectLocale(false)
    .wrap(110)
    .parserConfiguration({
      "camel-case-expansion": false,
      "dot-notation": false,
      "greedy-arrays": false,
      "parse-numbers": false,
      "parse-positional-numbers": false,
    })
    .fail((message, error) => fail(message, error))
    .epilogue(EPILOGUE);
  for (const command of COMMAND_NAMES) addCommand(parser, command);
  return parser;
}

const EPILOGUE = [
  `REMOTE is PROVIDER:PATH, such as folder:/mnt/backup. There are ${Object.keys(PROVIDERS).join(", ")}.`,
  "Every option is also a variable (--max-delete: TRISYNC_MAX_DELETE), read from the environment, then from .env or --env-file.",
  "Credentials are variables only.",
].join("\n");

function addCommand(parser: Argv, command: CommandName): void {
  const { forms, describe } = COMMAND_FORMS[command];
  parser.command(
    [...forms],
    describe,
    (builder) => {
      for (const name of POSITIONALS[command]) builder.positional(name, { type: "string" });
      for (const option of optionsOf(command)) addOption(builder, option);
    },
    (line) => {
      throw new Chosen(command, withLateArguments(command, line));
    },
  );
}

const POSITIONALS: Record<CommandName, readonly string[]> = {
  sync: ["LOCAL", "REMOTE"],
  plan: ["LOCAL", "REMOTE"],
  status: ["LOCAL", "REMOTE"],
  explain: ["PATH"],
  restore: ["PATH"],
  login: ["PROVIDER"],
  logout: ["PROVIDER"],
};

/** What follows "--" is left aside by yargs; it means the same as without, whatever it begins with. */
function withLateArguments(command: CommandName, line: CommandLine): CommandLine {
  const left = Array.isArray(line["_"]) ? line["_"].map(String) : [];
  const late = left[0] === command ? left.slice(1) : left;
  const free = POSITIONALS[command].filter((name) => line[name] === undefined);
  if (late.length > free.length) throw new UsageError(`too many arguments: ${late.slice(free.length).join(", ")}`);
  return { ...line, ...Object.fromEntries(late.map((text, index) => [free[index] ?? "", text])) };
}

function addOption(builder: Argv, { name, type, alias, describe }: OptionSpec): void {
  const shared = { describe, ...(alias === undefined ? {} : { alias }) };
  switch (type) {
    case "text":
      builder.option(name, { ...shared, type: "string" });
      return;
    case "list":
      builder.option(name, { ...shared, type: "string", array: true });
      return;
    case "flag":
      builder.option(name, { ...shared, type: "boolean" });
      return;
    case "count":
      builder.option(name, { ...shared, type: "count" });
  }
}

/** Called by yargs with a message for what it finds wrong, and with the error for what a handler throws. */
function fail(message: string | undefined, error: Error | undefined): never {
  if (error !== undefined && error.name !== "YError") throw error;
  const text = (message ?? error?.message ?? "wrong arguments").replace(
    /^Unknown arguments?:/,
    "unknown option or argument:",
  );
  throw new UsageError(`${text}${suggestion(text)}\nsee trisync --help`);
}

function suggestion(message: string): string {
  const words = /^unknown option or argument: (.*)$/.exec(message)?.[1]?.split(", ") ?? [];
  const names = OPTIONS.map((option) => option.name);
  const near = words
    .map((word) => closest(word, names))
    .filter((name, index) => name !== undefined && name !== words[index]);
  return near.length === 0 ? "" : `; did you mean ${[...new Set(near)].map((name) => `--${name ?? ""}`).join(", ")}?`;
}
