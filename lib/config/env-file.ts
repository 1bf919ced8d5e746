import { readFile, stat } from "node:fs/promises";
import path from "node:path";
import { UsageError } from "../model/errors.js";
import { hasCode } from "./has-code.js";

/** The variables of an env file, and where they come from. */
export interface EnvFile {
  /** For messages; undefined when there is no file. */
  readonly path: string | undefined;
  readonly variables: Readonly<Record<string, string>>;
}

/**
 * Reads the env file: `chosen`, or else `.env` in the working directory, which need not exist. The variables go nowhere but
 * into the answer, so that no child process inherits them. Throws `UsageError` for a file that cannot be read or
 * understood; no message shows a line's content, because it may be a secret.
 */
export async function readEnvFile(chosen: string | undefined, cwd: string): Promise<EnvFile> {
  const file = chosen ?? path.join(cwd, ".env");
  const text = await readText(file, chosen !== undefined);
  if (text === undefined) return { path: undefined, variables: {} };
  assertWellFormed(text, file);
  const { default: dotenv } = await import("dotenv");
  return { path: file, variables: dotenv.parse(text) };
}

const LARGEST_BYTES = 1_000_000;

async function readText(file: string, required: boolean): Promise<string | undefined> {
  try {
    const found = await stat(file);
    // Python keeps its environments in a folder called .env.
    if (found.isDirectory()) {
      if (!required) return undefined;
      throw new UsageError(`the env file ${file} is a folder; give --env-file a file`);
    }
    if (found.size > LARGEST_BYTES) throw new UsageError(`the env file ${file} is too large to be one`);
    return (await readFile(file, "utf8")).replace(/^\uFEFF/, "").replaceAll("\r\n", "\n");
  } catch (error) {
    if (error instanceof UsageError) throw error;
    if (!required && hasCode(error, "ENOENT", "ENOTDIR")) return undefined;
    const reason = hasCode(error, "ENOENT", "ENOTDIR") ? "does not exist" : `cannot be read (${codeOf(error)})`;
    throw new UsageError(`the env file ${file} ${reason}`);
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "unknown error";
}

const BLANK = /[^\S\n]*(?:#[^\n]*)?(?:\n|$)/y;
const ASSIGNMENT =
  /[^\S\n]*(?:export[^\S\n]+)?([\w.-]+)[^\S\n]*=[^\S\n]*('(?:\\'|[^'])*'|"(?:\\"|[^"])*"|`(?:\\`|[^`])*`|[^\n]*)[^\S\n]*(?:#[^\n]*)?(?:\n|$)/y;

/** dotenv passes over what it does not understand; a setting that is silently not there may cost files. */
function assertWellFormed(text: string, file: string): void {
  if (text.includes("\0")) throw new UsageError(`the env file ${file} is not a text file`);
  const mistakes: string[] = [];
  const seen = new Set<string>();
  for (let at = 0; at < text.length;) {
    const blank = matchAt(BLANK, text, at);
    const match = blank ?? matchAt(ASSIGNMENT, text, at);
    const wrong = match === undefined ? "is not NAME=value" : blank ? undefined : mistakeIn(match, seen);
    if (wrong !== undefined) mistakes.push(`${file}, line ${text.slice(0, at).split("\n").length}: ${wrong}`);
    at += match?.[0].length ?? endOfLine(text, at) - at;
  }
  if (mistakes.length > 0) throw new UsageError(mistakes.join("\n"));
}

function matchAt(pattern: RegExp, text: string, at: number): RegExpExecArray | undefined {
  pattern.lastIndex = at;
  const match = pattern.exec(text);
  return match === null || match[0] === "" ? undefined : match;
}

function endOfLine(text: string, at: number): number {
  const end = text.indexOf("\n", at);
  return end === -1 ? text.length : end + 1;
}

function mistakeIn(match: RegExpExecArray, seen: Set<string>): string | undefined {
  const [, name = "", value = ""] = match;
  if (seen.has(name)) return `${name} is set a second time`;
  seen.add(name);
  const quote = /^['"`]/.exec(value)?.[0];
  if (quote !== undefined && (value.length < 2 || !value.trimEnd().endsWith(quote))) {
    return `the quote that opens the value of ${name} is not closed at its end`;
  }
  // dotenv would cut the value off at the "#" without a word.
  if (quote === undefined && /\S#/.test(value)) return `the value of ${name} holds a "#", so it must stand in quotes`;
  return undefined;
}
