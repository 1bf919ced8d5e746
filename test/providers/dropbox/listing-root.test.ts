import { expect, test } from "vitest";
import type { DropboxApi } from "../../../providers/dropbox/api.js";
import { list } from "../../../providers/dropbox/listing.js";
import type { Root } from "../../../providers/dropbox/root.js";
import type { ListingPage } from "../../../providers/provider.js";
import { signal } from "../support/signal.js";

/** A service that shows one page of changes, whatever they are, and an empty folder when it is listed anew. */
function apiShowing(changes: readonly unknown[]): DropboxApi {
  return {
    rpc: async ({ route, answer }) => {
      const entries = route.endsWith("continue") ? changes : [{ ".tag": "folder", ...AT_ROOT, id: "id:new" }];
      return answer.parse({ entries, cursor: "next", has_more: false });
    },
    send: () => Promise.reject(new Error("not asked for")),
    download: () => Promise.reject(new Error("not asked for")),
    requests: 0,
    close: () => undefined,
  };
}

const AT_ROOT = { name: "Docs", path_lower: "/above/docs", path_display: "/Above/Docs" };
const ABOVE = { name: "Above", path_lower: "/above", path_display: "/Above" };
const file = { id: "id:file", rev: "012345678", size: 1, client_modified: "2026-03-01T09:30:00Z" };

function rootNoting(seen: unknown[]): Root {
  return {
    path: "/Above/Docs",
    identify: () => Promise.resolve({ account: "dbid:x", root: "id:old" }),
    lower: () => Promise.resolve("/above/docs"),
    saw: (found) => {
      seen.push(found);
    },
    isAnother: (id) => id !== "id:old",
  };
}

test.each([
  { title: "the root is gone", changes: [{ ".tag": "deleted", ...AT_ROOT }], scope: "full" },
  { title: "a folder above it is gone", changes: [{ ".tag": "deleted", ...ABOVE }], scope: "full" },
  { title: "a file took its place", changes: [{ ".tag": "file", ...AT_ROOT, ...file }], scope: "full" },
  { title: "another folder took its place", changes: [{ ".tag": "folder", ...AT_ROOT, id: "id:new" }], scope: "full" },
  {
    title: "the same folder is shown again",
    changes: [{ ".tag": "folder", ...AT_ROOT, id: "id:old" }],
    scope: "changes",
  },
  { title: "a folder above it is shown", changes: [{ ".tag": "folder", ...ABOVE, id: "id:a" }], scope: "changes" },
  {
    title: "a kind of entry that nobody knows yet",
    changes: [{ ".tag": "dream", name: "x", path_lower: "/above/docs/x", path_display: "/Above/Docs/x" }],
    scope: "changes",
  },
])("$title: $scope", async ({ changes, scope }) => {
  const seen: unknown[] = [];
  const pages: ListingPage[] = [];
  for await (const page of list(apiShowing(changes), rootNoting(seen), "cursor", signal)) pages.push(page);
  expect(pages.map((page) => page.scope)).toEqual([scope]);
  if (scope === "full") expect(seen).toEqual([{ id: "id:new", lower: "/above/docs" }]);
});
