import { expect, test } from "vitest";
import { actionLine, line, outcomeLine, problemLine, summaryLine } from "../../../lib/report/json.js";
import * as build from "../../support/report-builders.js";

test("fields stand in the documented order", () => {
  expect(actionLine(build.upload("a/b.txt"))).toBe(
    '{"event":"action","kind":"upload","path":"a/b.txt","bytes":12,"reason":"local-new"}\n',
  );
  expect(outcomeLine(build.outcome(build.upload("a/b.txt")))).toBe(
    '{"event":"outcome","kind":"upload","path":"a/b.txt","bytes":12,"status":"done","reason":"local-new"}\n',
  );
  const problem = { side: "local", path: "x", code: "unreadable", message: "m", covers: undefined } as const;
  expect(problemLine(problem)).toBe(
    '{"event":"problem","side":"local","path":"x","code":"unreadable","message":"m"}\n',
  );
  expect(summaryLine(build.summary({ uploaded: 1, bytesUp: 12 }))).toBe(
    '{"event":"summary","planId":"p1","uploaded":1,"downloaded":0,"deletedLocal":0,"deletedRemote":0,"movedLocal":0,' +
      '"movedRemote":0,"conflicts":0,"unchanged":41,"failed":0,"skipped":0,"bytesUp":12,"bytesDown":0,"requests":3,' +
      '"seconds":0.8,"exitCode":0}\n',
  );
});

test("a move says where from, a conflict where the other version is", () => {
  expect(JSON.parse(actionLine(build.moveRemote("a", "b")) ?? "")).toMatchObject({ path: "b", from: "a", bytes: 0 });
  expect(JSON.parse(actionLine(build.conflict("a", "c")) ?? "")).toMatchObject({ path: "a", copy: "c", bytes: 12 });
});

test("what only tidies the base is not shown", () => {
  expect(actionLine(build.forget("a"))).toBeUndefined();
  expect(outcomeLine(build.outcome(build.forget("a")))).toBeUndefined();
});

test("no name ends the line or steers a terminal, and each comes back as it was", () => {
  const path = 'a\nb\u001b[2J\u009b\u007f\u2028\u2029\ud800"\\';
  const text = line({ event: "x", path });
  expect(text.trimEnd()).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/);
  expect(JSON.parse(text)).toEqual({ event: "x", path });
});
