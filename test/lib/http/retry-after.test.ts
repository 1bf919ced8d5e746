import { describe, expect, it } from "vitest";
import { parseRetryAfter } from "../../../lib/http/retry-after.js";

const NOW = Date.parse("2026-11-21T12:00:00Z");

describe("parseRetryAfter", () => {
  it.each([
    ["120", 120_000],
    [" 0.5 ", 500],
    ["0", 0],
    ["Sat, 21 Nov 2026 12:01:00 GMT", 60_000],
    ["Sat, 21 Nov 2020 12:01:00 GMT", 0],
    ["-5", undefined],
    ["soon", undefined],
    ["", undefined],
    [undefined, undefined],
  ])("%j is %s ms", (value, expected) => {
    expect(parseRetryAfter({ "retry-after": value }, NOW)).toBe(expected);
  });
});
