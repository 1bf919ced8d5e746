import type { Entry, File } from "../entries.js";
import { badField, notFound } from "../failures.js";
import { launch } from "../launch.js";
import { cutPage, readPage } from "../listing.js";
import { fromTestPath, type Parts, parsePath } from "../paths.js";
import { readFlag } from "../query.js";
import { describeTrash, toTimestamp } from "../resource.js";
import { type Call, downloadUrl, resourceLink, type Route } from "../route.js";
import type { TrashItem } from "../trash.js";

export const getTrash: Route = {
  name: "GET trash/resources",
  scope: "read",
  params: ["path", "limit", "offset", "sort", "preview_size", "preview_crop"],
  run: (call) => {
    const { account, query, world } = call;
    const parts = trashPath(call, query.get("path") ?? "trash:/");
    const request = readPage(query, world.settings, () => undefined, ["created", "deleted"]);
    const page = (entries: readonly Found[]): Record<string, unknown> => {
      const named = entries.map((found) => ({ name: found.entry.name, found }));
      const { items, total } = cutPage(named, request, world.settings, call.fault);
      const shown = items.map(({ found }) => show(call, found));
      return { path: `trash:/${parts.join("/")}`, ...request, total, items: shown };
    };
    if (parts.length === 0) {
      const items = sortItems(account.disk.trash.all(), request.sort);
      const found = items.map((item) => ({ item, entry: item.entry, parts: [item.key] }));
      const now = toTimestamp(world.clock.nowMs());
      const top = { type: "dir", name: "trash", path: "trash:/", created: now, modified: now };
      return { status: 200, value: { ...top, _embedded: page(found) } };
    }
    const found = findTrash(call, parts);
    if (found.entry.kind === "file") return { status: 200, value: show(call, found) };
    const children = [...found.entry.children.values()].map((entry) => ({
      item: found.item,
      entry,
      parts: [...parts, entry.name],
    }));
    return { status: 200, value: { ...show(call, found), _embedded: page(children) } };
  },
};

/** Back to where it was, or to another place; the folders on the way are made. */
export const restore: Route = {
  name: "PUT trash/resources/restore",
  scope: "write",
  params: ["path", "name", "overwrite", "force_async"],
  run: (call) => {
    const { account, query } = call;
    const found = findTrash(call, trashPath(call, query.get("path") ?? ""));
    const origin = [...found.item.originParts, ...found.parts.slice(1)];
    const to = restoredPlace(origin, query.get("name"));
    return launch(call, {
      do: () => account.disk.restore(found.entry, to, readFlag(query, "overwrite")),
      locks: [to],
      isUsuallyAsync: found.entry.kind === "dir" && found.entry.children.size > 0,
      forceAsync: readFlag(query, "force_async"),
      done: () => ({ status: 201, value: resourceLink(call, to) }),
    });
  },
};

/** One item for good, or all of them. */
export const deleteTrash: Route = {
  name: "DELETE trash/resources",
  scope: "write",
  params: ["path", "force_async"],
  run: (call) => {
    const { account, query } = call;
    const { trash } = account.disk;
    const path = query.get("path");
    const found = path === undefined ? undefined : findTrash(call, trashPath(call, path));
    const isLarge = found === undefined ? trash.all().length > 0 : found.entry.kind === "dir";
    return launch(call, {
      do: () => {
        const items = found === undefined ? trash.empty().map(({ entry }) => entry) : [found.entry];
        for (const entry of items) account.disk.forget(entry);
        if (found !== undefined) trash.take(found.entry);
      },
      locks: [],
      isUsuallyAsync: isLarge,
      forceAsync: readFlag(query, "force_async"),
      done: () => ({ status: 204, value: undefined }),
    });
  },
};

interface Found {
  readonly item: TrashItem;
  readonly entry: Entry;
  readonly parts: Parts;
}

function trashPath(call: Call, raw: string): Parts {
  const path = parsePath(raw, call.world.settings, call.misuse);
  if (path.area === "trash") return path.parts;
  call.misuse(`${raw} is not a path of the trash`);
  throw badField("path");
}

function findTrash({ account }: Call, parts: Parts): Found {
  const found = account.disk.trash.find(parts);
  if (found === undefined) throw notFound();
  return { ...found, parts };
}

function show(call: Call, found: Found): Record<string, unknown> {
  return describeTrash(found, (file: File) => downloadUrl(call, file));
}

/** A name renames; a whole path was seen to be accepted as well. */
function restoredPlace(origin: Parts, name: string | undefined): Parts {
  if (name === undefined) return origin;
  return name.includes("/") ? fromTestPath(name.replace(/^disk:/, "")) : [...origin.slice(0, -1), name];
}

function sortItems(items: readonly TrashItem[], sort: string): readonly TrashItem[] {
  const sign = sort.startsWith("-") ? -1 : 1;
  const key = ({ deletedMs, entry }: TrashItem): number => (sort.endsWith("created") ? entry.createdMs : deletedMs);
  return [...items].sort((a, b) => sign * (key(a) - key(b)));
}
