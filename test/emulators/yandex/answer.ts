import type { Chance } from "../dropbox/chance.js";
import type { Content } from "./content.js";
import { ApiError, PlainError } from "./failures.js";

/** A complete HTTP answer, before a fault spoils it. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | ContentPart;
}

/** A part of a stored content, sent as a stream. */
export interface ContentPart {
  readonly content: Content;
  readonly startByte: number;
  readonly endByte: number;
}

/** The order of keys differs from answer to answer, so that nobody relies on it. */
export function jsonAnswer(status: number, value: unknown, chance: Chance): Answer {
  return {
    status,
    headers: { "Content-Type": "application/json; charset=utf-8" },
    body: JSON.stringify(shuffleKeys(value, chance)),
  };
}

export function textAnswer(status: number, body: string, contentType = "text/plain"): Answer {
  return { status, headers: body === "" ? {} : { "Content-Type": contentType }, body };
}

/** The answer for anything a route threw. Rethrows what is a bug of the emulator. */
export function errorAnswer(error: unknown): Answer {
  if (error instanceof ApiError) {
    const headers = { "Content-Type": "application/json", ...error.headers };
    return { status: error.status, headers, body: JSON.stringify(error.body) };
  }
  if (error instanceof PlainError) return textAnswer(error.status, error.text, error.contentType);
  throw error;
}

function shuffleKeys(value: unknown, chance: Chance): unknown {
  if (Array.isArray(value)) return value.map((item: unknown) => shuffleKeys(item, chance));
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).map(([key, inner]): [string, unknown] => [key, shuffleKeys(inner, chance)]);
  return Object.fromEntries(chance.shuffle(entries));
}
