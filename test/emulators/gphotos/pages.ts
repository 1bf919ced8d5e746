import type { Chance } from "../shared/chance.js";
import type { Clock } from "../shared/clock.js";
import { badRequest, invalidArgument } from "./failures.js";
import type { Fault } from "./faults.js";
import type { Settings } from "./settings.js";

export interface Page {
  readonly ids: readonly string[];
  readonly nextPageToken: string | undefined;
}

export interface PageRequest {
  /** Everything else the request says: a token is good for the same words only. */
  readonly key: string;
  readonly pageToken: string;
  readonly pageSize: number;
  readonly fault: Fault | undefined;
}

interface Place {
  readonly key: string;
  readonly ids: readonly string[];
  readonly at: number;
  readonly expiresMs: number;
}

/** Hands out listings in pages. A token keeps the listing as it was when its first page was made. */
export class Pages {
  readonly #places = new Map<string, Place>();

  constructor(
    private readonly settings: Settings,
    private readonly clock: Clock,
    private readonly chance: Chance,
  ) {}

  page(request: PageRequest, list: () => readonly string[]): Page {
    const { ids, at } = request.pageToken === "" ? { ids: list(), at: 0 } : this.#placeOf(request);
    const { start, end } = this.#range(request, { at, total: ids.length });
    const nextPageToken = end < ids.length ? this.#token({ key: request.key, ids, at: end }) : undefined;
    return { ids: ids.slice(start, end), nextPageToken };
  }

  #placeOf({ key, pageToken }: PageRequest): Place {
    const place = this.#places.get(pageToken);
    if (place === undefined) throw badRequest("Invalid page token.");
    if (place.key !== key) throw badRequest("Page token does not match the other parameters of the request.");
    if (place.expiresMs <= this.clock.nowMs()) throw invalidArgument("Page token has expired.");
    return place;
  }

  #range(
    { pageSize, fault }: PageRequest,
    { at, total }: { readonly at: number; readonly total: number },
  ): { readonly start: number; readonly end: number } {
    const whole = Math.min(at + pageSize, total);
    if (fault?.kind === "empty-page") return { start: at, end: at };
    if (fault?.kind === "short-page") return { start: at, end: Math.min(at + fault.entries, whole) };
    // The entry that comes again takes the place of a new one, unless the page would bring nothing new then.
    const repeated = { start: Math.max(0, at - 1), end: pageSize > 1 ? Math.min(at - 1 + pageSize, whole) : whole };
    if (fault?.kind === "repeat-entry" && at > 0) return repeated;
    if (this.settings.paging === "exact") return { start: at, end: whole };
    // An empty page is made now and then only, so that a listing comes to its end.
    if (this.chance.happens(0.2)) return { start: at, end: at };
    if (at > 0 && this.chance.happens(0.3)) return repeated;
    return { start: at, end: this.chance.happens(0.3) ? at + this.chance.below(whole - at + 1) : whole };
  }

  #token(place: Omit<Place, "expiresMs">): string {
    const token = this.chance.letters(48);
    this.#places.set(token, { ...place, expiresMs: this.clock.nowMs() + this.settings.pageTokenSeconds * 1000 });
    return token;
  }
}
