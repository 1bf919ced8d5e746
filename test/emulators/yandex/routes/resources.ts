import { type Entry, type File, partsOf } from "../entries.js";
import { notFound } from "../failures.js";
import { cutPage, readPage, sortEntries } from "../listing.js";
import { shownPath } from "../paths.js";
import { describe } from "../resource.js";
import { assertUnlocked, type Call, diskPath, downloadUrl, noteNewName, resourceLink, type Route } from "../route.js";

/** Metadata of a file, or of a folder with a page of its children. */
export const getResource: Route = {
  name: "GET resources",
  scope: "read",
  params: ["path", "limit", "offset", "sort", "preview_size", "preview_crop", "media_type"],
  run: (call) => {
    const entry = call.account.disk.find(diskPath(call, "path", "read"));
    if (entry === undefined) throw notFound();
    const value = { ...describeFor(call, entry), ...embedded(call, entry) };
    return { status: 200, value };
  },
};

/** A new folder, one level at a time. */
export const putResource: Route = {
  name: "PUT resources",
  scope: "write",
  params: ["path"],
  run: async (call) => {
    const parts = diskPath(call, "path", "write");
    assertUnlocked(call, parts);
    noteNewName(call, parts);
    const done = call.world.writeWatch.begin(call.account.uid, [parts]);
    try {
      await call.latency;
      call.account.disk.makeFolder(parts);
      return { status: 201, value: resourceLink(call, parts) };
    } finally {
      done();
    }
  },
};

export function describeFor(call: Call, entry: Entry): Record<string, unknown> {
  return describe(entry, (file: File) => downloadUrl(call, file));
}

function embedded(call: Call, entry: Entry): Readonly<Record<string, unknown>> {
  const { fault, query, world } = call;
  const request = readPage(query, world.settings, call.misuse);
  if (entry.kind === "file" || fault?.kind === "no-embedded") return {};
  const children = sortEntries(entry.children.values(), request.sort, world.settings, world.chance);
  const { items, total } = cutPage(children, request, world.settings, fault);
  const shown = items.map((child) => describeFor(call, child));
  const { limit, offset, sort } = request;
  return { _embedded: { sort, path: shownPath(partsOf(entry)), limit, offset, total, items: shown } };
}
