import { realpath } from "node:fs/promises";
import * as z from "zod";
import { CONFLICT_RULES, MODES } from "../model/mode.js";
import type { ConnectionOptions, JobOptions, OutputOptions } from "./options.js";
import { assertApart } from "./overlap.js";
import { BOOLEAN_FORM, parseBoolean } from "./parse-boolean.js";
import { DELETE_LIMIT_FORM, parseDeleteLimit } from "./parse-delete-limit.js";
import { DURATION_FORM, parseDuration } from "./parse-duration.js";
import { IF_LOCKED_FORM, parseIfLocked } from "./parse-if-locked.js";
import { MEDIA_FORM, parseMedia } from "./parse-media.js";
import { parseWholeNumber } from "./parse-number.js";
import { parseRate, parseSize, RATE_FORM, SIZE_FORM } from "./parse-size.js";
import { defaultStateDirectory, resolvePath } from "./paths.js";
import { COMMANDS } from "./option-table.js";
import type { RawOptions, RawValue } from "./raw-options.js";
import { closest } from "./closest.js";
import { looksLikeRemote, parseRemote } from "./remote.js";
import type { World } from "./world.js";

/** Makes a checker of a parser that answers undefined for what it does not understand; `form` goes on after the option's name. */
function checked<T>(parse: (text: string) => T | undefined, form: string): z.ZodType<T> {
  return z.string().transform((text, context) => {
    const value = parse(text);
    if (value !== undefined) return value;
    context.addIssue({ code: "custom", message: `${form}, not ${JSON.stringify(text)}` });
    return z.NEVER;
  });
}

function oneOf<const T extends readonly string[]>(words: T): z.ZodType<T[number]> {
  return checked<T[number]>((text) => words.find((word) => word === text), `must be one of ${words.join(", ")}`);
}

function wholeNumber(from: number, to: number): z.ZodType<number> {
  return checked(
    (text) => parseWholeNumber(text, { from, to }),
    `must be a whole number from ${String(from)} to ${String(to)}`,
  );
}

const flag = checked(parseBoolean, BOOLEAN_FORM);
const size = checked(parseSize, SIZE_FORM);
const duration = checked(parseDuration, DURATION_FORM);
const text = z.string();

const OUTPUT_SHAPE = {
  json: flag.default(false),
  quiet: flag.default(false),
  verbose: checked((count) => verbosity(parseWholeNumber(count, { from: 0, to: 99 })), "must be 0, 1 or 2").default(0),
  "log-file": text.optional(),
  color: oneOf(["auto", "always", "never"]).default("auto"),
  state: text.optional(),
};

const JOB_SCHEMA = z.object({
  ...OUTPUT_SHAPE,
  local: text.optional(),
  remote: text.optional(),
  mode: oneOf(MODES).default("two-way"),
  conflict: oneOf(CONFLICT_RULES).default("keep-both"),
  include: z.array(text).default([]),
  exclude: z.array(text).default([]),
  "max-size": size.optional(),
  media: checked(parseMedia, MEDIA_FORM).default("none"),
  "max-delete": checked(parseDeleteLimit, DELETE_LIMIT_FORM).default({ percent: 50 }),
  approve: checked((id) => (/^[\w.-]+$/.test(id) ? id : undefined), "must be the id of a plan").optional(),
  concurrency: wholeNumber(1, 256).optional(),
  bandwidth: checked(parseRate, RATE_FORM).optional(),
  "max-transfer": size.optional(),
  "max-duration": duration.optional(),
  archive: text.optional(),
  "error-folder": text.optional(),
  "if-locked": checked(parseIfLocked, IF_LOCKED_FORM).default("fail"),
  rehash: flag.default(false),
  times: oneOf(["keep", "ignore"]).default("keep"),
  albums: oneOf(["flat", "nested"]).default("flat"),
  "trash-days": wholeNumber(0, 36_500).default(30),
  "permanent-deletes": flag.default(false),
});

const COMMAND_SCHEMA = z.object({
  ...OUTPUT_SHAPE,
  local: text.optional(),
  remote: text.optional(),
  "max-age": duration.optional(),
  run: text.optional(),
  paste: flag.default(false),
});

function verbosity(count: number | undefined): 0 | 1 | 2 | undefined {
  return count === undefined ? undefined : count >= 2 ? 2 : count === 1 ? 1 : 0;
}

/** What the commands that do not run a job go by. Sides are undefined where the user named none. */
export interface CommandOptions extends OutputOptions, ConnectionOptions {
  readonly stateDir: string;
  readonly local: string | undefined;
  readonly remote: JobOptions["remote"] | undefined;
  readonly maxAgeMs: number | undefined;
  readonly runId: string | undefined;
  readonly paste: boolean;
}

/** Checks what the user said about a job. Throws one `UsageError` that names every mistake and where it was made. */
export async function toJobOptions(raw: RawOptions, world: World, connection: ConnectionOptions): Promise<JobOptions> {
  const values = check(JOB_SCHEMA, raw);
  const paths = new PathOptions(raw, world);
  const [local, remote] = [await paths.localRoot(), await paths.remote()];
  requireSides(raw);
  const archive = await paths.directory("archive");
  const errorFolder = await paths.directory("error-folder");
  const output = await toOutputOptions(values, paths);
  const stateDir = await paths.state();
  if (values !== undefined && values.mode !== "outbox") refuseOutboxFolders(raw);
  if (local !== undefined && remote !== undefined) {
    await assertApart({ local, remote, stateDir, archive, errorFolder }, raw.mistakes);
  }
  raw.mistakes.throwIfAny();
  return {
    ...output,
    local: known(local),
    remote: known(remote),
    ...toRules(known(values)),
    archive,
    errorFolder,
    stateDir: known(stateDir),
    ...connection,
  };
}

/** As `toJobOptions`, for the commands that work on the state, the trash or the tokens. */
export async function toCommandOptions(
  raw: RawOptions,
  world: World,
  connection: ConnectionOptions,
): Promise<CommandOptions> {
  const values = check(COMMAND_SCHEMA, raw);
  const paths = new PathOptions(raw, world);
  const [local, remote] = [await paths.localRoot(), await paths.remote()];
  const output = await toOutputOptions(values, paths);
  const stateDir = await paths.state();
  raw.mistakes.throwIfAny();
  const { "max-age": maxAgeMs, run: runId, paste } = known(values);
  return { ...output, stateDir: known(stateDir), local, remote, maxAgeMs, runId, paste, ...connection };
}

/** The parsed values, or undefined when some are wrong; every one of them becomes a mistake. */
function check<T>(schema: z.ZodType<T>, raw: RawOptions): T | undefined {
  const input = Object.fromEntries([...raw.values].map(([name, { value }]) => [name, value]));
  const result = schema.safeParse(input);
  if (result.success) return result.data;
  for (const issue of result.error.issues) {
    const name = String(issue.path[0]);
    raw.mistakes.add(`${raw.values.get(name)?.source ?? `--${name}`} ${issue.message}`);
  }
  return undefined;
}

type JobValues = z.output<typeof JOB_SCHEMA>;

type Rules = Omit<JobOptions, keyof CommandOptions | "archive" | "errorFolder">;

function toRules(values: JobValues): Rules {
  return {
    mode: values.mode,
    conflict: values.conflict,
    include: values.include,
    exclude: values.exclude,
    maxSizeBytes: values["max-size"],
    media: values.media === "none" ? undefined : values.media,
    maxDelete: values["max-delete"],
    approve: values.approve,
    concurrency: values.concurrency,
    bandwidthBytesPerSecond: values.bandwidth,
    maxTransferBytes: values["max-transfer"],
    maxDurationMs: values["max-duration"],
    ifLocked: values["if-locked"],
    rehash: values.rehash,
    times: values.times,
    albums: values.albums,
    trashDays: values["trash-days"],
    permanentDeletes: values["permanent-deletes"],
  };
}

type OutputValues = Pick<JobValues, "json" | "quiet" | "verbose" | "color">;

async function toOutputOptions(values: OutputValues | undefined, paths: PathOptions): Promise<OutputOptions> {
  const logFile = await paths.directory("log-file");
  return {
    json: values?.json ?? false,
    quiet: values?.quiet ?? false,
    verbosity: values?.verbose ?? 0,
    color: values?.color ?? "auto",
    logFile,
  };
}

/** The options that name a place, made absolute; what is wrong with them becomes a mistake. */
class PathOptions {
  constructor(
    private readonly raw: RawOptions,
    private readonly world: World,
  ) {}

  async directory(name: string): Promise<string | undefined> {
    const given = this.raw.values.get(name);
    if (given === undefined || typeof given.value !== "string" || given.value === "") return undefined;
    const { value, source } = given;
    return this.raw.mistakes.gather(source, () => resolvePath(value, this.world));
  }

  /** One folder is one job, whatever links lead to it. A missing one keeps its name: the run finds out and says so. */
  async localRoot(): Promise<string | undefined> {
    const local = await this.directory("local");
    if (local === undefined) return undefined;
    const real = await realpath(local).catch(() => undefined);
    if (real === undefined) this.#suspectOther(this.raw.values.get("local")?.value);
    return real ?? local;
  }

  /** A folder that does not exist may not have been meant as one. */
  #suspectOther(given: RawValue["value"] | undefined): void {
    if (typeof given !== "string") return;
    const command = /^[a-z]+$/.test(given) ? closest(given, COMMANDS) : undefined;
    if (command !== undefined) {
      this.raw.mistakes.add(`there is no folder ${JSON.stringify(given)}; did you mean the command "${command}"?`);
    }
    if (looksLikeRemote(given))
      this.raw.mistakes.add(`LOCAL is ${JSON.stringify(given)}; LOCAL comes first, then REMOTE`);
  }

  async remote(): Promise<JobOptions["remote"] | undefined> {
    const given = this.raw.values.get("remote");
    if (given === undefined || typeof given.value !== "string" || given.value === "") return undefined;
    const { value, source } = given;
    return this.raw.mistakes.gather(source, () => parseRemote(value, (target) => resolvePath(target, this.world)));
  }

  async state(): Promise<string | undefined> {
    if (this.raw.values.has("state")) return this.directory("state");
    return this.raw.mistakes.gather("", () => defaultStateDirectory(this.world));
  }
}

function requireSides(raw: RawOptions): void {
  for (const name of ["local", "remote"]) {
    if (raw.values.has(name)) continue;
    const example = name === "local" ? "a folder such as ~/Documents" : "such as dropbox:/Documents";
    raw.mistakes.add(`no ${name.toUpperCase()}: ${example}; looked at ${raw.searched}`);
  }
}

/** A user who gives them expects files to be moved there, and in no other mode they would be. */
function refuseOutboxFolders(raw: RawOptions): void {
  for (const name of ["archive", "error-folder"]) {
    const given = raw.values.get(name);
    if (given !== undefined) raw.mistakes.add(`${given.source} works only with --mode outbox`);
  }
}

/** Reached only when no mistake was made, and then everything is there. */
function known<T>(value: T | undefined): T {
  if (value === undefined) throw new TypeError("an option was neither parsed nor reported");
  return value;
}
