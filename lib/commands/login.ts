import { UsageError } from "../model/errors.js";
import { EXIT } from "../report/exit-codes.js";
import { line as jsonLine } from "../report/json.js";
import { messageText } from "../report/problem-lines.js";
import { argumentOf } from "./command.js";
import type { Command } from "./command.js";
import { loadCommandOptions } from "./load-options.js";
import { createLoginDialog } from "./login-dialog.js";
import { openAccount } from "./open-account.js";

/** One-time sign-in: the only command that may ask a person something. */
export const login: Command = async (context) => {
  const { world } = context;
  const options = await loadCommandOptions(context);
  const { name, module, account } = await openAccount(argumentOf(context, "PROVIDER"), options, world);
  if (module.login === undefined) throw new UsageError(`${name} needs no sign-in`);
  const message = await module.login(account, createLoginDialog(world, options.paste), world.signal);
  if (options.json) world.stdout.write(jsonLine({ event: "login", provider: name, message }));
  else if (!options.quiet) world.stdout.write(messageText(message));
  return EXIT.inStep;
};
