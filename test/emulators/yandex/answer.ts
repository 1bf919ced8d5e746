import type { Answer } from "../shared/answer.js";
import type { Chance } from "../shared/chance.js";
import { ApiError, PlainError } from "./failures.js";

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
