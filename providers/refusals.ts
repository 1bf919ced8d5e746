import type { ProviderErrorCode } from "../lib/model/errors.js";

/** Words for messages: what was done, and to which path. */
export interface Subject {
  readonly operation: string;
  readonly subject: string | undefined;
}

/** What a refusal of a service comes to, with a sentence for people. */
export interface Meaning {
  readonly code: ProviderErrorCode;
  readonly sentence: string;
}

/** "upload docs/a.txt" */
export function wordsFor({ operation, subject }: Subject): string {
  return subject === undefined ? operation : `${operation} ${subject}`;
}

/** A field of an answer that may be of any shape; undefined when it is not there. */
export function field(value: unknown, name: string): unknown {
  if (typeof value !== "object" || value === null) return undefined;
  return Object.entries(value).find(([key]) => key === name)?.[1];
}

/** The service's English sentence as one line of at most `most` characters, unless it is no sentence. */
export function readable(text: string | undefined, most: number): string | undefined {
  const line = text?.replace(/\p{Cc}/gu, " ").trim() ?? "";
  return line === "" || line.length > most ? undefined : line;
}
