import { type Bytes, collectAll } from "../shared/bytes.js";
import type { CommonExchange } from "../shared/exchange.js";
import type { Fault } from "./faults.js";
import type { Host, LoggedStart } from "./request-log.js";
import type { World } from "./world.js";

/** One request that has come in whole. */
export interface Exchange extends CommonExchange<World, LoggedStart, Host, Fault> {
  readonly body: Bytes;
}

export async function bodyText({ body }: Exchange): Promise<string> {
  return (await collectAll(body)).toString();
}
