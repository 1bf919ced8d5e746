import { describe, expect, test } from "vitest";
import { createColours } from "../../../lib/report/colours.js";
import { escapeMessage, escapeName } from "../../../lib/report/escape.js";
import { errorText } from "../../../lib/report/error-text.js";
import { exitCodeOf } from "../../../lib/report/exit-codes.js";
import { PlanView } from "../../../lib/report/plan-view.js";
import { conflictText, failureText, problemText } from "../../../lib/report/problem-lines.js";
import { createRedactor } from "../../../lib/report/redact.js";
import { isUneventful, summaryText } from "../../../lib/report/summary-line.js";
import type { ColorChoice } from "../../../lib/config/options.js";
import {
  InterruptedError,
  LocalError,
  LockedError,
  ProviderError,
  SafetyError,
  UsageError,
} from "../../../lib/model/errors.js";
import * as build from "../../support/report-builders.js";

const PLAIN = createColours("never", {}, false);

describe("names", () => {
  test.each([
    ["a/Ü 日本 😀.txt", "a/Ü 日本 😀.txt"],
    ["line\nend", "line\\nend"],
    ["carriage\rreturn\ttab", "carriage\\rreturn\\ttab"],
    ["\u001b[2Jcleared", "\\x1b[2Jcleared"],
    ["\u009b31mred", "\\x9b31mred"],
    ["exe\u202etxt.cod", "exe\\u202etxt.cod"],
    ["\u2028\ud800", "\\u2028\\ud800"],
  ])("%j are shown as %j", (name, expected) => {
    expect(escapeName(name)).toBe(expected);
  });

  test("in messages keep the message's own line ends", () => {
    expect(escapeMessage("a\nb\u001b")).toBe("a\nb\\x1b");
  });
});

describe("exit codes", () => {
  test.each([
    [new UsageError(""), 2],
    [new SafetyError(""), 4],
    [new LockedError(""), 11],
    [new ProviderError("unauthorized", ""), 12],
    [new ProviderError("unavailable", ""), 75],
    [new ProviderError("quota", ""), 75],
    [new ProviderError("malformed", ""), 75],
    [new ProviderError("rejected", ""), 2],
    [new LocalError("full", ""), 3],
    [new InterruptedError("SIGINT"), 130],
    [new InterruptedError("SIGTERM"), 143],
    [new TypeError("x is not a function"), 1],
    ["thrown text", 1],
  ])("%s is %d", (error, expected) => {
    expect(exitCodeOf(error)).toBe(expected);
  });
});

describe("an error that ended the run", () => {
  test("is its message when it is an answer for the user", () => {
    expect(errorText(new UsageError("one\ntwo"))).toBe("trisync: one\ntrisync: two\n");
  });

  test("keeps its stack when it is a bug, and asks to be reported", () => {
    const text = errorText(new TypeError("broken"));
    expect(text).toMatch(/bug.*report/);
    expect(text).toMatch(/TypeError: broken\ntrisync: {5}at /);
  });
});

describe("the redactor", () => {
  test("blots out what it was told, also where it is encoded for an address", () => {
    const redactor = createRedactor();
    redactor.remember("p+ss word/1\n");
    expect(redactor.redact("a p+ss word/1 b p%2Bss%20word%2F1 c")).toBe("a [secret] b [secret] c");
  });

  test("takes short texts for no secrets", () => {
    const redactor = createRedactor();
    redactor.remember("a");
    redactor.remember("");
    expect(redactor.redact("banana")).toBe("banana");
  });

  test.each([
    "Authorization: Bearer sl.ABCdef-123",
    "{ authorization: 'OAuth y0_ABCdef-123' }",
    '{"refresh_token":"ABCdef-123"}',
    "https://content.example/file?sig=ABCdef-123&x=1",
    "http://user:ABCdef-123@proxy:3128/",
    "client_secret=ABCdef-123&grant_type=x",
    "code_verifier=ABCdef-123",
  ])("blots out what looks like a credential in a stack: %s", (text) => {
    expect(createRedactor().redactForeign(text)).not.toContain("ABCdef-123");
  });

  test("leaves an ordinary stack readable", () => {
    const stack = "TypeError: x is undefined\n    at scan (file:///opt/trisync/dist/cli.js:12:5)";
    expect(createRedactor().redactForeign(stack)).toBe(stack);
  });
});

describe("colours", () => {
  const cases: readonly (readonly [ColorChoice, Record<string, string>, boolean, boolean])[] = [
    ["auto", {}, true, true],
    ["auto", {}, false, false],
    ["auto", { NO_COLOR: "1" }, true, false],
    ["auto", { NO_COLOR: "" }, true, true],
    ["auto", { FORCE_COLOR: "1" }, false, true],
    ["auto", { FORCE_COLOR: "0" }, true, false],
    ["auto", { NO_COLOR: "1", FORCE_COLOR: "1" }, true, false],
    ["auto", { TERM: "dumb" }, true, false],
    ["always", { NO_COLOR: "1" }, false, true],
    ["never", { FORCE_COLOR: "1" }, true, false],
  ];
  test.each(cases)("--color %s, %j, terminal %s: %s", (choice, env, isTerminal, expected) => {
    expect(createColours(choice, env, isTerminal).red("x") !== "x").toBe(expected);
  });
});

describe("the summary", () => {
  test("says nothing of what did not happen", () => {
    expect(summaryText(build.summary())).toBe("nothing changed, 41 unchanged, in 0.8s");
  });

  test("counts what was done, with sizes", () => {
    const done = build.summary({ uploaded: 3, bytesUp: 1_234_567, deletedRemote: 1, conflicts: 1, seconds: 125 });
    expect(summaryText(done)).toBe("3 uploaded (1.2 MB), 1 deleted there, 1 conflict, 41 unchanged, in 2m 5s");
  });

  test.each([
    [4, /refused for safety/],
    [6, /stopped at its budget/],
    [75, /try later/],
    [130, /interrupted/],
  ])("says how a run with exit code %d ended", (exitCode, expected) => {
    expect(summaryText(build.summary({ exitCode }))).toMatch(expected);
  });

  test("is eventful when anything changed or failed, not for what every run skips", () => {
    expect(isUneventful(build.summary())).toBe(true);
    expect(isUneventful(build.summary({ skipped: 2 }))).toBe(true);
    expect(isUneventful(build.summary({ movedLocal: 1 }))).toBe(false);
    expect(isUneventful(build.summary({ exitCode: 3 }))).toBe(false);
  });
});

describe("the plan", () => {
  test("shows each action with its size and reason, and the totals", () => {
    const plan = new PlanView(PLAIN, false);
    const actions = [
      build.upload("a/b.txt"),
      build.download("big", 5_000_000),
      build.deleteLocal("old\u001b[2J"),
      build.moveRemote("from", "to"),
      build.conflict("both", "both (conflict)"),
      build.record("same"),
      build.forget("gone"),
    ];
    expect(actions.map((action) => plan.line(action))).toEqual([
      "upload         a/b.txt  (12 B, new here)",
      "download       big  (5 MB, new there)",
      "delete local   old\\x1b[2J  (deleted there)",
      "move remote    from -> to  (moved here)",
      "conflict       both, a copy as both (conflict)  (12 B, changed on both sides)",
      undefined,
      undefined,
    ]);
    expect(plan.totals("p1", 7)).toBe(
      "Plan p1: 1 to upload (12 B), 1 to download (5 MB), 1 to delete here, 1 to move there, 1 in conflict (12 B), 7 unchanged, 1 the same already.",
    );
  });

  test("says so when there is nothing to do", () => {
    expect(new PlanView(PLAIN, false).totals("p1", 7)).toBe("Nothing to do: 7 unchanged.");
  });
});

describe("lines about one path", () => {
  test("cannot be forged by its name", () => {
    const problem = { side: "local", path: "x\ntrisync: all is well", code: "unreadable", covers: undefined } as const;
    expect(problemText({ ...problem, message: "cannot be read. Give it r." })).toBe(
      "x\\ntrisync: all is well: cannot be read. Give it r.",
    );
  });

  test("say what failed, and something even where nothing is known", () => {
    expect(failureText(build.outcome(build.upload("a"), "failed", "the disk is full. Make room."))).toBe(
      "a: the disk is full. Make room.",
    );
    expect(failureText(build.outcome(build.upload("a"), "changed-meanwhile"))).toMatch(/^a: changed while .* next run/);
  });

  test("say where the other version of a conflict is", () => {
    const both = build.conflict("a", "a (conflict)");
    expect(conflictText(both)).toContain("is now a (conflict)");
    expect(conflictText({ ...both, winner: "local" })).toMatch(/local version was kept, the remote one is in a trash/);
  });
});
