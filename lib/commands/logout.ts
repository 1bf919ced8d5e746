import { UsageError } from "../model/errors.js";
import { EXIT } from "../report/exit-codes.js";
import { line as jsonLine } from "../report/json.js";
import { messageText } from "../report/problem-lines.js";
import { argumentOf } from "./command.js";
import type { Command } from "./command.js";
import { loadCommandOptions } from "./load-options.js";
import { openAccount } from "./open-account.js";

/** Forgets what `login` stored. */
export const logout: Command = async (context) => {
  const { world } = context;
  const options = await loadCommandOptions(context);
  const { name, module, account } = await openAccount(argumentOf(context, "PROVIDER"), options, world);
  if (module.logout === undefined) throw new UsageError(`${name} needs no sign-in, so there is nothing to forget`);
  await module.logout(account, world.signal);
  if (options.json) world.stdout.write(jsonLine({ event: "logout", provider: name }));
  else if (!options.quiet) world.stdout.write(messageText(`signed out of ${name}`));
  return EXIT.inStep;
};
