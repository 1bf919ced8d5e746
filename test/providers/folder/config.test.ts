import { describe, expect, it } from "vitest";
import { UsageError } from "../../../lib/model/errors.js";
import { folderModule } from "../../../providers/folder/folder.js";

describe("the target of folder:", () => {
  it.each([
    ["/mnt/backup", "/mnt/backup"],
    ["/mnt/backup/", "/mnt/backup"],
    ["/mnt//backup/./x/../y", "/mnt/backup/y"],
    ["/", "/"],
    ["/mnt/with space:and colon", "/mnt/with space:and colon"],
  ])("%j is %j", (target, expected) => {
    expect(folderModule.parseTarget(target)).toBe(expected);
    expect(folderModule.parseTarget(expected)).toBe(expected);
  });

  it.each(["", "relative/path", "./x", "~/x", "/a\0b"])("%j is refused", (target) => {
    expect(() => folderModule.parseTarget(target)).toThrow(UsageError);
  });
});
