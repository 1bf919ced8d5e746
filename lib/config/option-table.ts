/** The commands that have an option. "run" stands for `sync`, `plan` and `explain`, which all look at one whole job. */
type Scope = "every" | "run" | "job-commands" | "status" | "restore" | "login";

export interface OptionSpec {
  readonly name: string;
  /** "text" has a value, "list" may be given again, "flag" is yes or no, "count" grows with every mention. */
  readonly type: "text" | "list" | "flag" | "count";
  readonly alias?: string;
  /** Its value may be left out: then it means `value`. Only one of `words` is taken for a value that follows. */
  readonly bare?: { readonly value: string; readonly words: readonly string[] };
  /** Shown in the help. */
  readonly describe: string;
  readonly scope: Scope;
}

export const COMMANDS = ["sync", "plan", "status", "explain", "restore", "login", "logout"] as const;
export type CommandName = (typeof COMMANDS)[number];

const SCOPES: Record<Scope, readonly CommandName[]> = {
  every: COMMANDS,
  run: ["sync", "plan", "explain"],
  "job-commands": ["sync", "plan", "explain", "status", "restore"],
  status: ["status"],
  restore: ["restore"],
  login: ["login"],
};

/** Every option there is. The command line, the environment and the help are all made from this list. */
export const OPTIONS: readonly OptionSpec[] = [
  { name: "local", type: "text", scope: "job-commands", describe: "the folder on this machine (also positional)" },
  {
    name: "remote",
    type: "text",
    scope: "job-commands",
    describe: "the other side, such as dropbox:/path (also positional)",
  },
  {
    name: "mode",
    type: "text",
    scope: "run",
    describe: "two-way, backup, mirror, fetch, mirror-down or outbox [two-way]",
  },
  {
    name: "conflict",
    type: "text",
    scope: "run",
    describe: "keep-both, newer, local or remote; losers go to a trash [keep-both]",
  },
  { name: "include", type: "list", scope: "run", describe: "only these paths, .gitignore syntax (repeatable)" },
  { name: "exclude", type: "list", scope: "run", describe: "not these paths, .gitignore syntax (repeatable)" },
  { name: "max-size", type: "text", scope: "run", describe: "skip larger files: 500k, 10MB, 1.5G, 64MiB" },
  {
    name: "media",
    type: "text",
    bare: { value: "all", words: ["all", "photos", "videos", "true", "false"] },
    scope: "run",
    describe: "only photos, only videos, or all of both [when bare: all]",
  },
  { name: "max-delete", type: "text", scope: "run", describe: "refuse plans that delete more: N files or N% [50%]" },
  { name: "approve", type: "text", scope: "run", describe: "carry out the refused plan with this id, once" },
  { name: "concurrency", type: "text", scope: "run", describe: "transfers at once [the provider's]" },
  { name: "bandwidth", type: "text", scope: "run", describe: "bytes per second: 500k, 2MB/s" },
  { name: "max-transfer", type: "text", scope: "run", describe: "stop cleanly after this much content" },
  { name: "max-duration", type: "text", scope: "run", describe: "stop cleanly after this time: 90s, 10m, 1h30m" },
  { name: "archive", type: "text", scope: "run", describe: "outbox: where uploaded files go" },
  { name: "error-folder", type: "text", scope: "run", describe: "outbox: where permanently refused files go" },
  {
    name: "if-locked",
    type: "text",
    scope: "run",
    describe: "while another run of the job works: fail, skip or wait=TIME [fail]",
  },
  { name: "rehash", type: "flag", scope: "run", describe: "trust no cached hash" },
  { name: "times", type: "text", scope: "run", describe: "keep or ignore modification times [keep]" },
  { name: "albums", type: "text", scope: "run", describe: 'flat, or nested: a/b is the album "a / b" [flat]' },
  { name: "trash-days", type: "text", scope: "run", describe: "how long the local trash is kept [30]" },
  { name: "permanent-deletes", type: "flag", scope: "run", describe: "allow deletions that the service cannot undo" },
  { name: "max-age", type: "text", scope: "status", describe: "exit 3 when the last success is older: 26h" },
  { name: "run", type: "text", scope: "restore", describe: "what this run replaced or deleted" },
  {
    name: "paste",
    type: "flag",
    scope: "login",
    describe: "paste a code instead of waiting for a browser on this machine",
  },
  { name: "state", type: "text", scope: "every", describe: "where bases, tokens and history live" },
  { name: "env-file", type: "text", scope: "every", describe: "read variables from this file instead of ./.env" },
  { name: "json", type: "flag", scope: "every", describe: "results as NDJSON on stdout" },
  { name: "quiet", type: "flag", alias: "q", scope: "every", describe: "no summary; failures are still told" },
  { name: "verbose", type: "count", alias: "v", scope: "every", describe: "say what is done (-vv: more)" },
  { name: "log-file", type: "text", scope: "every", describe: "append a log to this file" },
  {
    name: "color",
    type: "text",
    bare: { value: "always", words: ["auto", "always", "never"] },
    scope: "every",
    describe: "auto, always or never [auto]",
  },
];

export function optionsOf(command: CommandName): readonly OptionSpec[] {
  return OPTIONS.filter((option) => SCOPES[option.scope].includes(command));
}

/** "max-delete" → "TRISYNC_MAX_DELETE". */
export function variableOf(option: string): string {
  return `TRISYNC_${option.toUpperCase().replaceAll("-", "_")}`;
}
