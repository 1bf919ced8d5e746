import { expect, test } from "vitest";
import { toSyncPath } from "../../../lib/model/path.js";
import { MAX_FILE_BYTES, refusalOf } from "../../../providers/dropbox/names.js";

test.each([
  "a.txt",
  ".hidden",
  "~$draft.docx",
  'a:b?c*d|e"f<g>',
  "new\nline",
  "x".repeat(255),
  "\u{1f600}".repeat(127),
  "desktop.ini.txt",
])("takes %j", (name) => {
  expect(refusalOf(toSyncPath(name), 1)).toBeUndefined();
  expect(refusalOf(toSyncPath(`folder/${name}`), 1)).toBeUndefined();
});

test.each([
  "Desktop.ini",
  "THUMBS.DB",
  ".DS_Store",
  "Icon\r",
  ".dropbox",
  ".dropbox.attr",
  ".dropbox.cache/a",
  "folder./a",
  "a ",
  "a.",
  "a\\b",
  "a\x7fb",
  "x".repeat(256),
  "\u{1f600}".repeat(128),
])("refuses %j with a sentence", (name) => {
  expect(refusalOf(toSyncPath(name), 1)).toMatch(/^Dropbox .*\.$/);
});

test("refuses more than the largest file", () => {
  expect(refusalOf(toSyncPath("a"), MAX_FILE_BYTES)).toBeUndefined();
  expect(refusalOf(toSyncPath("a"), MAX_FILE_BYTES + 1)).toMatch(/at most/);
});
