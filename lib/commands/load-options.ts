import { isSecretVariable } from "../config/credentials.js";
import type { CommandOptions } from "../config/job-options.js";
import type { ConnectionOptions, JobOptions } from "../config/options.js";
import { proxyVariables } from "../config/proxy-variables.js";
import { gatherOptions } from "../config/raw-options.js";
import type { RawOptions } from "../config/raw-options.js";
import { createSettings } from "../config/settings.js";
import { messageText } from "../report/problem-lines.js";
import type { CommandContext } from "./command.js";

/** Gathers what the user said about this command and tells what is strange about it. Throws `UsageError`. */
export async function loadRawOptions({ command, line, world, redactor }: CommandContext): Promise<RawOptions> {
  const raw = await gatherOptions(command, line, world);
  for (const [name, value] of Object.entries(raw.envFile.variables)) {
    if (isSecretVariable(name)) redactor.remember(value);
  }
  for (const warning of raw.warnings) world.stderr.write(messageText(warning));
  return raw;
}

/** The checked options of a command that looks at one whole job. Throws one `UsageError` with everything that is wrong. */
export async function loadJob(context: CommandContext): Promise<JobOptions> {
  return checkJob(await loadRawOptions(context), context);
}

/** The second half of `loadJob`, which loads the checker. */
export async function checkJob(raw: RawOptions, context: CommandContext): Promise<JobOptions> {
  const { toJobOptions } = await import("../config/job-options.js");
  return toJobOptions(raw, context.world, connectionOf(raw, context));
}

/** As `loadJob`, for the other commands. */
export async function loadCommandOptions(context: CommandContext): Promise<CommandOptions> {
  const raw = await loadRawOptions(context);
  const { toCommandOptions } = await import("../config/job-options.js");
  return toCommandOptions(raw, context.world, connectionOf(raw, context));
}

function connectionOf({ envFile }: RawOptions, { world, redactor }: CommandContext): ConnectionOptions {
  const remember = (secret: string): void => {
    redactor.remember(secret);
  };
  const proxy = proxyVariables(world.env, envFile.variables);
  for (const address of Object.values(proxy)) {
    const password = /^[^:]*:\/\/[^/]*:([^/]*)@/.exec(address ?? "")?.[1];
    if (password !== undefined) remember(password);
  }
  return { settings: createSettings({ world, file: envFile.variables, remember }), proxy };
}
