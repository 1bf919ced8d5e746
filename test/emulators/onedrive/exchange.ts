import type { Address } from "./address.js";
import type { Blob } from "./content.js";
import type { Refusal } from "./failures.js";
import type { Fault } from "./faults.js";
import type { Host, LoggedRequest } from "./request-log.js";
import type { World } from "./world.js";

/** One request that has come in whole, or one member of a batch. */
export interface Exchange {
  readonly world: World;
  readonly host: Host;
  readonly method: string;
  /** Still encoded, without query. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** What the path says on the API host, or why it says nothing. */
  readonly address: Address | Refusal | undefined;
  readonly logged: LoggedRequest;
  readonly fault: Fault | undefined;
  /** Undefined when the body was larger than a request may be. */
  readonly body: Blob | undefined;
  /** Over when the emulated round trip is: nothing is answered before. */
  readonly latency: Promise<void>;
  /** The service's own host name, for a client that believes to talk to it. */
  readonly officialHost: string | undefined;
  readonly requestId: string;
  readonly isBatched: boolean;
}
