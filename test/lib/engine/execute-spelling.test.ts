import { expect, test } from "vitest";
import { createSpelling } from "../../../lib/engine/execute-spelling.js";
import type { Action } from "../../../lib/model/action.js";
import { toPathKey, toSyncPath } from "../../../lib/model/path.js";
import type { PlannedStep } from "../../../lib/state/types.js";
import { baseFile, deleteLocal, deleteRemote, download, localFolder, remoteFolder, upload } from "../state/builders.js";

function stepOf(action: Action): PlannedStep {
  const key = toPathKey(action.path, true);
  return { sequence: 1, stage: 1, key, action, was: baseFile(action.path) };
}

function renamed(kind: "move-local" | "move-remote", from: string, to: string): Action {
  const [local, remote] = [localFolder(to), remoteFolder(to)];
  return { kind, path: toSyncPath(to), from: toSyncPath(from), reason: "remote-moved", local, remote };
}

test("after a folder here was renamed by case alone, paths below it here have its new name, and those there stay", () => {
  const spelling = createSpelling(true);
  spelling.note(renamed("move-local", "Work", "work"));
  spelling.note(renamed("move-local", "work/Old", "work/OLD"));
  expect(spelling.respell(stepOf(download("Work/Old/a")))).toMatchObject({
    action: { path: "work/OLD/a", remote: { path: "Work/Old/a" } },
    was: { path: "work/OLD/a", remotePath: "Work/Old/a" },
  });
  expect(spelling.respell(stepOf(deleteLocal("Work/b"))).action).toMatchObject({
    path: "work/b",
    local: { path: "work/b" },
  });
  expect(spelling.respell(stepOf(upload("Work/c"))).action).toMatchObject({
    path: "Work/c",
    local: { path: "work/c" },
  });
  expect(spelling.respell(stepOf(download("Workshop/d"))).action.path).toBe("Workshop/d");
});

test("after one there was, paths below it there have its new name, and those here stay", () => {
  const spelling = createSpelling(true);
  spelling.note(renamed("move-remote", "Work", "work"));
  expect(spelling.respell(stepOf(upload("Work/c"))).action).toMatchObject({
    path: "work/c",
    local: { path: "Work/c" },
  });
  expect(spelling.respell(stepOf(deleteRemote("Work/b"))).action).toMatchObject({
    path: "work/b",
    remote: { path: "work/b" },
  });
  expect(spelling.respell(stepOf(download("Work/a"))).action.path).toBe("Work/a");
});

test("any other move leaves the steps as they are: what is below it was planned under its new name", () => {
  const spelling = createSpelling(true);
  spelling.note(renamed("move-local", "Work", "Play"));
  const step = stepOf(download("Work/a"));
  expect(spelling.respell(step)).toBe(step);
});
