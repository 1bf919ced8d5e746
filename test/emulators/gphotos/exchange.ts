import type { IncomingMessage } from "node:http";
import type { ReceivedBody } from "./body-store.js";
import { collectAll } from "./bytes.js";
import type { Fault } from "./faults.js";
import type { Host, LoggedRequest } from "./request-log.js";
import type { World } from "./world.js";

/** One request that has come in whole. */
export interface Exchange {
  readonly world: World;
  readonly host: Host;
  readonly request: IncomingMessage;
  readonly url: URL;
  readonly logged: LoggedRequest;
  readonly fault: Fault | undefined;
  readonly body: ReceivedBody;
  /** Over when the emulated round trip is: nothing is answered, and no lock given back, before. */
  readonly latency: Promise<void>;
}

export function header({ request }: Pick<Exchange, "request">, name: string): string | undefined {
  const value = request.headers[name];
  return Array.isArray(value) ? value.join(", ") : value;
}

export async function bodyText({ body }: Exchange): Promise<string> {
  return (await collectAll(body.bytes)).toString();
}

/** Notes something that the service forbids or advises against. */
export function noteMisuse({ world, logged }: Exchange, what: string): void {
  world.misuse.push(`${logged.route}: ${what}`);
}
