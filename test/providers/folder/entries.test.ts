import { expect, it } from "vitest";
import type { LocalFile } from "../../../lib/model/entry.js";
import { toSyncPath } from "../../../lib/model/path.js";
import { createEntries } from "../../../providers/folder/entries.js";

const file: LocalFile = {
  kind: "file",
  path: toSyncPath("d/a.txt"),
  sizeBytes: 7,
  modifiedMs: 1000,
  inode: "2049:77",
  stamp: "77|1000000000|1000000001",
};

it("knows a file again when the disk has another number", () => {
  const remote = createEntries("2049:2").toRemoteFile(file);
  expect(createEntries("2065:2").toLocalFile(remote)).toEqual({
    ...file,
    inode: "2065:77",
  });
});

it("keeps the number of another disk that is mounted below the root", () => {
  const remote = createEntries("9:2").toRemoteFile(file);
  expect(remote.id).toBe("2049:77");
  expect(createEntries("10:2").toLocalFile(remote)).toEqual(file);
});

it("gives a file without a stamp no version, and takes it back as one without a stamp", () => {
  const entries = createEntries("2049:2");
  const racy = { ...file, stamp: "" };
  expect(entries.toRemoteFile(racy).version).toBeUndefined();
  expect(entries.toLocal(entries.toRemoteFile(racy))).toEqual(racy);
});

it("takes folders there and back", () => {
  const entries = createEntries("2049:2");
  const folder = { kind: "folder", path: toSyncPath("d"), inode: "2049:5" } as const;
  expect(entries.toLocal(entries.toRemoteFolder(folder))).toEqual(folder);
});

it("shows links and pipes as what they are", () => {
  const link = { kind: "special", path: toSyncPath("l"), type: "symbolic link" } as const;
  expect(createEntries("2049:2").toRemote(link)).toEqual(link);
});
