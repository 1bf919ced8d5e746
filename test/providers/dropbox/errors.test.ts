import { expect, test } from "vitest";
import { isBusy, tagsOf, toRouteError } from "../../../providers/dropbox/errors.js";

const about = { operation: "upload", subject: "a.txt" };

test.each([
  [{ ".tag": "path", path: { ".tag": "not_found" } }, "path/not_found", "not-found"],
  [{ ".tag": "path", path: { ".tag": "conflict", conflict: { ".tag": "file" } } }, "path/conflict/file", "changed"],
  [
    { ".tag": "path", reason: { ".tag": "conflict", conflict: { ".tag": "folder" } }, upload_session_id: "x" },
    "path/conflict/folder",
    "changed",
  ],
  [{ ".tag": "path", path: { ".tag": "insufficient_space" } }, "path/insufficient_space", "quota"],
  [
    { ".tag": "path", reason: { ".tag": "upload_traffic_limit_reached" } },
    "path/upload_traffic_limit_reached",
    "quota",
  ],
  [{ ".tag": "path_lookup", path_lookup: { ".tag": "not_found" } }, "path_lookup/not_found", "not-found"],
  [{ ".tag": "path", path: { ".tag": "malformed_path", malformed_path: "x" } }, "path/malformed_path", "rejected"],
  [{ ".tag": "path", path: { ".tag": "disallowed_name" } }, "path/disallowed_name", "rejected"],
  [{ ".tag": "path", path: { ".tag": "no_write_permission" } }, "path/no_write_permission", "rejected"],
  [{ ".tag": "path", path: { ".tag": "restricted_content" } }, "path/restricted_content", "rejected"],
  [{ ".tag": "lookup_failed", lookup_failed: { ".tag": "not_found" } }, "lookup_failed/not_found", "unavailable"],
  [{ ".tag": "not_found" }, "not_found", "unavailable"],
  [{ ".tag": "too_many_write_operations" }, "too_many_write_operations", "unavailable"],
  [{ ".tag": "path", path: { ".tag": "brand_new" } }, "path/brand_new", "unavailable"],
  [{ ".tag": "other" }, "other", "unavailable"],
  ["not an error at all, but text", "other", "unavailable"],
  [undefined, "other", "unavailable"],
  [
    {
      ".tag": "relocation_error",
      relocation_error: { ".tag": "to", to: { ".tag": "conflict", conflict: { ".tag": "file" } } },
    },
    "relocation_error/to/conflict/file",
    "changed",
  ],
])("%j", (error, tags, code) => {
  expect(tagsOf(error).join("/")).toBe(tags);
  expect(toRouteError(error, about).code).toBe(code);
});

test("a message names operation and path and repeats nothing that is no tag", () => {
  const { message } = toRouteError({ ".tag": "path", path: { ".tag": "Bearer sl.secret" } }, about);
  expect(message).toMatch(/^upload a\.txt: .*path\/other/);
  expect(message).not.toContain("secret");
});

test("the correct offset is found at any depth", () => {
  const offset = { ".tag": "incorrect_offset", correct_offset: 42 };
  expect(toRouteError(offset, about).correctOffset).toBe(42);
  expect(toRouteError({ ".tag": "lookup_failed", lookup_failed: offset }, about).correctOffset).toBe(42);
});

test("busy is told apart, nested or not", () => {
  expect(isBusy(toRouteError({ ".tag": "too_many_write_operations" }, about))).toBe(true);
  expect(isBusy(toRouteError({ ".tag": "path", path: { ".tag": "too_many_write_operations" } }, about))).toBe(true);
  expect(isBusy(toRouteError({ ".tag": "path", path: { ".tag": "not_found" } }, about))).toBe(false);
});
