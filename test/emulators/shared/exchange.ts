import type { IncomingMessage } from "node:http";
import type { Logged } from "./request-log.js";

/** One request that has come in whole; each service adds the body as it reads it. */
export interface CommonExchange<World, Start, Host, Fault> {
  readonly world: World;
  readonly host: Host;
  readonly request: IncomingMessage;
  readonly url: URL;
  readonly logged: Logged<Start>;
  readonly fault: Fault | undefined;
  /** Over when the emulated round trip is: nothing is answered, and no lock given back, before. */
  readonly latency: Promise<void>;
}
