import { noteMisuse } from "../shared/note-misuse.js";
import { arg, type Call } from "./route.js";

export interface Page<T> {
  readonly page: number;
  readonly pages: number;
  readonly perPage: number;
  /** A number, though at times an empty text where nothing is found. */
  readonly total: number | "";
  readonly entries: readonly T[];
}

const MAX_PER_PAGE = 500;
/** Page numbers above this one are taken for it. */
const LAST_PAGE = 10_000;

/** The part of a list that is asked for. */
export function pageOf<T>(call: Call, all: readonly T[], defaultPerPage: number): Page<T> {
  const { fault, world } = call;
  const perPage = Math.min(numberArg(call, "per_page", defaultPerPage), MAX_PER_PAGE);
  const pages = Math.ceil(all.length / perPage);
  const asked = Math.min(numberArg(call, "page", 1), LAST_PAGE);
  const isPastEnd = asked > Math.max(pages, 1);
  const page = isPastEnd && world.settings.pagePastEnd === "repeat" ? Math.max(pages, 1) : asked;
  const entries = all.slice((page - 1) * perPage, page * perPage);
  const isBlank = fault?.kind === "blank-total" || (all.length === 0 && world.settings.emptyTotal === "blank");
  return { page, pages, perPage, total: isBlank ? "" : all.length, entries: spoil(call, entries) };
}

function spoil<T>({ fault }: Call, entries: readonly T[]): readonly T[] {
  if (fault?.kind === "short-page") return entries.slice(0, fault.entries);
  return fault?.kind === "repeat-entry" ? [...entries, ...entries.slice(0, 1)] : entries;
}

function numberArg(call: Call, name: string, standard: number): number {
  const text = arg(call, name);
  if (text === undefined) return standard;
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < 1) {
    noteMisuse(call, `${name}=${text} is no number from 1`);
    return standard;
  }
  if (name === "per_page" && value > MAX_PER_PAGE) noteMisuse(call, `per_page=${text} is more than ${MAX_PER_PAGE}`);
  return value;
}
