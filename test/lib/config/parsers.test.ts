import { describe, expect, test } from "vitest";
import { closest } from "../../../lib/config/closest.js";
import { parseBoolean } from "../../../lib/config/parse-boolean.js";
import { parseDeleteLimit } from "../../../lib/config/parse-delete-limit.js";
import { parseDuration } from "../../../lib/config/parse-duration.js";
import { parseIfLocked } from "../../../lib/config/parse-if-locked.js";
import { parseList } from "../../../lib/config/parse-list.js";
import { parseWholeNumber } from "../../../lib/config/parse-number.js";
import { parseRate, parseSize } from "../../../lib/config/parse-size.js";

type Cases = readonly (readonly [text: string, expected: unknown])[];

const PARSERS: readonly { readonly name: string; readonly parse: (text: string) => unknown; readonly cases: Cases }[] =
  [
    {
      name: "a size",
      parse: parseSize,
      cases: [
        ["1", 1],
        ["12b", 12],
        ["500k", 500_000],
        ["10MB", 10_000_000],
        ["10 MB", 10_000_000],
        ["1.5G", 1_500_000_000],
        ["2T", 2e12],
        ["64MiB", 64 * 1024 * 1024],
        ["1ki", 1024],
        [" 3 kb ", 3000],
        ["0", undefined],
        ["-1", undefined],
        ["", undefined],
        ["MB", undefined],
        ["1e3", undefined],
        ["10 bananas", undefined],
        ["1,5G", undefined],
        ["0x10", undefined],
        ["constructor", undefined],
        ["1constructor", undefined],
        ["99999999999999999T", undefined],
      ],
    },
    {
      name: "a rate",
      parse: parseRate,
      cases: [
        ["500k", 500_000],
        ["2MB/s", 2_000_000],
        ["2 MiB /S", 2_097_152],
        ["10Mbit", undefined],
        ["10Mbit/s", undefined],
        ["/s", undefined],
        ["1MB/h", undefined],
      ],
    },
    {
      name: "a time",
      parse: parseDuration,
      cases: [
        ["90s", 90_000],
        ["10m", 600_000],
        ["1h30m", 5_400_000],
        ["1h 30m", 5_400_000],
        ["26h", 93_600_000],
        ["7d", 604_800_000],
        ["2w", 1_209_600_000],
        ["500ms", 500],
        ["1.5h", 5_400_000],
        ["10M", 600_000],
        ["90", undefined],
        ["0s", undefined],
        ["", undefined],
        ["s", undefined],
        ["-5m", undefined],
        ["5 months", undefined],
        ["10m!", undefined],
      ],
    },
    {
      name: "yes or no",
      parse: parseBoolean,
      cases: [
        ["true", true],
        ["YES", true],
        ["on", true],
        ["1", true],
        ["false", false],
        ["No", false],
        ["off", false],
        ["0", false],
        ["maybe", undefined],
        ["", undefined],
        ["toString", undefined],
      ],
    },
    {
      name: "a limit of deletions",
      parse: parseDeleteLimit,
      cases: [
        ["0", { files: 0 }],
        ["20", { files: 20 }],
        ["50%", { percent: 50 }],
        ["12.5 %", { percent: 12.5 }],
        ["100%", { percent: 100 }],
        ["101%", undefined],
        ["-1", undefined],
        ["%", undefined],
        ["half", undefined],
        ["1.5", undefined],
      ],
    },
    {
      name: "what to do when locked",
      parse: parseIfLocked,
      cases: [
        ["fail", "fail"],
        ["skip", "skip"],
        ["wait=10m", { waitMs: 600_000 }],
        ["wait", undefined],
        ["wait=", undefined],
        ["wait=10", undefined],
        ["Fail", undefined],
      ],
    },
    {
      name: "a whole number from 1 to 10",
      parse: (text) => parseWholeNumber(text, { from: 1, to: 10 }),
      cases: [
        ["1", 1],
        [" 10 ", 10],
        ["0", undefined],
        ["11", undefined],
        ["1.0", undefined],
        ["1e1", undefined],
        ["+1", undefined],
        ["", undefined],
      ],
    },
    {
      name: "a list of patterns",
      parse: parseList,
      cases: [
        ["*.tmp", ["*.tmp"]],
        ["*.tmp, *.bak,", ["*.tmp", "*.bak"]],
        ["a\nb\r\nc", ["a", "b", "c"]],
        ["one\\,two,three", ["one,two", "three"]],
        [" , ", []],
      ],
    },
    {
      name: "a misspelled word",
      parse: (text) => closest(text, ["max-delete", "max-size", "mode"]),
      cases: [
        ["maxdelete", "max-delete"],
        ["MODE", "mode"],
        ["mod", "mode"],
        ["banana", undefined],
      ],
    },
  ];

describe.each(PARSERS)("parses $name", ({ parse, cases }) => {
  test.each(cases)("%j", (text, expected) => {
    expect(parse(text)).toEqual(expected);
  });
});
