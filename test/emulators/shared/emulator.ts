import type { CommonWorld } from "./common-world.js";
import type { FaultTarget } from "./faults.js";
import type { Origin } from "./origin.js";
import type { Logged, RequestLog } from "./request-log.js";

/** What the state of each service has, with settings, app and tokens of its own. */
export interface EmulatedWorld<Fault extends FaultTarget> extends CommonWorld<{ latencyMs: number }, Fault> {
  readonly app: unknown;
  readonly tokens: unknown;
}

/** A running emulator. Everything that a test may see or change hangs here. */
export abstract class Emulator<
  World extends EmulatedWorld<Fault>,
  Fault extends FaultTarget,
  Start extends { readonly route: string },
  Host extends string,
  Account,
> {
  constructor(
    protected readonly world: World,
    protected readonly log: RequestLog<Start>,
    /** The servers; their listeners serve TLS as well, see tls-proxy.ts. */
    readonly origins: Readonly<Record<Host, Origin>>,
    /** The one that tests work with. */
    readonly account: Account,
  ) {}

  get app(): World["app"] {
    return this.world.app;
  }

  /** Limits and behaviour; every field may be changed at any time. */
  get settings(): World["settings"] {
    return this.world.settings;
  }

  get latencyMs(): number {
    return this.settings.latencyMs;
  }

  set latencyMs(ms: number) {
    this.settings.latencyMs = ms;
  }

  /** What clients did that the service forbids or advises against. A careful client leaves it empty. */
  get misuse(): string[] {
    return this.world.misuse;
  }

  get tokens(): World["tokens"] {
    return this.world.tokens;
  }

  get requests(): readonly Logged<Start>[] {
    return this.log.requests;
  }

  /** All requests, those of a route, or of a group where the routes of the service have groups. */
  requestCount(route?: string): number {
    return this.log.count(route);
  }

  /** How often each route was called. */
  requestCounts(): Readonly<Record<string, number>> {
    return this.log.counts();
  }

  /** Forgets requests, misuse and counts; files, tokens, faults and spent allowances stay. */
  resetCounters(): void {
    this.log.reset();
    this.world.misuse.length = 0;
    this.world.earlyRequests = 0;
    this.world.tokenAnswers = 0;
  }

  /** How many requests came before the time that an answer asked to wait was over. */
  get earlyRequests(): number {
    return this.world.earlyRequests;
  }

  /** How many access tokens were given out to clients that asked for them. */
  get tokenAnswers(): number {
    return this.world.tokenAnswers;
  }

  fault(fault: Fault): void {
    this.world.faults.add(fault);
  }

  clearFaults(): void {
    this.world.faults.clear();
  }

  /** Faults that have not struck as often as they were meant to. */
  pendingFaults(): readonly Fault[] {
    return this.world.faults.pending();
  }

  /** Sets the service's clock forward: what expires or comes late is seen to. */
  advanceClock(ms: number): void {
    this.world.clock.advance(ms);
  }

  async close(): Promise<void> {
    await Promise.all(Object.values<Origin>(this.origins).map((origin) => origin.close()));
    await this.world.spool.close();
  }
}
