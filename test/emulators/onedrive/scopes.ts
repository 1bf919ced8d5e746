import type { Exchange } from "./exchange.js";
import { SignInRefusal } from "./failures.js";

const OPENID = ["openid", "profile", "email", "offline_access"];

/** The delegated permissions in a `scope` parameter, without the resource in front; throws for unknown ones. */
export function grantedScopes({ world }: Exchange, parameter: string): readonly string[] {
  const names = parameter.split(" ").filter((name) => name !== "");
  const plain = names.map((name) => name.replace(/^https:\/\/[^/]+\//, ""));
  if (plain.length === 0)
    throw new SignInRefusal(400, "invalid_scope", { aadsts: 70011, message: "no scope", misuse: true });
  const unknown = plain.find((name) => ![...OPENID, ...world.settings.appScopes, ".default"].includes(name));
  if (unknown === undefined) {
    return plain.includes(".default")
      ? [...world.settings.appScopes, ...plain.filter((name) => OPENID.includes(name))]
      : plain;
  }
  const message = `The provided value for the input parameter 'scope' is not valid: ${unknown}`;
  throw new SignInRefusal(400, "invalid_scope", { aadsts: 70011, message, misuse: true });
}
