import { randomBytes } from "node:crypto";

/** Sorts by time and names the run's trash folder: "20260301T093000Z-1a2b". */
export function createRunId(nowMs: number): string {
  const time = new Date(nowMs).toISOString().replace(/[-:]/g, "").replace(/\.\d+/, "");
  return `${time}-${randomBytes(2).toString("hex")}`;
}
