import type { Clock } from "../shared/clock.js";
import type { Settings } from "./settings.js";

export interface Ticket {
  readonly id: string;
  readonly issuedMs: number;
  readonly dueMs: number;
  /** Puts the photo there and gives its id; undefined when the file turns out to be unusable. */
  readonly finish: () => string | undefined;
  state: "working" | "done" | "failed";
  photoId: string | undefined;
  finishedMs: number;
}

/** Asynchronous uploads. */
export class Tickets {
  readonly #tickets = new Map<string, Ticket>();

  constructor(
    private readonly settings: Settings,
    private readonly clock: Clock,
  ) {}

  add(id: string, finish: Ticket["finish"]): void {
    const issuedMs = this.clock.nowMs();
    const dueMs = issuedMs + this.settings.ticketMs;
    this.#tickets.set(id, { id, issuedMs, dueMs, finish, state: "working", photoId: undefined, finishedMs: 0 });
  }

  /** Carries out what is due. */
  settle(): void {
    const nowMs = this.clock.nowMs();
    for (const ticket of this.#tickets.values()) {
      if (ticket.state !== "working" || ticket.dueMs > nowMs) continue;
      ticket.photoId = ticket.finish();
      ticket.state = ticket.photoId === undefined ? "failed" : "done";
      ticket.finishedMs = nowMs;
    }
  }

  /** Undefined when it is unknown or too old. */
  get(id: string): Ticket | undefined {
    const ticket = this.#tickets.get(id);
    const oldestMs = this.clock.nowMs() - this.settings.ticketSeconds * 1000;
    return ticket !== undefined && ticket.issuedMs > oldestMs ? ticket : undefined;
  }

  /** How many are still being worked on. */
  get working(): number {
    return [...this.#tickets.values()].filter(({ state }) => state === "working").length;
  }
}
