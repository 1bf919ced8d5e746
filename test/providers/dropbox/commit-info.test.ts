import { expect, test } from "vitest";
import { headerJson } from "../../../providers/dropbox/api.js";
import { toTimestamp } from "../../../providers/dropbox/commit-info.js";

test.each([
  [Date.UTC(2026, 2, 1, 9, 30, 0, 999), "2026-03-01T09:30:00Z"],
  [0, "1970-01-01T00:00:00Z"],
  [-1, undefined],
  [Date.UTC(10000, 0, 1), undefined],
  [Number.NaN, undefined],
])("%s is %s", (ms, expected) => {
  expect(toTimestamp(ms)).toBe(expected);
});

test("header JSON is pure ASCII and reads back the same", () => {
  const value = { path: '/é \u{1f600} \x7f \u2028 \\ "' };
  expect(headerJson(value)).toMatch(/^[\x20-\x7e]*$/);
  expect(JSON.parse(headerJson(value))).toEqual(value);
});
