import * as z from "zod";
import { command, type Commands } from "./serve-commands.js";

/** Tokens that expire; what may be asked of new ones is up to the service. */
interface ExpiringTokens<Options> {
  issue(options: Options): unknown;
  expireAll(): void;
  revokeAll(): void;
}

/** The commands of the control port that every service has whose tokens expire. */
export function tokenCommands<Options>(tokens: ExpiringTokens<Options>, options: z.ZodType<Options>): Commands {
  return {
    "tokens.issue": command(z.tuple([options]), (args) => tokens.issue(...args)),
    "tokens.expireAll": () => tokens.expireAll(),
    "tokens.revokeAll": () => tokens.revokeAll(),
  };
}
