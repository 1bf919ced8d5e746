import type { Chance } from "../shared/chance.js";
import type { Clock } from "../shared/clock.js";
import type { Blob } from "./content.js";
import type { Drive } from "./drive.js";
import { newGuid } from "./ids.js";
import type { Item, Times } from "./items.js";
import { keyOf } from "./names.js";
import type { Settings } from "./settings.js";

export type ConflictBehavior = "fail" | "replace" | "rename";

/** A file that is being uploaded in ranges. */
export interface Session {
  readonly id: string;
  readonly drive: Drive;
  readonly parent: Item;
  readonly name: string;
  readonly conflictBehavior: ConflictBehavior;
  /** The tag that the file must still have when the upload is complete. */
  readonly ifMatch: string | undefined;
  readonly times: Times;
  readonly description: string | undefined;
  readonly deferCommit: boolean;
  readonly madeMs: number;
  readonly blobs: Blob[];
  /** Known from the first range. */
  totalBytes: number | undefined;
  receivedBytes: number;
  expiresMs: number;
  isReceiving: boolean;
  /** A range did not fit the service's block size. */
  isUneven: boolean;
}

export type NewSession = Pick<
  Session,
  "drive" | "parent" | "name" | "conflictBehavior" | "ifMatch" | "times" | "description" | "deferCommit"
>;

/** Upload sessions: bytes that have arrived but are not yet a file. */
export class Sessions {
  readonly #sessions = new Map<string, Session>();

  constructor(
    private readonly settings: Settings,
    private readonly clock: Clock,
    private readonly chance: Chance,
  ) {}

  start(session: NewSession): Session {
    const nowMs = this.clock.nowMs();
    const made: Session = {
      ...session,
      id: newGuid(this.chance),
      madeMs: nowMs,
      blobs: [],
      totalBytes: undefined,
      receivedBytes: 0,
      expiresMs: nowMs + this.settings.sessionLifetimeMs,
      isReceiving: false,
      isUneven: false,
    };
    this.#sessions.set(made.id, made);
    return made;
  }

  find(id: string): Session | undefined {
    const session = this.#sessions.get(id);
    return session === undefined || session.expiresMs <= this.clock.nowMs() ? undefined : session;
  }

  keepAlive(session: Session): void {
    session.expiresMs = this.clock.nowMs() + this.settings.sessionLifetimeMs;
  }

  drop(session: Session): void {
    this.#sessions.delete(session.id);
  }

  /** The sessions that wait for more or for their commit. */
  open(): readonly Session[] {
    const nowMs = this.clock.nowMs();
    return [...this.#sessions.values()].filter(({ expiresMs }) => expiresMs > nowMs);
  }

  /** The open session that holds this name. */
  holder(parent: Item, name: string): Session | undefined {
    const key = keyOf(name);
    return this.open().find((session) => session.parent === parent && keyOf(session.name) === key);
  }
}
