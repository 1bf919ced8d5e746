import { randomBytes } from "node:crypto";

/** Content on its way, under a name whose kind the service takes at full speed. */
const UPLOAD = /^\.trisync-upload-[0-9a-f]{16}\.txt$/;

export function newUploadName(): string {
  return `.trisync-upload-${randomBytes(8).toString("hex")}.txt`;
}

/** True for names that only trisync gives; what bears one is nobody's file. */
export function isTemporary(name: string): boolean {
  return UPLOAD.test(name);
}

/** "Plan (replaced 20260301T093000Z-1a2b).txt": says when, and keeps the ending. */
const ASIDE = / \(replaced (\d{4})(\d{2})(\d{2})T(\d{2})(\d{2})(\d{2})Z-[0-9a-f]{4}\)(\.[^.]*)?$/;

const MAX_NAME = 255;

/** The name under which a version that is being replaced goes to the trash. People read it there. */
export function newAsideName(name: string, nowMs: number): string {
  const time = new Date(nowMs).toISOString().replace(/[-:]/g, "").replace(/\.\d+/, "");
  const mark = ` (replaced ${time}-${randomBytes(2).toString("hex")})`;
  const dot = name.lastIndexOf(".");
  const ending = dot > 0 && name.length - dot <= 20 ? name.slice(dot) : "";
  const stem = Array.from(name.slice(0, name.length - ending.length));
  return stem.slice(0, MAX_NAME - mark.length - ending.length).join("") + mark + ending;
}

/** True for the name under which a version of the file went to the trash. */
export function isAsideOf(name: string, aside: string): boolean {
  const found = ASIDE.exec(aside);
  return found !== null && name.startsWith(aside.slice(0, found.index)) && name.endsWith(found[7] ?? "");
}

/** How long a replaced version is on its way to the trash at most. */
const ASIDE_MS = 3_600_000;

/**
 * True for a replaced version that is on its way to the trash. One that is older was brought back from there, or left by a run
 * that was killed: it is a file like any other.
 */
export function isGoingAside(name: string, nowMs: number): boolean {
  const found = ASIDE.exec(name);
  if (found === null) return false;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = found.slice(1, 7).map(Number);
  return Math.abs(nowMs - Date.UTC(year, month - 1, day, hour, minute, second)) < ASIDE_MS;
}
